"""Versions of an assistant: list them, and go back to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from lg_magics.actions.protected import refuse_if_protected
from lg_magics.commands.assistant_changes import look_again, send_update, shared_by_all
from lg_magics.errors import NotFound
from lg_magics.grammar.kinds import ASSISTANT, Limit, Offset
from lg_magics.grammar.registry import command
from lg_magics.model.assistant_settings import settings_from_row
from lg_magics.model.records import AssistantRecord
from lg_magics.model.secrets import row_without_secrets
from lg_magics.resolve.assistants import MOST, which_assistant_row
from lg_magics.session import Session
from lg_magics.tables.assistants import name_of_row, versions_table
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table

__all__ = ["use_version", "versions"]

Name = Annotated[str | None, ASSISTANT]


@command("assistant versions", group="Assistants")
def versions(
    session: Session, assistant: Name = None, *, limit: Limit = 20, offset: Offset = 0, all: bool = False
) -> Table:
    """List an assistant's versions, newest first, each with what it changed.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.

    Returns:
        A table with version, config and context, what changed and when; the version in force is marked.

    Example:
        %lg_assistant versions agent
    """
    row = which_assistant_row(session, assistant)
    end = MOST if all else min(MOST, offset + limit + 1)
    found = _read_versions(session, row, end)
    is_last = all or len(found) <= offset + limit
    table = versions_table(
        found,
        name_of_row(row),
        row.get("version"),
        is_whole=is_last and not offset,
        more="" if is_last else f"--limit {limit * 5} or --all",
        attrs={"deployment": session.connection.url, "assistant_id": row["assistant_id"]},
    )
    rows = table.rows[offset:] if all else table.rows[offset : offset + limit]
    return replace(table, rows=rows, offset=offset)  # the one behind them says what the last one changed


def _read_versions(session: Session, row: AssistantRecord, limit: int) -> list[AssistantRecord]:
    """The versions of an assistant, newest first."""
    return session.connection.assistants.versions(row.assistant_id, name_of_row(row), limit=limit)


@command("assistant use-version", group="Assistants")
def use_version(session: Session, version: int, assistant: Name = None, *, yes: bool = False) -> Facts:
    """Go back to a version of an assistant, or forward to one.

    The server alone brings a version's config back but not its context or graph, and runs then mix two versions: where these
    differ, the version's whole content is saved anew, as the newest version.

    Args:
        version: Its number.
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        yes: Do it on a protected deployment too.

    Returns:
        Which version is in force now; `.data` is the server's row.

    Raises:
        NotFound: the assistant has no such version.

    Example:
        %lg_assistant use-version 1 agent
    """
    row = which_assistant_row(session, assistant)
    refuse_if_protected(session, f"assistant {name_of_row(row)} stays version {row.get('version')}", yes=yes)
    known = _read_versions(session, row, MOST)
    wanted = next((each for each in known if each.get("version") == version), None)
    if wanted is None:
        numbers = sorted(int(each.get("version") or 0) for each in known)
        has = f"it has {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else "it has only one"
        raise NotFound(
            f"{name_of_row(row)} has no version {version}: {has}.", hint="%lg_assistant versions lists them."
        )
    after = session.connection.assistants.set_latest(row.assistant_id, name_of_row(row), version)
    is_whole = all((after.get(key) or {}) == (wanted.get(key) or {}) for key in ("config", "context", "graph_id"))
    if not is_whole:
        arguments = settings_from_row(wanted).arguments()
        after = send_update(session, row, graph_id=str(wanted.get("graph_id") or row["graph_id"]), **arguments)
    look_again(session)
    return _version_facts(row, after, version, is_whole=is_whole)


def _version_facts(row: Mapping[str, Any], after: Mapping[str, Any], version: int, *, is_whole: bool) -> Facts:
    facts = [("config and context", settings_from_row(after).words() or "none")]
    if is_whole:
        title = f"Assistant {name_of_row(after)} is version {version} again (was {row.get('version')})."
    else:
        title = (
            f"Assistant {name_of_row(after)} is what version {version} was, saved as version {after.get('version')}."
        )
        facts.append(("saved anew", "the server alone brings back a version's config, but not its context or graph"))
    return Facts(title, tuple(facts), warning=shared_by_all(after), data=row_without_secrets(after))
