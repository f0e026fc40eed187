"""SDK code for a run that was launched here, as a user would write it without lg_magics. Pure; contains no key."""

from __future__ import annotations

import json
import pprint
import re
from collections.abc import Mapping
from typing import Any

from lg_magics.model.run_request import RunRequest
from lg_magics.model.secrets import Path, fields_of, with_secrets_replaced

__all__ = ["code_from_request"]

LONGEST = 20_000
SETTINGS = ("config", "context", "metadata")


def code_from_request(
    request: RunRequest, *, url: str, key_variable: str | None, header_names: tuple[str, ...] = ()
) -> str:
    """Return code that launches the same run with langgraph_sdk, waits for it and prints its outcome.

    Args:
        request: the run.
        url: the deployment's address.
        key_variable: the environment variable that holds the key; None if no key is sent.
        header_names: the deployment's own headers; the user must fill in their values.

    Returns:
        Complete Python code, except if the input was too long to show, or a header's value is secret.
    """
    variables = _Variables(key_variable)
    code = f"{_client(url, key_variable, header_names, variables)}\n{_body(request, variables)}"
    standard = [name for name, use in (("json", "json.loads("), ("os", "os.environ[")) if use in code]
    imports = "".join(f"import {name}\n" for name in standard) + ("\n" if standard else "")
    return f"{imports}from langgraph_sdk import get_sync_client\n\n{code}"


def _client(url: str, key_variable: str | None, header_names: tuple[str, ...], variables: _Variables) -> str:
    key = f"os.environ[{key_variable!r}]" if key_variable else "None"
    # Their values are not known here: no other secret has the same.
    headers = {name: variables.read(("client", "headers", name), object()) for name in header_names}
    return f"client = get_sync_client(url={url!r}, api_key={key}{f', headers={headers}' if headers else ''})"


def _body(request: RunRequest, variables: _Variables) -> str:
    arguments = request.arguments()
    headers = arguments.pop("headers", {})
    for name, value in arguments.items():
        if name in SETTINGS:  # a named tuple would be a list in JSON
            plain = _plain(with_secrets_replaced(value, lambda path, held: held))
            arguments[name] = with_secrets_replaced(plain, variables.read, (name,))
        else:
            arguments[name] = _plain(value)
    lines = [f"    {name}={_literal(value)}," for name, value in arguments.items()]
    if headers:
        read = {name: variables.read(("headers", name), str(value)) for name, value in headers.items()}
        lines.append(f"    headers={read},")
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


class _Variables:
    """The environment variables for a code's secrets: each is named for one value, as briefly as possible."""

    def __init__(self, key_variable: str | None) -> None:
        self._held: dict[str, Any] = {key_variable: object()} if key_variable else {}

    def read(self, path: Path, value: Any) -> _Read:
        """Return how the code reads the value at a path."""
        words = [re.sub(r"\W", "_", str(step)).upper() for step in path]
        names = ["_".join(words[-count:]) for count in range(1, len(words) + 1) if not words[-count][:1].isdigit()]
        names += (f"{names[-1]}_{count}" for count in range(2, len(self._held) + 3))
        same = (name for name in self._held if name.endswith(words[-1]) and self._is_held(name, value))
        name = next(same, "") or next(name for name in names if name not in self._held)
        self._held[name] = value
        return _Read(name, isinstance(value, str) or type(value) is object)

    def _is_held(self, name: str, value: Any) -> bool:
        return type(self._held[name]) is type(value) and bool(self._held[name] == value)


class _Read:
    """A value that code reads from the environment. Values other than text are stored there as JSON."""

    def __init__(self, name: str, is_text: bool) -> None:
        self._read = f"os.environ[{name!r}]" if is_text else f"json.loads(os.environ[{name!r}])"

    def __repr__(self) -> str:
        return self._read


def _plain(value: Any) -> Any:
    """Return the value in its JSON form: message objects become dicts."""

    def default(thing: Any) -> Any:
        if (fields := fields_of(thing)) is not None:
            return fields
        return list(thing) if isinstance(thing, set | frozenset) else str(thing)

    if isinstance(value, Mapping | list | tuple | set):
        return json.loads(json.dumps(value, default=default))
    return value
