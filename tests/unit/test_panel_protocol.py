"""What travels between panel and kernel: any JSON gets an answer, nothing is too large, no text of a foreign error is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from lg_magics.errors import CommandError, LgError
from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.grammar.lookup import command_for_line, command_named
from lg_magics.grammar.read import call_from_line
from lg_magics.live.live_view import LiveView
from lg_magics.live.protocol import LARGEST, OtherVersion, answered, cut, refused, request_from
from lg_magics.live.workers import Workers
from lg_magics.panel.actions import ACTIONS, ALLOWED, TOOLS, Action, checked_call
from lg_magics.panel.live_panel import LivePanel
from lg_magics.panel.sections import CHANGES_HEAD, CONNECTING, SECTIONS, touched_by
from lg_magics.session import Session
from lg_magics.views.node import text_in

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    ["id", "protocol", "command", "arguments", "name", "row", "key", "point", "mark", "form", "choice", "yes"]
)
REQUESTS = ("section", "detail", "checkpoints", "do", "answer", "line", "more", "refresh", "view")
nearly_requests = st.dictionaries(WORDS, json_values) | st.fixed_dictionaries(
    {
        "id": st.text(max_size=9),
        "protocol": st.just(1),
        "command": st.sampled_from([*REQUESTS, *ALLOWED]) | st.text(),
        "arguments": st.dictionaries(WORDS | st.text(), json_values) | json_values,
    }
)


class Nowhere:
    """The panel of a session that is nowhere, and what it answers."""

    def __init__(self) -> None:
        session = Session()
        panel = LivePanel(session)
        self._live = LiveView(panel.rendered, panel.actions, session.loop, panel.subscribe, reads=panel.reads)
        self._live.open(self)
        self._answers: list[dict[str, Any]] = []

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None: ...

    def send(self, data: dict[str, Any]) -> None:
        self._answers.append(data)

    def answer(self, message: object) -> dict[str, Any]:
        self._live._respond(message)
        return self._answers.pop()


@pytest.fixture(scope="module")
def nowhere() -> Nowhere:
    return Nowhere()


@given(message=json_values | nearly_requests)
def test_any_message_gets_an_answer_that_is_json_and_bears_its_id(nowhere: Nowhere, message: Any) -> None:
    answer = nowhere.answer(message)
    json.dumps(answer)
    assert answer["ok"] in (True, False)
    asked = message.get("id") if isinstance(message, Mapping) else None
    assert answer["id"] == (asked if isinstance(asked, str) and len(asked) <= 64 else None)
    if not answer["ok"]:
        assert answer["error"]["message"]
        assert "inside lg_magics" not in answer["error"]["message"]


@pytest.mark.parametrize(
    "name", [*CATALOGUE, "__class__", "_command", "thread_delete", "Thread Delete", "thread  delete", "", "os"]
)
def test_no_command_is_reached_by_its_name(nowhere: Nowhere, name: str) -> None:
    answer = nowhere.answer({"id": "1", "protocol": 1, "command": name, "arguments": {}})
    assert (answer["ok"], answer["error"]["type"]) == (False, "CommandError")


def test_the_rows_of_every_section_have_actions() -> None:
    assert {each.name for each in SECTIONS} <= set(ACTIONS)


@pytest.mark.parametrize("name", ALLOWED)
def test_what_a_page_may_call_is_in_the_catalogue_and_has_the_arguments(name: str) -> None:
    assert set(ALLOWED[name]) <= {each.name for each in command_named(name).parameters}
    assert ("yes" in ALLOWED[name]) == any(each.name == "yes" for each in command_named(name).parameters)


@pytest.mark.parametrize(
    ("name", "given_arguments", "said"),
    [
        ("thread delete", {"thread": 3}, "thread must be a text"),
        ("thread delete", {"thread": ""}, "thread must be a text"),
        ("thread delete", {"thread": "x" * 2000}, "thread must be a text"),
        ("thread delete", {"thread": "t1", "yes": "true"}, "yes must be true or false"),
        ("thread delete", {"thread": "t1", "session": "x"}, "takes no 'session'"),
        ("thread use", {"thread": "t1", "create": True}, "takes no 'create'"),
        ("thread use", {}, "thread is missing"),
        ("cancel", {"references": [["r1"]]}, "references must be a text"),
        ("cancel", {"references": ["r1"] * 101}, "references must be a text"),
        ("cancel", {"rollback": True}, "takes no 'rollback'"),
        ("cron delete", {"cron": {"cron_id": "x"}}, "cron must be a text"),
        ("fork", {"checkpoint": "step:1", "values": {}}, "takes no 'values'"),
        ("fork", {"checkpoint": "step:1", "run": True}, "takes no 'run'"),
    ],
)
def test_arguments_are_held_against_the_signature(name: str, given_arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        checked_call(name, given_arguments)


def test_arguments_that_fit_are_passed_on() -> None:
    assert checked_call("cancel", {"references": ["r1", "r2"]})[1:] == (["r1", "r2"], {})
    assert checked_call("cancel", {"references": "r1"})[1:] == (["r1"], {})
    assert checked_call("thread delete", {"thread": "t1", "yes": True})[1:] == ([], {"thread": "t1", "yes": True})


ALL = [(name, action) for name, actions in ACTIONS.items() for action in actions.values()]


@pytest.mark.parametrize(("section", "action"), ALL, ids=lambda each: each if isinstance(each, str) else each.line)
def test_the_line_of_an_action_does_what_its_button_does(section: str, action: Action) -> None:
    word = "-t t7 step:1" if section == "checkpoints" else "t7"
    line = action.line.replace("{}", word)
    noun, rest = line.split()[0].removeprefix("%lg_"), line.partition(" ")[2]
    command, rest = command_for_line(noun, rest)
    assert command is not None
    call = call_from_line(command, rest)
    if not action.command:
        return
    assert command.name == action.command
    sent = {action.argument: "step:1" if section == "checkpoints" else "t7"}
    if action.also:
        sent[action.also] = "t7"
    _, spread, named = checked_call(action.command, sent)
    by_place = dict(zip([each.name for each in command.positionals], call.arguments, strict=False))
    assert (spread, named) in [([], {**by_place, **call.options}), (list(call.arguments), {})]


@pytest.mark.parametrize("tool", [tool for tools in TOOLS.values() for tool in tools], ids=lambda tool: tool.line)
def test_the_line_of_a_tool_can_be_read(tool: Action) -> None:
    command, rest = command_for_line(tool.line.split()[0].removeprefix("%lg_"), tool.line.partition(" ")[2])
    assert command is not None
    call = call_from_line(command, rest)
    if tool.command:
        _, _, named = checked_call(tool.command, {tool.argument: True} if tool.argument else {})
        assert (command.name, dict(call.options)) == (tool.command, named)


def test_every_command_is_known_to_change_something_or_nothing() -> None:
    nouns = {noun for each in SECTIONS for noun in each.changed_by.split()}
    assert nouns | {*CHANGES_HEAD, *CONNECTING} <= {name.partition(" ")[0] for name in CATALOGUE} | {"serve", "stream"}
    assert touched_by("thread show") == touched_by("store search") == touched_by("threads") == ()
    assert touched_by("thread delete") == ("deployment", "waiting", "threads", "crons")
    assert touched_by("connect") == ("deployment", *(each.name for each in SECTIONS))


# -- versions and sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "cure"),
    [(0, "Reload the page."), (None, "Reload the page."), (True, "Reload the page."), (2, "Restart the kernel.")],
)
def test_another_version_says_what_to_do(theirs: object, cure: str) -> None:
    with pytest.raises(OtherVersion) as caught:
        request_from({"id": "1", "protocol": theirs, "command": "hello"})
    assert caught.value.hint == cure
    assert refused("1", caught.value)["protocol"] == 1


def test_of_an_error_that_is_none_of_ours_only_the_name_is_reported() -> None:
    answer = refused("1", ValueError("Illegal header value b'lsv2_sk_secret'"))
    assert "secret" not in json.dumps(answer)
    assert answer["error"]["message"] == "Something failed inside lg_magics: ValueError."


def test_a_long_message_of_an_error_is_cut_with_a_word() -> None:
    said = refused("1", LgError("x" * 5000, hint="y"))["error"]
    assert said["message"].endswith("… (3,000 characters more)")


def test_a_result_that_is_too_large_is_words() -> None:
    large = "x" * (LARGEST + 1)
    assert cut({"message": large}) == {"message": "Done. What came of it is too large to be shown here."}
    for more, said in (({}, "."), ({"line": "%lg_state -t t1"}, ": %lg_state -t t1 shows it.")):
        assert (
            text_in(answered("1", {"tree": ["p", {}, large], **more})["result"]["tree"])
            == f"This is too large to be shown here{said}"
        )


def test_a_request_that_is_too_large_is_refused() -> None:
    with pytest.raises(CommandError, match="too large"):
        request_from({"id": "1", "protocol": 1, "command": "answer", "arguments": {"answers": "x" * (LARGEST + 1)}})


# -- workers ----------------------------------------------------------------------------------------------------


def test_workers_do_so_many_at_once_and_refuse_what_is_too_much() -> None:
    workers, go, done = Workers(2, 3), threading.Event(), threading.Semaphore(0)
    both = threading.Barrier(3)

    def first() -> None:
        both.wait(10)
        go.wait(10)
        done.release()

    assert workers.do(first)
    assert workers.do(first)
    both.wait(10)
    assert [workers.do(done.release) for _ in range(4)] == [True, True, True, False]
    go.set()
    assert all(done.acquire(timeout=10) for _ in range(5))
    workers.close()
    assert not workers.do(done.release)


def fail() -> None:
    raise ZeroDivisionError


def test_a_job_that_fails_does_not_end_its_worker(caplog: pytest.LogCaptureFixture) -> None:
    workers, done = Workers(1, 3), threading.Event()
    workers.do(fail)
    workers.do(done.set)
    assert done.wait(10)
    workers.close()
    assert "a job for the page failed" in caplog.text
