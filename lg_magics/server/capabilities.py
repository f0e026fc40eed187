"""What a deployment's calls accept, and which calls it lacks: from its OpenAPI document, and from the requests that it rejects.

Unknown capabilities are assumed to exist, and tried. What a deployment rejects once is not sent again on this connection. A
server silently ignores a field that its document does not list; `OPTIONS` names the fields whose loss matters to users. A
server's `/info` does not list its routes, and its document does not cover a gateway in front of it. So `lacking` probes each
call with a harmless request (an empty page, a thread that does not exist, a run without an assistant).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lg_magics.errors import DeploymentError, Unsupported
from lg_magics.server.paging import SAFE_MOST

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = [
    "CREATE_CRON",
    "CREATE_CRON_ON_THREAD",
    "CREATE_RUN",
    "LIST_NAMESPACES",
    "LIST_RUNS",
    "SEARCH_ASSISTANTS",
    "SEARCH_CRONS",
    "SEARCH_ITEMS",
    "SEARCH_THREADS",
    "Capabilities",
    "lacking",
]

CREATE_RUN = "POST /threads/{}/runs"
CREATE_CRON = "POST /runs/crons"
CREATE_CRON_ON_THREAD = "POST /threads/{}/runs/crons"
LIST_NAMESPACES = "POST /store/namespaces"
LIST_RUNS = "GET /threads/{}/runs"
SEARCH_ASSISTANTS = "POST /assistants/search"
SEARCH_CRONS = "POST /runs/crons/search"
SEARCH_ITEMS = "POST /store/items/search"
SEARCH_THREADS = "POST /threads/search"
UNKNOWN_MOST = 1000
"""The longest page of LangGraph's own server."""
OPTIONS: Mapping[str, str] = {
    "multitask_strategy": "--multitask",
    "interrupt_before": "--interrupt-before",
    "interrupt_after": "--interrupt-after",
    "after_seconds": "--after",
    "webhook": "--webhook",
    "durability": "--durability",
    "context": "--context",
}
"""The options whose field a deployment may not support."""
DEPTH = 8  # maximum depth of nested references and alternatives
NOBODY = "00000000-0000-0000-0000-000000000000"
PROBES: Mapping[str, tuple[str, Mapping[str, Any] | None]] = {
    "list of assistants": ("/assistants/search", {"limit": 1}),
    "list of threads": ("/threads/search", {"limit": 1}),
    "copy of threads": (f"/threads/{NOBODY}/copy", None),
    "stateless runs": ("/runs", {}),
    "store": ("/store/namespaces", {"limit": 1}),
    "crons": ("/runs/crons/search", {"limit": 1}),
}
"""The features that may be lacking, under their names for `doing(feature=…)`."""


class Capabilities:
    """The capabilities of one deployment. A call is named by method and path: `POST /threads/{}/runs`.

    Args:
        document: the deployment's OpenAPI document; empty if it has none.
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self._document = document if isinstance(document, Mapping) else {}
        self._fields: dict[str, Mapping[str, Any] | None] = {}
        self._refused: set[tuple[str, str]] = set()
        self._most: dict[str, int] = {}
        self._words: dict[tuple[str, str], frozenset[str] | None] = {}
        self.ignored: dict[str, None] = {}  # ignored options found so far, in order

    def takes(self, call: str, name: str) -> bool:
        """Return whether a call accepts a field, as far as known."""
        if (call, name) in self._refused:
            return False
        fields = self._fields_of(call)
        return fields is None or name in fields

    def refuse(self, call: str, *names: str) -> None:
        """Record that a call does not accept these fields."""
        self._refused.update((call, name) for name in names)

    def most(self, call: str) -> int:
        """Return the longest page that a call supports."""
        if call in self._most:
            return self._most[call]
        found = [each["maximum"] for each in self._alternatives(call, "limit") if _is_number(each.get("maximum"))]
        return max(1, int(min(found))) if found else UNKNOWN_MOST

    def refuse_pages(self, call: str) -> int:
        """Record that a call rejected the longest page assumed so far; return the longest one from now on."""
        self._most[call] = SAFE_MOST
        return SAFE_MOST

    def words(self, call: str, name: str) -> frozenset[str] | None:
        """Return the values that a field accepts; None if any, or if unknown."""
        if (call, name) not in self._words:
            self._words[call, name] = self._read_words(call, name)
        return self._words[call, name]

    def newly_ignored(self, call: str, sent: Mapping[str, Any]) -> list[str]:
        """Return the options of a request that a call ignores and that were not found before."""
        found = [
            option
            for name, option in OPTIONS.items()
            if sent.get(name) and not self.takes(call, name) and option not in self.ignored
        ]
        self.ignored |= dict.fromkeys(found)
        return found

    # -- the document -------------------------------------------------------------------------------------------

    def _fields_of(self, call: str) -> Mapping[str, Any] | None:
        """Return the schemas of a call's fields, by name; None if the document does not list them."""
        if call not in self._fields:
            self._fields[call] = self._read(call)
        return self._fields[call]

    def _read(self, call: str) -> Mapping[str, Any] | None:
        method, _, path = call.partition(" ")
        paths = _mapping(self._document.get("paths"))
        found = next((item for name, item in paths.items() if _plain(name) == path), None)
        operation = _mapping(_mapping(found).get(method.lower()))
        if not operation:
            return None
        parameters = operation.get("parameters")
        fields = {
            str(each.get("name")): _mapping(each.get("schema"))
            for each in (parameters if isinstance(parameters, list) else ())
            if isinstance(each, Mapping)
        }
        if method == "GET":
            return fields
        content = _mapping(_mapping(operation.get("requestBody")).get("content"))
        for schema in self._expanded(_mapping(content.get("application/json")).get("schema")):
            if schema.get("additionalProperties") or not isinstance(schema.get("properties"), Mapping):
                return None
            fields |= schema["properties"]
        return fields or None

    def _read_words(self, call: str, name: str) -> frozenset[str] | None:
        schemas = self._alternatives(call, name)
        inner = [each for schema in schemas for each in self._expanded(schema.get("items"))]
        listed = [each.get("enum") for each in (*schemas, *inner) if isinstance(each.get("enum"), list)]
        is_open = any(
            each.get("type") == "string" and "enum" not in each and "const" not in each for each in (*schemas, *inner)
        )
        if is_open or not listed:
            return None
        return frozenset(str(word) for words in listed for word in words or ())

    def _alternatives(self, call: str, name: str) -> list[Mapping[str, Any]]:
        return self._expanded((self._fields_of(call) or {}).get(name))

    def _expanded(self, schema: object, depth: int = 0) -> list[Mapping[str, Any]]:
        """Return a schema, or its alternatives, with references resolved."""
        if not isinstance(schema, Mapping) or depth > DEPTH:
            return []
        if isinstance(reference := schema.get("$ref"), str):
            return self._expanded(self._at(reference), depth + 1)
        for word in ("anyOf", "oneOf", "allOf"):
            if isinstance(schema.get(word), list):
                return [each for inner in schema[word] for each in self._expanded(inner, depth + 1)]
        return [schema]

    def _at(self, reference: str) -> object:
        found: object = self._document
        for name in reference.removeprefix("#/").split("/"):
            found = _mapping(found).get(name)
        return found


def _plain(path: object) -> str:
    """Return a path with its parameters unnamed."""
    return re.sub(r"\{[^}]*\}", "{}", str(path))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1


def lacking(connection: Connection) -> list[str]:
    """Return the features that this deployment lacks: `crons`. The first call probes the server, later ones reuse the result.

    Raises:
        Unreachable: the deployment stopped answering.
    """
    if not connection.is_probed:
        for feature, (path, body) in PROBES.items():
            _probe(connection, feature, path, body)
        connection.is_probed = True
    flags = connection.info.flags
    return sorted(connection.lacking | {feature for feature in PROBES if flags.get(feature) is False})


def _probe(connection: Connection, feature: str, path: str, body: Mapping[str, Any] | None) -> None:
    missing = "such thread" if NOBODY in path else ""
    try:
        with connection.doing("read what it can do", missing=missing, feature=feature):
            connection.sync.http.post(path, json=dict(body) if body is not None else None)
    except Unsupported:
        pass  # `doing` has recorded it
    except DeploymentError as problem:
        if problem.status_code is None:
            raise  # no answer at all; a rejection would be one
