"""The result of `%lg_connect`. Requests the crons that earlier kernels left; draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lg_magics.actions.input_check import next_line
from lg_magics.resolve.assistants import assistant_name
from lg_magics.resolve.crons import left_over
from lg_magics.server.deployment import KEY_HEADER, Deployment
from lg_magics.server.settings import Settings
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

if TYPE_CHECKING:
    from lg_magics.local import LocalServer

__all__ = ["connected"]

WAIT_SECONDS = 1.0
"""Seconds to wait for the assistant's schemas. Without them the suggested next line is `%lg_schemas`."""
STUDIO = ("smith.langchain.com", "eu.smith.langchain.com")


def connected(session: Session, names: list[str], settings: Settings) -> Facts:
    """Facts about a connection: the deployment, its assistants, the current one, and the settings in force.

    Args:
        session: the session, connected to the deployment.
        names: the names of its assistants.
        settings: the settings that were read.
    """
    deployment = session.connection.deployment
    facts = _sources(deployment, settings)
    facts += [("assistants", ", ".join(names) or "none")]
    facts.append(("current", assistant_name(session, session.selection.assistant) or "none: %lg_assistant use NAME"))
    if session.selection.begins_thread:
        facts.append(("next run", "begins a new thread"))
    unready = [graph for graph in (session.local.graphs if session.local else ()) if not graph.ready]
    facts += [(graph.name, f"loaded, not ready: {graph.problem}") for graph in unready]
    if deployment.protect:
        facts.append(("protected", "what writes wants --yes"))
    facts += _admitted(session.local)
    if left := left_over(session):
        facts.append(("crons", left))
    return Facts(
        f"Connected to {deployment.name}.",
        tuple(facts),
        (next_line(session, wait_seconds=WAIT_SECONDS), ("%lg", "what else there is")),
        data={"url": deployment.url, "assistants": names, "assistant": session.selection.assistant},
        chip="protected" if deployment.protect else "",
    )


def _sources(deployment: Deployment, settings: Settings) -> list[tuple[str, str]]:
    """The settings file in force, the address that it named, and the files that were not trusted."""
    facts = [("address", deployment.url)] if deployment.name in settings.deployments else []
    facts += [("settings", str(settings.path))] if settings.path else []
    return facts + [("ignored", each) for each in settings.ignored]


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
