"""Complete SDK code for a run that was launched here: what a person would write without lg_magics. Pure; holds no key."""

from __future__ import annotations

import json
import pprint
from collections.abc import Mapping
from typing import Any

from lg_magics.model.run_request import RunRequest
from lg_magics.model.secrets import with_secrets_replaced

__all__ = ["code_from_request"]

LONGEST = 20_000
SETTINGS = ("config", "context", "metadata")


def code_from_request(
    request: RunRequest, *, url: str, key_variable: str | None, header_names: tuple[str, ...] = ()
) -> str:
    """Code that launches the same run with langgraph_sdk, waits for it and prints its outcome.

    Args:
        request: the run.
        url: the deployment's address.
        key_variable: the environment variable that holds the key; None if no key is sent.
        header_names: the deployment's own headers; their values are left for the reader to fill in.

    Returns:
        Python that runs as it is, but where the input was too long to show, or a header's value is secret.
    """
    code = f"{_client(url, key_variable, header_names)}\n{_body(request)}"
    standard = [name for name, use in (("json", "json.loads("), ("os", "os.environ[")) if use in code]
    imports = "".join(f"import {name}\n" for name in standard) + ("\n" if standard else "")
    return f"{imports}from langgraph_sdk import get_sync_client\n\n{code}"


def _client(url: str, key_variable: str | None, header_names: tuple[str, ...]) -> str:
    key = f"os.environ[{key_variable!r}]" if key_variable else "None"
    headers = f", headers={_secret_headers(header_names)}" if header_names else ""
    return f"client = get_sync_client(url={url!r}, api_key={key}{headers})"


def _secret_headers(names: tuple[str, ...]) -> str:
    pairs = ", ".join(f"{name!r}: os.environ[{name.upper().replace('-', '_')!r}]" for name in names)
    return f"{{{pairs}}}"


def _body(request: RunRequest) -> str:
    arguments = request.arguments()
    headers = arguments.pop("headers", None)
    for name, value in arguments.items():
        plain = _plain(value)
        arguments[name] = with_secrets_replaced(plain, _Variable) if name in SETTINGS else plain
    lines = [f"    {name}={_literal(value)}," for name, value in arguments.items()]
    if headers:
        lines.append(f"    headers={_secret_headers(tuple(headers))},")
    call = "\n".join([f"    {request.thread_id!r},", f"    {request.assistant!r},", *lines])
    if request.thread_id is None:
        return f"values = client.runs.wait(\n{call}\n)\nprint(values)\n"
    return (
        f"run = client.runs.create(\n{call}\n)\n"
        'client.runs.join(run["thread_id"], run["run_id"])  # waits; the outcome is in the run and the thread\n'
        'print(client.runs.get(run["thread_id"], run["run_id"])["status"])\n'
        'print(client.threads.get_state(run["thread_id"])["values"])\n'
    )


def _literal(value: Any) -> str:
    text = pprint.pformat(value, width=100, sort_dicts=False)
    if len(text) > LONGEST:
        return f"...  # too long to show: {len(text):,} characters"
    return text.replace("\n", "\n    ")


class _Variable:
    """A value that is read from the environment: how it is written in code. What is not text is kept there as JSON."""

    def __init__(self, name: str, value: Any) -> None:
        self._name = name.upper().replace("-", "_")
        self._is_text = isinstance(value, str)

    def __repr__(self) -> str:
        read = f"os.environ[{self._name!r}]"
        return read if self._is_text else f"json.loads({read})"


def _plain(value: Any) -> Any:
    """The value as JSON would carry it: message objects become dicts."""

    def default(thing: Any) -> Any:
        if hasattr(thing, "model_dump"):
            return thing.model_dump()
        return list(thing) if isinstance(thing, set | frozenset) else str(thing)

    if isinstance(value, Mapping | list | tuple | set):
        return json.loads(json.dumps(value, default=default))
    return value
