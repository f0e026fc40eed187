"""Resolves a version of an assistant, `support@2`, to its graph, config and context. Changes nothing on the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lg_magics.errors import NotFound
from lg_magics.model.run_request import RunRequest
from lg_magics.resolve.assistants import which_assistant_row
from lg_magics.server.paging import MOST
from lg_magics.session import Session
from lg_magics.tables.assistants import name_of_row

__all__ = ["Version", "version_named", "version_settings", "with_settings"]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an assistant: its graph, and the config and context that its runs take."""

    assistant_id: str
    name: str
    number: int
    graph: str
    settings: Mapping[str, Any]


def version_named(session: Session, name: str) -> Version | None:
    """The version that `NAME@2` names; None for a name without a number, or if an assistant has this very name.

    Raises:
        UnknownReference: there is no such assistant.
        NotFound: it has no such version.
    """
    base, at, number = name.rpartition("@")
    if not (at and base and number.isdecimal()) or name in session.assistants:
        return None
    row = which_assistant_row(session, base)
    return _version(session, row.assistant_id, name_of_row(row), int(number))


def version_settings(session: Session, assistant_id: str, number: int) -> Mapping[str, Any]:
    """The config and context of a version.

    Raises:
        NotFound: it is not there any more.
    """
    return _version(session, assistant_id, assistant_id, number).settings


def with_settings(version: Version, request: RunRequest) -> RunRequest:
    """A request for a version's graph with the version's config and context under its own."""
    config, context = version.settings["config"], version.settings["context"]
    own, values = dict(request.config), dict(request.config.get("configurable") or {})
    if request.context:  # the server stores configurable values and a context side by side, but uses only one of them
        config = {key: value for key, value in config.items() if key != "configurable"}
        return replace(request, config={**config, **own}, context={**context, **request.context})
    values = {**(config.get("configurable") or {}), **values}
    return replace(request, config={**config, **own, **({"configurable": values} if values else {})})


def _version(session: Session, assistant_id: str, shown: str, number: int) -> Version:
    found = session.connection.assistants.versions(assistant_id, shown, limit=MOST)
    version = next((each for each in found if each.version == number), None)
    if version is None:
        raise NotFound(f"{shown} has no version {number}.", hint="%lg_assistant versions lists them.")
    settings = {"config": dict(version.mapping("config")), "context": dict(version.mapping("context"))}
    return Version(assistant_id, shown, number, version.graph_id, settings)
