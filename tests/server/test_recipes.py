"""Each recipe of docs/recipes.md runs as a cell on a real deployment, and does what its heading says."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local

from .notebook_shell import NotebookShell, notebook_shell

PAGE = (Path(__file__).parents[2] / "docs/recipes.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^## (.+?)\n\n```\w+\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))


class Place:
    """A notebook on a deployment of its own, and the raw SDK's client for it."""

    def __init__(self, shell: NotebookShell, sdk: SyncLangGraphClient) -> None:
        self.shell, self.sdk = shell, sdk

    def thread(self, **metadata: str) -> str:
        return str(self.sdk.threads.create(metadata=metadata)["thread_id"])

    def run(self, graph: str, wanted: Any, **metadata: str) -> str:
        """The thread of a run that has ended, or that waits."""
        thread = self.thread(**metadata)
        self.sdk.runs.wait(thread, graph, input=wanted, raise_error=False)
        return thread

    def waits(self, thread: str) -> bool:
        return bool(self.sdk.threads.get_state(thread)["next"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    running = local.start(private=True)
    folder = tmp_path_factory.mktemp("recipes")
    with pytest.MonkeyPatch.context() as patch, get_sync_client(url=running.url, api_key=None) as client:
        with notebook_shell(folder, patch) as shell:
            shell.run(f"import lg_magics as lg\n%lg_connect {running.url} --timeout 60 -a agent")
            yield Place(shell, client)
        local.stop(running)


def said(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "human", "content": text}]}


def test_each_recipe_has_three_lines_at_most_and_a_test() -> None:
    assert {heading: text for heading, text in RECIPES.items() if len(text.splitlines()) > 3} == {}
    assert set(RECIPES) == set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    tests = Path(__file__).read_text("utf-8")
    assert [heading for heading in RECIPES if f'recipe("{heading}")' not in tests] == []


def recipe(heading: str) -> str:
    return str(RECIPES[heading])


def test_threads_with_ids_of_their_own(place: Place) -> None:
    ids = [str(uuid.uuid4()) for _ in range(2)]
    place.shell.shell.user_ns["rows"] = [{"id": each, "user": "lance", **said("hello")} for each in ids]
    place.shell.run(recipe("Ingest conversations under thread ids of your own"))
    for each in ids:
        metadata: Any = place.sdk.threads.get(each)["metadata"]
        assert metadata["user"] == "lance"
        values: Any = place.sdk.threads.get_state(each)["values"]
        assert values["messages"][0]["content"] == "hello"


def test_a_nightly_cron(place: Place) -> None:
    place.shell.run(recipe("Run every night, and call a webhook"))
    [cron] = place.sdk.crons.search()
    payload: Any = cron["payload"]
    assert payload["webhook"] == "/nightly"
    place.sdk.crons.delete(cron["cron_id"])


def test_old_threads(place: Place) -> None:
    old = [place.thread(batch="nightly") for _ in range(30)]
    lines = recipe("Delete 500 old threads")
    place.shell.run(lines)
    assert len(place.sdk.threads.search(ids=old, limit=100)) == 30  # they are not that old
    place.shell.run(lines.replace("30d", "0s"))
    assert place.sdk.threads.search(ids=old) == []


def test_the_threads_of_a_user(place: Place) -> None:
    for text in ("one", "two"):
        place.run("agent", said(text), user="anna")
    sizes = place.shell.run(recipe("All threads of a user in one frame").replace("user=lance", "user=anna"))
    assert list(sizes) == [2, 2]


def test_what_failed(place: Place) -> None:
    place.run("workbench", {"steps": 1, "fail_at": 1})
    counts = place.shell.run(recipe("What failed this week, and why"))
    assert counts["ValueError: asked to fail at step 1"] >= 1


def test_a_failure_of_production(place: Place, server: local.LocalServer, sdk: SyncLangGraphClient) -> None:
    failed = str(sdk.threads.create()["thread_id"])
    sdk.runs.wait(failed, "workbench", input={"steps": 3, "fail_at": 2}, raise_error=False)
    place.shell.shell.user_ns |= {"failure": failed, "production": server.url}
    with pytest.raises(Exception, match="asked to fail at step 2"):
        place.shell.run(recipe("Replay a failure of production on a local copy"))
    assert place.shell.session.selection.thread is not None
    assert place.shell.session.selection.thread.id != failed


def test_an_edited_call(place: Place) -> None:
    waiting = place.run("approval", said("Book a flight to Oslo"))
    assert place.waits(waiting)
    place.shell.shell.user_ns["waiting"] = waiting
    place.shell.run(recipe("Edit a tool call before it runs"))
    messages: Any = place.sdk.threads.get_state(waiting)["values"]
    assert "Booked the flight to Oslo for 300 USD" in str(messages)


def test_two_versions(place: Place) -> None:
    place.shell.shell.user_ns["questions"] = [{"question": "hello"}]
    place.shell.run(recipe("Compare two prompts as versions of an assistant"))
    [writer] = place.sdk.assistants.search(name="writer")
    assert writer["version"] == 2
    place.sdk.assistants.delete(writer["assistant_id"])


def test_many_approvals(place: Place) -> None:
    waiting = [place.run("approval", said(f"Book a flight to {city}")) for city in ("Oslo", "Rome", "Bern")]
    place.shell.run(recipe("Answer twenty approvals of one kind"))
    place.shell.run("%lg_wait --all")
    assert [each for each in waiting if place.waits(each)] == []


def test_a_colleagues_thread(place: Place) -> None:
    thread = place.run("workbench", {"steps": 1})
    place.shell.shell.user_ns["colleague"] = thread
    launch: Callable[[], object] = lambda: place.sdk.runs.create(thread, "workbench", input={"steps": 1})  # noqa: E731
    threading.Timer(1.0, launch).start()
    lines = recipe("Watch a colleague's thread").replace("--timeout 600", "--timeout 120 --runs 1 -o watched")
    place.shell.run(lines)
    assert len(place.shell.names["watched"]) == 1
