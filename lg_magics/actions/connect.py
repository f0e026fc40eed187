"""Connects a session to a deployment: to an address, a name from the settings, or the embedded server. Draws nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lg_magics import errors
from lg_magics.actions.input_check import next_line
from lg_magics.actions.schema_cache import begin_schemas
from lg_magics.errors import CommandError, LgError, LocalServerError
from lg_magics.files import path_of
from lg_magics.model.records import AssistantRecord
from lg_magics.model.references import is_full_id
from lg_magics.resolve.assistant_on_thread import use_assistant
from lg_magics.resolve.assistants import PREFERRED, assistant_name, assistant_rows, which_assistant
from lg_magics.resolve.crons import left_over
from lg_magics.server.connection import Connection
from lg_magics.server.connection import connect as open_connection
from lg_magics.server.deployment import KEY_HEADER, Deployment, deployment_from_url, merged_headers
from lg_magics.server.recent import remember_address
from lg_magics.server.settings import URL_VARIABLE, Settings, read_settings
from lg_magics.server.waits import note
from lg_magics.session import Session
from lg_magics.tables.assistants import is_system
from lg_magics.tables.facts import Facts

if TYPE_CHECKING:
    from lg_magics.local import LocalServer

__all__ = ["LOCAL", "connect_local", "connect_to", "open_other", "wants_local"]

LOCAL, LOOPBACK = "local", "http://127.0.0.1"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
LOCAL_SECONDS = 20  # for a server that is known to run: the machine may be busy
WAIT_SECONDS, LOCAL_WAIT_SECONDS = 1.0, 5.0
"""Seconds to wait for the assistant's schemas; an embedded server that has just started may be slow.

Without them the suggested next line is `%lg_schemas`.
"""
STUDIO = ("smith.langchain.com", "eu.smith.langchain.com")


def connect_to(
    session: Session,
    target: str | None,
    assistant: str | None = None,
    *,
    headers: Mapping[str, str],
    api_key_env: str | None = None,
    timeout: float | None = None,
) -> Facts:
    """Connect to a deployment that runs: at an address, or under a name from the settings, or the one that they name first.

    In a headless runner, `local` is the deployment that LANGGRAPH_URL names (see `wants_local`).

    Raises:
        Unreachable: nothing answers within 2 s. SettingsError: no deployment has this name.
    """
    settings = read_settings()
    deployment = _deployment(settings, None if target == LOCAL else target)
    deployment = replace(
        deployment,
        headers=merged_headers(deployment.headers, headers),
        api_key_env=api_key_env or deployment.api_key_env,
        timeout=timeout,
    )
    found = _use(session, open_connection(deployment), assistant or deployment.assistant, settings)
    if deployment.name not in settings.deployments:
        remember_address(deployment.url)
    return found


def open_other(session: Session, target: str) -> Connection:
    """Open a second connection, to an address, a name from the settings, or `local`. The caller closes it.

    `local` is the embedded server that this session used last, and never another deployment.

    Raises:
        Unreachable: nothing answers within 2 s. SettingsError: no deployment has this name.
        LgError: `local`, and no embedded server of this session runs.
    """
    if target != LOCAL:
        return open_connection(_deployment(read_settings(), target))
    from lg_magics import local

    server, deployment = session.embedded or (None, None)
    if server is None or deployment is None or not local.is_alive(server):
        raise LgError("No embedded server of this session runs.", hint="%lg_connect local starts one.")
    return open_connection(deployment, LOCAL_SECONDS)


def connect_local(
    session: Session,
    assistant: str | None = None,
    *,
    headers: Mapping[str, str] = NO_HEADERS,
    api_key_env: str | None = None,
    timeout: float | None = None,
    config: str | None = None,
    graph: str | None = None,
    **how: Any,
) -> Facts:
    """Start the embedded server, or adopt the one that runs, and connect to it; `how` goes to `local.start`.

    Raises:
        LocalServerError: the embedded server, or a graph, cannot be started.
    """
    from lg_magics import local

    deployment = Deployment(LOCAL, LOOPBACK, headers, api_key_env, timeout=timeout)
    deployment.key()  # raise its errors before a server is started
    settings = read_settings()
    how |= {"private": not session.is_attended, "on_progress": note}
    server = local.start(config=path_of(config) if config else None, graph=graph, **how)
    try:
        found = replace(deployment, url=server.url, key_file=server.key_file)
        return _use(session, open_connection(found, timeout or LOCAL_SECONDS), assistant, settings, server)
    except BaseException:
        _give_up(session, server)
        raise


def wants_local(session: Session, target: str | None, *, own: bool) -> bool:
    """Whether to start the embedded server. A headless runner with LANGGRAPH_URL uses that deployment instead.

    That deployment replaces the demo. It does not have a user's `own` graphs, so they are served here all the same.
    """
    if target is None:
        return not os.environ.get(URL_VARIABLE) and read_settings().default == LOCAL
    return target == LOCAL and (own or session.is_attended or not os.environ.get(URL_VARIABLE))


def _deployment(settings: Settings, target: str | None) -> Deployment:
    """The deployment at an address, or with a name from the settings; without either, that of LANGGRAPH_URL or the default."""
    target = os.environ.get(URL_VARIABLE) or settings.default if target is None else target
    if target is None:
        names = f" or one of {', '.join(settings.deployments)}" if settings.deployments else ""
        raise CommandError("A deployment is missing.", hint=f"%lg_connect local, an address{names}.")
    if target in settings.deployments or not _looks_like_address(target):
        return settings.deployment(target)
    found = deployment_from_url(target)
    return replace(found, protect=settings.protects(found))


def _looks_like_address(target: str) -> bool:
    return "://" in target or ":" in target or "." in target or target == "localhost"


def _give_up(session: Session, server: LocalServer) -> None:
    """Stop a server that was started here and cannot be used; release one that ran before."""
    from lg_magics import local

    is_in_use = session.local is not None and session.local.folder == server.folder
    if not server.adopted:
        with suppress(LocalServerError):  # another kernel has adopted it meanwhile
            local.stop(server)
            return
    if not is_in_use:
        local.release(server)


def _use(
    session: Session,
    connection: Connection,
    assistant: str | None,
    settings: Settings,
    server: LocalServer | None = None,
) -> Facts:
    """Use a connection, with its assistants and the settings. If that fails halfway, the last connection is kept."""
    before = session.kept()
    session.use_connection(connection, server)
    try:
        rows = _rows(session)
        names = [name for name in session.assistants if not is_full_id(name)] if rows is not None else []
        session.select(defaults=session.selection.defaults.with_settings(settings.configurable))
        if assistant:
            session.select(assistant=None)
            use_assistant(session, which_assistant(session, assistant))
        elif not _is_there(session, names):
            session.select(assistant=_first_choice(names))
    except BaseException:
        session.restore(before)
        raise
    _begin_to_describe(session, rows or [])
    return _connected(session, names, settings)


def _rows(session: Session) -> list[AssistantRecord] | None:
    try:
        return assistant_rows(session)
    except errors.Unsupported:
        return None


def _begin_to_describe(session: Session, rows: Sequence[AssistantRecord]) -> None:
    """Start to read the schemas of the current assistant: the suggested next line depends on them."""
    if sent := session.selection.assistant:
        row = (row for row in rows if sent in (row.assistant_id, row.text("graph_id") if is_system(row) else ""))
        begin_schemas(session, sent, next(row, None))


def _is_there(session: Session, names: list[str]) -> bool:
    """Whether the deployment still has the current assistant, which may be known by its id."""
    current = session.selection.assistant
    return current is not None and (current in names or current in session.assistants)


def _first_choice(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else PREFERRED if PREFERRED in names else None


def _connected(session: Session, names: list[str], settings: Settings) -> Facts:
    """Facts about a connection: the deployment, its assistants, the current one, and the settings in force.

    Args:
        session: the session, connected to the deployment.
        names: the names of its assistants.
        settings: the settings that were read.
    """
    deployment = session.connection.deployment
    facts = _sources(session, settings)
    facts += [("assistants", ", ".join(names) or "none")]
    facts.append(("current", assistant_name(session, session.selection.assistant) or "none: %lg_assistant use NAME"))
    if session.selection.begins_thread:
        facts.append(("next run", "begins a new thread"))
    unready = [graph for graph in (session.local.graphs if session.local else ()) if not graph.ready]
    facts += [(graph.name, f"not served: {graph.problem}; then connect again") for graph in unready]
    if deployment.protect:
        facts.append(("protected", "writes require --yes"))
    facts += _admitted(session.local)
    if left := left_over(session):
        facts.append(("crons", left))
    wait_seconds = LOCAL_WAIT_SECONDS if session.local else WAIT_SECONDS
    return Facts(
        f"Connected to {deployment.name}.",
        tuple(facts),
        (next_line(session, wait_seconds=wait_seconds), ("%lg", "what else there is")),
        data={"url": deployment.url, "assistants": names, "assistant": session.selection.assistant},
        chip="protected" if deployment.protect else "",
    )


def _sources(session: Session, settings: Settings) -> list[tuple[str, str]]:
    """The settings file in force, its address and defaults, the proxy, and the files and keys that are not used."""
    connection, deployment = session.connection, session.connection.deployment
    facts = [("address", deployment.url)] if deployment.name in settings.deployments else []
    facts += [("settings", str(settings.path))] if settings.path else []
    if settings.configurable:
        facts.append(("defaults", ", ".join(session.selection.defaults.words())))
    facts += [("proxy", connection.shown_proxy)] if connection.shown_proxy else []
    ignored = [f"{name} (the key in it {why})" for name, why in deployment.unusable_keys.items()]
    return facts + [("ignored", each) for each in (*settings.ignored, *ignored)]


def _admitted(server: LocalServer | None) -> list[tuple[str, str]]:
    """The web pages that may use the embedded server, and the key that programs need."""
    if server is None:
        return []
    studio = [origin for origin in server.origins if urlsplit(origin).hostname in STUDIO]
    facts = [("pages of", ", ".join(server.origins))] if server.origins else []
    facts += [("Studio", f"{origin}/studio/?baseUrl={server.url}") for origin in studio]
    if server.key_file:
        facts.append(("needs", f"the header {KEY_HEADER}, from {server.key_file}"))
    return facts
