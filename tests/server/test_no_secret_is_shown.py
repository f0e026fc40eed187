"""Secrets in the settings of everything: no command that takes or shows them shows one, as text, HTML, data or code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import assistants, crons, deployment, runs, state, threads
from lg_magics.commands.batch import batch
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

SETTINGS: dict[str, Any] = {
    "api_key": "sesame-1",
    "accounts": [{"name": "db_password", "value": "sesame-2"}],
    "mcp": {"args": ["--token", "sesame-3"], "env": ["SECRET=sesame-4"], "url": "https://me:sesame-5@db.example"},
    "headers": [["Authorization", "Bearer sesame-6"], ["n", 1, 2]],
}
CONFIG = {"configurable": SETTINGS}
COMMANDS: dict[str, Callable[[Session], object]] = {
    "set": lambda session: deployment.set_defaults(session, api_key="sesame-1"),
    "status": deployment.status,
    "clear": lambda session: deployment.set_defaults(session, clear=True),
    "thread new": lambda session: threads.new(session, metadata=SETTINGS),
    "thread update": lambda session: threads.update(session, metadata=SETTINGS),
    "thread show": threads.show,
    "threads": threads.threads,
    "assistant create": lambda session: assistants.create(
        session, "agent", name="kept", config=CONFIG, metadata=SETTINGS
    ),
    "assistant update": lambda session: assistants.update(
        session, "kept", metadata={**SETTINGS, "more": 1}, merge=True
    ),
    "assistant show": lambda session: assistants.show(session, "kept"),
    "assistant versions": lambda session: assistants.versions(session, "kept"),
    "assistant use-version": lambda session: assistants.use_version(session, 1, "kept"),
    "assistants": assistants.assistants,
    "schemas": lambda session: assistants.schemas(session, "kept"),
    "run": lambda session: runs.run(
        session, "hello", assistant="agent", thread="new", configurable=SETTINGS, metadata=SETTINGS, wait=True
    ),
    "runs": runs.runs,
    "history": state.history,
    "batch": lambda session: batch(
        session, [{"q": "hi"}], input="q", assistant="agent", configurable=SETTINGS, metadata=SETTINGS, dry_run=True
    ),
    "cron create": lambda session: crons.create(
        session, "0 0 1 1 *", "hi", assistant="agent", configurable=SETTINGS, metadata=SETTINGS
    ),
    "cron show": lambda session: crons.show(session, "last"),
    "cron update": lambda session: crons.update(session, "last", metadata={**SETTINGS, "more": 1}),
    "crons": crons.crons,
    "cron delete": lambda session: crons.delete(session, "last"),
}


@pytest.fixture
def left(sdk: SyncLangGraphClient) -> Iterator[None]:
    yield
    for made in sdk.assistants.search(limit=1000):
        if made["name"] == "kept":
            sdk.assistants.delete(made["assistant_id"])


def shown_by(result: Any) -> Iterator[str]:
    """All that a person or a program is given of a result, but what the server keeps for its graph."""
    yield repr(result)
    yield str(bundle(result))
    for name in ("data", "raw", "metadata", "info", "df"):
        if hasattr(result, name):
            found = getattr(result, name)
            yield found.to_json(date_format="iso") if name == "df" else str(found)
    if hasattr(result, "info"):
        yield getattr(result.info, "code", "")


@pytest.mark.usefixtures("left")
def test_no_command_shows_a_secret_of_what_it_is_given_or_reads(session: Session) -> None:
    found = {}
    for name, command in COMMANDS.items():
        shown = list(shown_by(command(session)))
        found[name] = [text[max(0, text.find("sesame") - 60) :][:80] for text in shown if "sesame" in text]
    assert {name: texts for name, texts in found.items() if texts} == {}
