"""Resolves a version of an assistant, `support@2`, to what is sent for it. Changes nothing on the server.

The server merges a run's settings over those of the assistant that is sent: any that a version lacks would be added to its runs.
So a version is sent as its own assistant where that adds nothing, and as the graph's own assistant otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lg_magics.errors import CommandError, NotFound
from lg_magics.grammar.words import word_from_text
from lg_magics.model.assistant_settings import settings_from_row
from lg_magics.model.records import AssistantRecord
from lg_magics.model.run_request import RunRequest
from lg_magics.resolve.assistants import which_assistant_row
from lg_magics.server.paging import MOST
from lg_magics.session import Session
from lg_magics.tables.assistants import name_of_row

__all__ = ["Version", "refuse_added", "version_named", "version_of", "with_settings"]

CONFIGURABLE = "configurable"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an assistant: the config and context that its runs take, and how they are sent.

    `sent` is the value to send as the assistant, and `sent_name` its name. `added` are the names of its settings that the
    version lacks.
    """

    assistant_id: str
    name: str
    number: int
    settings: Mapping[str, Any]
    sent: str
    sent_name: str
    added: Collection[str]


def version_named(session: Session, name: str) -> Version | None:
    """The version that `NAME@2` names; None for a name without a number, or if an assistant has this very name.

    Raises:
        UnknownReference: there is no such assistant.
        NotFound: it has no such version.
    """
    base, at, number = name.rpartition("@")
    if not (at and base and number.isdecimal()) or name in session.assistants:
        return None
    return _version(session, which_assistant_row(session, base), int(number))


def version_of(session: Session, assistant_id: str, number: int) -> Version:
    """A version of the assistant with this id.

    Raises:
        NotFound: it is not there any more.
    """
    return _version(session, session.connection.assistants.find(assistant_id), number)


def with_settings(version: Version, request: RunRequest) -> RunRequest:
    """A request for a version with the version's config and context under its own.

    Raises:
        CommandError: the server would add a setting that neither has.
    """
    config, context = version.settings["config"], version.settings["context"]
    own, values = dict(request.config), dict(request.config.get(CONFIGURABLE) or {})
    if request.context:  # the server stores configurable values and a context side by side, but uses only one of them
        config = {key: value for key, value in config.items() if key != CONFIGURABLE}
        request = replace(request, config={**config, **own}, context={**context, **request.context})
    else:
        values = {**(config.get(CONFIGURABLE) or {}), **values}
        request = replace(request, config={**config, **own, **({CONFIGURABLE: values} if values else {})})
    refuse_added(version, request.config, request.context)
    return request


def refuse_added(version: Version, config: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    """Refuse to run a version with these settings if the server would add others.

    Raises:
        CommandError: it would; the message names them.
    """
    given = {*config, *(config.get(CONFIGURABLE) or {}), *context}
    if added := [name for name in version.added if name not in given]:
        raise CommandError(
            f"Version {version.number} of {version.name} lacks {', '.join(added)}, which the deployment adds from the assistant "
            f"{version.sent_name}.",
            hint=f"Give each a value for these runs (-c {added[0]}=…), or make the version current: "
            f"%lg_assistant use-version {version.number} {word_from_text(version.name)}",
        )


def _version(session: Session, row: AssistantRecord, number: int) -> Version:
    name = name_of_row(row)
    found = session.connection.assistants.versions(row.assistant_id, name, limit=MOST)
    version = next((each for each in found if each.version == number), None)
    if version is None:
        raise NotFound(f"{name} has no version {number}.", hint="%lg_assistant versions lists them.")
    settings = {"config": dict(version.mapping("config")), "context": dict(version.mapping("context"))}
    graph = version.graph_id
    is_same_graph = row.graph_id == graph
    sent, sent_name, added = row.assistant_id, name, _added(row, version)
    if added or not is_same_graph:
        try:
            own = session.connection.assistants.of_system(graph)
        except NotFound:
            if not is_same_graph:
                raise
        else:
            sent, sent_name, added = graph, graph, _added(own, version)
    return Version(row.assistant_id, name, number, settings, sent, sent_name, added)


def _added(row: AssistantRecord, version: AssistantRecord) -> list[str]:
    """The names of an assistant's settings that a version lacks."""
    has, lacks = settings_from_row(row), settings_from_row(version)
    return [*(name for name in has.values if name not in lacks.values), *(n for n in has.rest if n not in lacks.rest)]
