"""A protected deployment, named so by the settings: the chip, what wants --yes, and the buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.actions import history as open_history
from lg_magics.actions import open_store
from lg_magics.commands import assistants, crons, deployment, people, runs, state, store, threads
from lg_magics.commands.batch import batch, compare
from lg_magics.errors import LgError
from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.grammar.lookup import command_named
from lg_magics.model.store_values import fingerprint
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.views.bundle import bundle

from .proxy import Proxy
from .waiting_runs import asked

NAMESPACE = "protected/test"
YEARLY = "0 0 1 1 *"


@pytest.fixture(scope="module")
def folder(server: local.LocalServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose settings call the server of all tests prod, and protect it."""
    made = tmp_path_factory.mktemp("settings")
    (made / "lg_magics.toml").write_text(f'[deployments.prod]\nurl = "{server.url}"\nprotect = true\n')
    return made


@pytest.fixture(scope="module")
def protected(folder: Path) -> Iterator[Session]:
    """A session that is connected to prod, with something of everything there."""
    session = Session()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        deployment.connect(session, "prod")
    runs.run(session, "hello", assistant="agent", wait=True)
    store.put(session, NAMESPACE, "trip", {"days": 5}, yes=True)
    assistants.create(session, "agent", name="guarded", configurable={"a": "1"}, yes=True)
    assistants.update(session, "guarded", configurable={"a": "2"}, yes=True)
    crons.create(session, YEARLY, "hello", assistant="agent", yes=True)
    yield session
    crons.delete(session, mine=True, yes=True)
    assistants.delete(session, "guarded", yes=True)
    session.close()


CALLS: dict[str, Callable[..., object]] = {
    "assistant create": lambda s, **yes: assistants.create(s, "agent", name="another", **yes),
    "assistant update": lambda s, **yes: assistants.update(s, "guarded", configurable={"a": "3"}, **yes),
    "assistant use-version": lambda s, **yes: assistants.use_version(s, 1, "guarded", **yes),
    "assistant delete": lambda s, **yes: assistants.delete(s, "guarded", **yes),
    "thread rename": lambda s, **yes: threads.rename(s, "another name", **yes),
    "thread update": lambda s, **yes: threads.update(s, metadata={"k": "v"}, **yes),
    "thread delete": lambda s, **yes: threads.delete(s, **yes),
    "thread prune": lambda s, **yes: threads.prune(s, **yes),
    "batch": lambda s, **yes: batch(s, [{"q": "hi"}], input="{q}", assistant=["agent"], **yes),
    "compare": lambda s, **yes: compare(s, text="hi", assistant=["agent", "guarded"], **yes),
    "runs delete": lambda s, **yes: runs.delete(s, **yes),
    "state update": lambda s, **yes: state.update(s, {"messages": []}, as_node="model", **yes),
    "fork": lambda s, **yes: state.fork(s, "step:0", **yes),
    "store put": lambda s, **yes: store.put(s, NAMESPACE, "trip", {"days": 6}, **yes),
    "store delete": lambda s, **yes: store.delete(s, NAMESPACE, "trip", **yes),
    "store load": lambda s, **yes: store.load(s, NAMESPACE, [{"id": "x"}], key="id", **yes),
    "cron create": lambda s, **yes: crons.create(s, YEARLY, "hello", assistant="agent", **yes),
    "cron pause": lambda s, **yes: crons.pause(s, "c1", **yes),
    "cron resume": lambda s, **yes: crons.resume(s, "c1", **yes),
    "cron update": lambda s, **yes: crons.update(s, "c1", schedule="0 0 2 1 *", **yes),
    "cron delete": lambda s, **yes: crons.delete(s, "c1", **yes),
}


def test_each_command_that_has_yes_is_tried_here() -> None:
    wanted = {name for name in CATALOGUE if any(each.long == "--yes" for each in command_named(name).options)}
    assert set(CALLS) == wanted


def everything(session: Session, sdk: SyncLangGraphClient) -> list[Any]:
    """All that these commands could change."""
    thread = session.selection.thread
    assert thread is not None
    crons = [{**cron, "next_run_date": ""} for cron in sdk.crons.search(metadata={"lg_session": session.id})]
    return [
        sdk.threads.search(metadata={"lg_session": session.id}, select=["thread_id", "metadata"], limit=100),
        sdk.threads.get_state(thread.id)["checkpoint"],
        sdk.assistants.search(graph_id="agent", limit=100),
        sdk.store.search_items(["protected"])["items"],
        crons,
    ]


@pytest.mark.parametrize("name", CALLS)
def test_it_is_refused_and_nothing_is_written_without_yes(
    protected: Session, sdk: SyncLangGraphClient, name: str
) -> None:
    if name == "cron resume":
        crons.pause(protected, "c1", yes=True)
    before = everything(protected, sdk)
    with pytest.raises(LgError, match=r"^prod is protected: .*\. Add --yes to do it all the same\.$"):
        CALLS[name](protected)
    assert everything(protected, sdk) == before


def test_a_run_of_a_protected_deployment_is_protected_wherever_the_session_is(
    session: Session, server: local.LocalServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    unnamed = runs.run(session, "hello", assistant="agent", wait=True)
    deployment.connect(session, "prod")
    guarded = [runs.run(session, "hello", assistant="agent", thread="new", wait=True) for _ in range(2)]
    with pytest.raises(LgError, match=f"^prod is protected: {unnamed.number} is not deleted"):
        runs.delete(session, unnamed)  # it is on prod, whose address the session was connected to without its name
    with Proxy(server.url) as elsewhere:
        deployment.connect(session, elsewhere.url)
        free = runs.run(session, "hello", assistant="agent", wait=True)
        with pytest.raises(LgError, match=f"^prod is protected: {guarded[0].number} is not deleted"):
            runs.delete(session, guarded[0])
        with pytest.raises(LgError, match=r"^prod is protected: 3 runs: nothing is done"):
            runs.delete(session, [free, *guarded])
        assert {run.status for run in (free, *guarded)} == {"success"}
        deployment.connect(session, "prod")
        assert runs.delete(session, free)["run_ids"] == [free.run_id]
    assert runs.delete(session, [unnamed, *guarded], yes=True).title.startswith("Deleted")


def test_with_yes_it_is_done(protected: Session, sdk: SyncLangGraphClient) -> None:
    runs.run(protected, "hello", assistant="agent", thread="new", wait=True)
    crons.resume(protected, "c1", yes=True)
    for name in ("thread rename", "fork", "store put", "store delete", "cron pause", "cron update"):
        before = everything(protected, sdk)
        CALLS[name](protected, yes=True)
        assert everything(protected, sdk) != before, name


def test_what_adds_and_what_runs_wants_no_yes(protected: Session) -> None:
    threads.copy(protected)
    threads.new(protected)
    assert runs.run(protected, "hello", assistant="agent", wait=True).status == "success"
    asked(protected, "plain")
    state.state(protected)  # it was shown
    assert people.resume(protected, "yes", wait=True).status == "success"


def test_the_buttons_refuse_in_words_and_name_the_line(protected: Session, sdk: SyncLangGraphClient) -> None:
    opened = state.history(protected, open=True)
    with pytest.raises(
        LgError, match=r"prod is protected: the head of t\d .*stays.*In a cell: %lg_fork --yes -t t\d \S+$"
    ):
        open_history.fork_at(protected, opened, opened[0].checkpoint.id)
    store.put(protected, NAMESPACE, "trip", {"days": 5}, yes=True)
    items = store.search(protected, NAMESPACE, open=True)
    (item,) = items
    with pytest.raises(LgError, match=rf"In a cell: %lg_store put --yes {NAMESPACE} trip"):
        open_store.save(protected, items, item, '{"days": 9}', fingerprint(item.value))
    with pytest.raises(LgError, match=rf"In a cell: %lg_store delete --yes {NAMESPACE} trip"):
        open_store.delete(protected, items, item, fingerprint(item.value))
    assert sdk.store.get_item(["protected", "test"], "trip")["value"] == {"days": 5}


def test_the_chip_stands_beside_the_deployment_everywhere(
    protected: Session, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for result in (deployment.home(protected), deployment.status(protected), deployment.connect(protected, "prod")):
        assert result.chip == "protected"
        assert "[protected]" in bundle(result)["text/plain"].splitlines()[0]
        assert '<span class="lg-chip">protected</span>' in bundle(result)["text/html"]
    assert deployment.status(protected)["is_protected"] is True
    assert runs.run(protected, "hello", assistant="agent", wait=True).info.is_protected
    for other in (deployment.home(session), deployment.status(session)):
        assert isinstance(other, Facts)
        assert "protected" not in bundle(other)["text/html"]
