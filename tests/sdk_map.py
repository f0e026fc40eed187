"""What docs/sdk.toml says of each method and parameter of the SDK's clients, and what the installed SDK has. Calls nothing."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from langgraph_sdk import get_sync_client

from lg_magics.grammar.lookup import command_for_line
from lg_magics.grammar.registry import Command

DATA: Mapping[str, Any] = tomllib.loads((Path(__file__).parents[1] / "docs/sdk.toml").read_text("utf-8"))
METHODS: Mapping[str, Mapping[str, Any]] = {
    f"{resource}.{name}": method
    for resource, methods in DATA.items()
    if resource not in ("every", "newer")
    for name, method in methods.items()
}
"""The methods of the data file, as `runs.create`."""

KINDS = ("options", "sent", "without")


def sdk_signatures() -> dict[str, inspect.Signature]:
    """The public methods of the installed SDK's resource clients, as `runs.create`, without `self`."""
    with get_sync_client(url="http://127.0.0.1:9", api_key=None) as client:
        return {
            f"{resource}.{name}": inspect.signature(getattr(its, name))
            for resource, its in vars(client).items()
            if resource != "http"
            for name in dir(its)
            if not name.startswith("_") and callable(getattr(its, name))
        }


def entry(method: str, parameter: str) -> tuple[str, str, str]:
    """Where a parameter went: its kind (options, sent, without; "" for nowhere), its words, and the method that it is of."""
    for where in filter(None, (method, METHODS.get(method, {}).get("by"))):
        for kind in KINDS:
            if parameter in METHODS[where].get(kind, {}):
                return kind, METHODS[where][kind][parameter], where
    if parameter in DATA["every"]:
        return "without", DATA["every"][parameter], method
    return "", "", method


def spelled(method: str) -> Iterator[tuple[Command, str]]:
    """Each word of a method's options, with the command that it is of."""
    first = METHODS[method]["typed"].partition("%")[2].partition("`")[0]
    for words in METHODS[method].get("options", {}).values():
        command = _command(first)
        for part in words.split("; "):
            for word in part.rpartition(": ")[2].split(", "):
                if word.startswith("%"):
                    command = _command(word[1:])
                yield command, word


def _command(typed: str) -> Command:
    noun, _, rest = typed.partition(" ")
    found, _ = command_for_line(noun.removeprefix("lg_"), rest)
    assert found is not None
    return found
