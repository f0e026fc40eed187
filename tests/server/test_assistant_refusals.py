"""What is refused of an assistant, in words; and what becomes of a graph whose own one is deleted all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import assistants, deployment, runs
from lg_magics.errors import CommandError, Conflict, LgError, NotFound, UnknownReference
from lg_magics.session import Session

NOBODY = "01a1faa6-5475-715e-a455-20158515fd36"


def test_the_systems_own_is_deleted_only_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    server = local.start(private=True)
    session = Session()
    try:
        deployment.connect(session, server.url)
        with pytest.raises(LgError, match="no run can name the graph agent") as caught:
            assistants.delete(session, "agent")
        assert caught.value.hint == "--force deletes it all the same."
        assert assistants.delete(session, "agent", force=True).title.startswith("Deleted assistant agent.")
        with pytest.raises(UnknownReference, match="No assistant 'agent'"):
            runs.run(session, "hi", assistant="agent")
        changed = assistants.update(session, "workbench", configurable={"a": "1"})
        assert changed.warning == "Every run that names the graph workbench begins with this now."
    finally:
        session.close()
        local.stop(server)


REFUSED: dict[str, tuple[Callable[[Session], object], type[Exception], str]] = {
    "a graph by a typo": (
        lambda s: assistants.create(s, "agnet", name="x"),
        NotFound,
        "No graph 'agnet' on .* Did you mean agent",
    ),
    "a name that is taken": (
        lambda s: assistants.create(s, "agent", name="agent"),
        Conflict,
        "There is an assistant 'agent' already",
    ),
    "the server's own mark": (
        lambda s: assistants.create(s, "agent", name="x", metadata={"created_by": "system"}),
        CommandError,
        "is the mark of the assistants that the server made",
    ),
    "an empty new name": (lambda s: assistants.update(s, "agent", name=" "), CommandError, "empty name"),
    "a new name that is taken": (
        lambda s: assistants.update(s, "agent", name="approval"),
        Conflict,
        "There is an assistant 'approval' already",
    ),
    "an empty name": (lambda s: assistants.create(s, "agent", name=" "), CommandError, "empty name"),
    "values twice": (
        lambda s: assistants.create(s, "agent", name="x", configurable={"a": 1}, context={"a": 1}),
        CommandError,
        "cannot go together",
    ),
    "nothing to update": (lambda s: assistants.update(s, "agent"), CommandError, "needs what to change"),
    "nothing to replace by": (
        lambda s: assistants.update(s, "agent", name="x", replace=True),
        CommandError,
        "--replace needs the new settings",
    ),
    "merge and replace": (
        lambda s: assistants.update(s, "agent", context={"a": 1}, merge=True, replace=True),
        CommandError,
        "Both --merge and --replace",
    ),
    "a version that is not there": (
        lambda s: assistants.use_version(s, 99, "agent"),
        NotFound,
        "agent has no version 99",
    ),
    "an id that nobody has": (lambda s: assistants.show(s, NOBODY), NotFound, f"No assistant '{NOBODY}'"),
    "a name by a typo": (lambda s: assistants.show(s, "agnet"), UnknownReference, "Did you mean agent"),
    "versions of nobody": (lambda s: assistants.versions(s, "nobody"), UnknownReference, "No assistant 'nobody'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_words(session: Session, what: str) -> None:
    do, kind, words = REFUSED[what]
    with pytest.raises(kind, match=words):
        do(session)


def test_the_names_that_are_listed_are_inert(session: Session, sdk: SyncLangGraphClient) -> None:
    twins = [sdk.assistants.create("agent", name="\x1b[31mtwin") for _ in range(2)]
    lone = sdk.assistants.create("agent", name="\x1b[31mlone")
    try:
        with pytest.raises(UnknownReference, match=r"2 assistants go by") as listed:
            assistants.show(session, "\x1b[31mtwin")
        with pytest.raises(UnknownReference, match=r"No assistant 'zzz'.*There are .*␛\[31mlone") as named:
            runs.run(session, "hi", assistant="zzz")
        assert "\x1b" not in f"{listed.value.message}{named.value}".replace("go by '\x1b", "")
    finally:
        for each in (*twins, lone):
            sdk.assistants.delete(each["assistant_id"])
