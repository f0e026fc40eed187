"""An answer becomes a reply to the question that it was meant for, or nothing at all."""

from __future__ import annotations

import contextlib
import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.actions.answer_card import line_for_thread
from lg_magics.errors import CommandError, UnknownReference
from lg_magics.model.answer_line import answer_line
from lg_magics.model.answer_words import answered_line, how_to_answer
from lg_magics.model.answers import Answer, has_changed, question_named, replies_from, reply_to, resume_value
from lg_magics.model.interrupts import Interrupt, interrupts_from_payload, interrupts_from_state
from lg_magics.model.question_numbers import QuestionNumbers, numbers_of, summary_of
from lg_magics.model.replies import reply_from_form
from lg_magics.model.tool_calls import WAYS
from lg_magics.views.card_questions import card_questions
from lg_magics.views.node import attributes_of, nodes_in
from lg_magics.views.question_tree import answers_form

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def action(args: Any = None, **allowed: bool) -> list[dict[str, Any]]:
    config = {f"allow_{way}": allowed.get(way, not allowed) for way in WAYS}
    return [{"action_request": {"action": "pay", "args": args or {"usd": 5}}, "config": config, "description": "Pay?"}]


PLAIN = Interrupt("Really?", "a" * 32, "check")
PAY = Interrupt(action(), "b" * 32, "pay")
BOTH = (PLAIN, PAY)


@given(value=JSON)
def test_a_plain_question_gets_any_value_as_it_is(value: Any) -> None:
    assert reply_to(PLAIN, Answer(value)) == value


@given(args=st.dictionaries(st.text(), JSON, max_size=4))
def test_an_edit_keeps_the_action_and_carries_exactly_the_new_arguments(args: dict[str, Any]) -> None:
    assert reply_to(PAY, Answer(args, "edit")) == [{"type": "edit", "args": {"action": "pay", "args": args}}]


@given(values=st.lists(JSON, max_size=3))
def test_a_question_has_changed_when_its_words_or_their_number_have(values: list[Any]) -> None:
    shown = [Interrupt(value, str(n)) for n, value in enumerate(values)]
    assert not has_changed(shown, list(reversed(copy.deepcopy(shown))))
    assert has_changed(shown, [*shown, PLAIN])
    assert not values or has_changed(shown, [Interrupt([values[0]], "0"), *shown[1:]])
    assert not has_changed(None, shown)


@pytest.mark.parametrize("name", ["check", "a" * 32, "aaaa", "·aaaaaa", " check "])
def test_a_question_is_named_by_its_node_its_id_or_a_part_of_it(name: str) -> None:
    assert question_named(name, BOTH) is PLAIN


@pytest.mark.parametrize("name", ["aaa", "c" * 8, "", "chec"])
def test_another_name_names_nothing_and_the_questions_are_listed(name: str) -> None:
    with pytest.raises(
        UnknownReference, match=r"(?s)No open question.*check ·aaaaaa  Really\?.*pay ·bbbbbb  pay\(usd=5\)"
    ):
        question_named(name, BOTH)


def test_a_node_that_asks_twice_is_no_name() -> None:
    twice = (PLAIN, Interrupt("And now?", "d" * 32, "check"))
    with pytest.raises(UnknownReference, match="could be 2 questions"):
        question_named("check", twice)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_allowed_is_refused(way: Any) -> None:
    others = {each: each != way for each in WAYS}
    with pytest.raises(CommandError, match=f"does not allow {way}"):
        reply_to(Interrupt(action(**others)), Answer("{}" if way == "edit" else None, way))


def test_a_request_that_allows_nothing_takes_json() -> None:
    nothing = Interrupt(action(accept=False), "c" * 32)
    with pytest.raises(CommandError, match="It takes --json only"):
        reply_to(nothing, Answer("yes"))
    assert reply_to(nothing, Answer('[{"type": "accept"}]', "json")) == [{"type": "accept"}]


def test_a_request_that_allows_what_nobody_here_knows_takes_json_as_it_is() -> None:
    configs = [{"action_name": "pay", "allowed_decisions": ["escalate"]}]
    asked = Interrupt({"action_requests": [{"name": "pay", "args": {}}], "review_configs": configs}, "d" * 32)
    with pytest.raises(CommandError, match="It takes --json only"):
        reply_to(asked, Answer(None, "approve"))
    assert reply_to(asked, Answer('{"type": "escalate"}', "json")) == {"decisions": [{"type": "escalate"}]}


def test_a_hint_shows_every_character_of_an_arguments_name() -> None:
    configs = [{"action_name": "pay", "allowed_decisions": ["edit"]}]
    asked = Interrupt(
        {"action_requests": [{"name": "pay", "args": {"q\u202e": 1}}], "review_configs": configs}, "d" * 32
    )
    for answer in (Answer("yes"), Answer(None, "edit")):
        with pytest.raises(CommandError) as refused:
            reply_to(asked, answer)
        assert "\u202e" not in f"{refused.value}{how_to_answer([asked])}"


def test_a_mapping_is_an_answer_of_its_own_where_one_question_is_open() -> None:
    assert replies_from(Answer({"check": 1}), (PLAIN,)) == {PLAIN.id: {"check": 1}}
    assert replies_from(Answer({PLAIN.id: 1}), (PLAIN,)) == {PLAIN.id: 1}


def test_a_mapping_answers_those_that_it_names_where_several_are_open() -> None:
    assert replies_from(Answer({"check": "yes"}), BOTH) == {PLAIN.id: "yes"}
    with pytest.raises(CommandError, match="Two of these answers"):
        replies_from(Answer({"check": 1, PLAIN.id: 2}), BOTH)


def test_what_was_said_is_reported_on_one_line() -> None:
    assert answered_line(PLAIN, "yes,\n please") == "check asked: Really? Answered: yes, please"
    assert answered_line(PAY, [{"type": "accept", "args": None}]) == "pay asked: pay(usd=5) Answered: accept"
    assert len(answered_line(PLAIN, "x" * 1_000_000)) < 400


def test_several_requests_of_the_agent_inbox_are_decided_on_in_their_order() -> None:
    both = Interrupt([*action(), *action({"usd": 9})], "e" * 32, "pay")
    assert both.detail == "pay(usd=5)\npay(usd=9)"
    accept, ignore = {"type": "accept", "args": None}, {"type": "ignore", "args": None}
    assert reply_to(both, Answer(None, "approve")) == [accept, accept]
    with pytest.raises(CommandError, match="No decision yet on action 2: pay\\(usd=9\\)"):
        reply_to(both, Answer(None, "accept", action=1))
    assert reply_from_form(both, {"0": {"way": "accept"}, "1": {"way": "ignore"}}) == [accept, ignore]


@given(value=JSON)
def test_any_value_is_said_once_and_any_form_is_an_answer_or_refused(value: Any) -> None:
    asked = Interrupt(value, "f" * 32, "node")
    assert isinstance(asked.question + asked.detail + asked.summary, str)
    assert not asked.detail or asked.detail != asked.question
    for sent in (value, {"text": value}, {"0": value}, {"0": {"way": value}}, {"v": value}):
        with contextlib.suppress(CommandError):
            reply_from_form(asked, sent)


def test_what_to_type_for_several_names_what_all_of_them_take() -> None:
    assert how_to_answer([PAY, PAY]) == "%lg_resume --accept for all, or %lg_resume --interrupt N ANSWER"
    assert how_to_answer(BOTH) == "%lg_resume --interrupt N ANSWER"


CARD = {
    "type": "object",
    "properties": {"kind": {"const": "card"}, "number": {"type": "string"}, "name": {"type": "string"}},
    "required": ["number"],
}
TIP = {"type": "object", "properties": {"percent": {"type": "integer"}}, "required": ["percent"]}


@pytest.mark.parametrize(
    ("schema", "typed"),
    [
        ({"anyOf": [CARD, TIP]}, "kind=card number=… | percent=…"),
        ({"anyOf": [TIP, {"type": "integer"}]}, "percent=… | ANSWER (integer)"),
        ({"anyOf": [CARD, {"type": "null"}]}, "kind=card number=…"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "ANSWER (string or integer)"),
    ],
)
def test_what_to_type_for_objects_names_their_fields(schema: dict[str, Any], typed: str) -> None:
    assert how_to_answer([Interrupt("Pay?", "i", "pay", schema)]) == f"%lg_resume {typed}"


SEAT = {
    "type": "object",
    "properties": {"row": {"type": "integer"}, "note": {"type": "string"}, "ok": {"type": "boolean"}},
    "required": ["row"],
}
CALL = {"action_requests": [{"name": "pay", "args": {"usd": 5}}], "review_configs": []}
TWO_CALLS = {"action_requests": CALL["action_requests"] * 2, "review_configs": []}
EDITED = {"type": "edit", "edited_action": {"name": "pay", "args": {"usd": 3}}}
LINES: list[tuple[Interrupt, Any, str]] = [
    (PLAIN, "yes, it's 5 $", "yes, it's 5 $"),
    (PLAIN, "-5", '--json "-5"'),
    (PLAIN, "$five", '--json "$five"'),
    (PLAIN, "one\ntwo", '--json "one\\ntwo"'),
    (PLAIN, "a\u202eb", '--json "a\\u202eb"'),
    (PLAIN, {"a": [1]}, '--json {"a": [1]}'),
    (PAY, [{"type": "accept", "args": None}], "--accept"),
    (PAY, [{"type": "response", "args": "Not now."}], "--respond Not now."),
    (Interrupt(CALL), {"decisions": [{"type": "approve"}]}, "--approve"),
    (Interrupt(CALL), {"decisions": [{"type": "reject", "message": "too dear"}]}, "--reject too dear"),
    (Interrupt(CALL), {"decisions": [{"type": "reject"}]}, "--reject"),
    (Interrupt(CALL), {"decisions": [EDITED]}, '--edit {"usd": 3}'),
    (Interrupt(TWO_CALLS), {"decisions": [{"type": "approve"}] * 2}, "--approve"),
    (
        Interrupt(TWO_CALLS),
        {"decisions": [{"type": "approve"}, {"type": "reject"}]},
        '--json {"decisions": [{"type": "approve"}, {"type": "reject"}]}',
    ),
    (
        Interrupt("?", response_schema=SEAT),
        {"row": 3, "note": "by the window", "ok": True},
        "row=3 note=by the window ok=true",
    ),
    (Interrupt("?", response_schema=SEAT), {"row": 3, "note": "not row=4"}, 'row=3 note="not row=4"'),
    (Interrupt("?", response_schema=SEAT), {"row": 3, "note": 'a" row=4'}, '--json {"row": 3, "note": "a\\" row=4"}'),
    (Interrupt("?", response_schema={"type": "integer"}), 3, "3"),
    (Interrupt("?", response_schema={"type": "string"}), "3", "3"),
]


def test_a_question_keeps_its_number_while_others_are_answered() -> None:
    numbers, asked = QuestionNumbers(), [Interrupt(text, text * 8) for text in "abcd"]
    a, b, c, d = asked

    def shown(*open_now: Interrupt) -> str:
        return summary_of(numbers.numbered("t", open_now))

    assert shown(a, b, c) == "1: a · 2: b · 3: c"
    assert shown(c, a) == "1: a · 3: c"
    assert shown(c) == "3: c"
    assert shown(d, c) == "3: c · 4: d"
    assert shown() == ""
    assert shown(d) == "4: d"
    assert shown(a, b) == "1: a · 2: b"
    assert summary_of(numbers.numbered("other", [b])) == "b"
    assert shown(replace(a, value="a again"), b) == "1: a again · 2: b"


def test_questions_that_all_are_new_are_numbered_from_one() -> None:
    numbers = QuestionNumbers()
    numbers.numbered("t", [Interrupt("a", "1" * 8), Interrupt("b", "2" * 8)])
    new = numbers.numbered("t", [Interrupt("c", "3" * 8), Interrupt("d", "4" * 8)])
    assert [(each.number, each.value) for each in new] == [(1, "c"), (2, "d")]
    same_id = numbers.numbered("t", [Interrupt("e", ""), Interrupt("f", "")])
    assert [(each.number, each.value) for each in same_id] == [(1, "e"), (2, "f")]


def test_a_number_means_the_question_that_bore_it_when_it_was_shown() -> None:
    left = QuestionNumbers()
    left.numbered("t", [PLAIN, PAY])
    (pay,) = left.numbered("t", [PAY])
    assert question_named("2", [pay]) == PAY
    approved = {PAY.id: reply_to(PAY, Answer({"type": "accept"}))}
    for name in ("2", 2, "pay", PAY.id):
        assert replies_from(Answer({name: {"type": "accept"}}), [pay]) == approved
    for answered in ({"1": "yes"}, {"1": "yes", "2": {"type": "accept"}}):
        with pytest.raises(UnknownReference, match="No open question '1'"):
            replies_from(Answer(answered), [pay])
    with pytest.raises(UnknownReference, match="No open question '1'"):
        question_named("1", [pay])
    assert numbers_of(BOTH) == [1, 2]
    assert question_named("1", [PAY]) == PAY


@pytest.mark.parametrize(("question", "reply", "said"), LINES)
def test_an_answer_is_said_by_the_shortest_line_that_gives_it_back(question: Interrupt, reply: Any, said: str) -> None:
    assert answer_line([question], {question.id: reply}, "-t t3") == f"%lg_resume -t t3 {said}"


def test_several_answers_and_a_breakpoint_have_a_line_too() -> None:
    said = answer_line(BOTH, {each.id: "yes" for each in BOTH})
    assert said == '%lg_resume --json {"1": "yes", "2": "yes"}'
    assert answer_line([], {}) == "%lg_resume"


@given(value=JSON)
def test_any_answer_has_one_line(value: Any) -> None:
    line = answer_line([PLAIN], {PLAIN.id: value})
    assert line.isprintable()
    how, _, text = line.removeprefix("%lg_resume ").partition(" ")
    answer = Answer(text, "json") if how == "--json" else Answer(line.removeprefix("%lg_resume "))
    assert reply_to(PLAIN, answer) == value


def test_a_question_of_an_old_server_has_the_id_that_it_takes() -> None:
    """LangGraph 0.5 sends the namespace alone, and answers by id are read by its hash."""
    namespace = ["ask:18248199-00a5-2964-2e7e-9d540ed2393f"]
    sent = {"value": "How many?", "resumable": True, "ns": namespace, "when": "during"}
    (asked,) = interrupts_from_payload([sent])
    assert asked.id == "d46742b31c919650d2186593c0ba64cb"
    assert interrupts_from_payload([{**sent, "ns": [3]}])[0].id == ""


def test_questions_without_ids_are_refused_where_there_are_several() -> None:
    one, other = Interrupt("a"), Interrupt("b")
    assert resume_value(replies_from(Answer("yes"), [one])) == "yes"
    assert resume_value({"x" * 32: "yes"}) == {"x" * 32: "yes"}
    with pytest.raises(CommandError, match="gives its 2 questions no ids"):
        replies_from(Answer("yes"), [one, other], "1")


def test_a_task_that_has_a_result_asks_nothing_more() -> None:
    """LangGraph 0.5 keeps the question of a task that was answered in the state."""
    tasks: list[dict[str, Any]] = [
        {"name": name, "interrupts": [{"value": "?", "id": name * 32}], "result": result}
        for name, result in (("a", {"sent": []}), ("b", None))
    ]
    assert [each.node for each in interrupts_from_state({"tasks": tasks})] == ["b"]
    assert interrupts_from_state({"tasks": tasks[:1], "interrupts": []}) == ()


def test_a_task_that_was_answered_beside_a_failed_one_would_run_again() -> None:
    """LangGraph 0.5 keeps its question too, so that its result alone shows that it has run."""
    asked = {name: [{"value": "?", "id": name * 32}] for name in "abcd"}
    tasks: list[dict[str, Any]] = [
        {"name": "a", "interrupts": asked["a"], "error": "ValueError('no')"},
        {"name": "b", "interrupts": asked["b"], "result": {"sent": ["mail"]}},
        {"name": "c", "interrupts": asked["c"]},
        {"name": "d", "interrupts": asked["d"], "error": "ValueError('no')"},
        {"name": "e", "interrupts": [], "error": "ValueError('no')"},
    ]
    failed = [each.failed for each in interrupts_from_state({"tasks": tasks}) if each.failed]
    assert [each.others for each in failed] == [("b", "e"), ("b", "e")]


@pytest.mark.parametrize(
    ("question", "form", "line"),
    [
        (replace(PLAIN, id=""), {"text": "yes", "json": False}, "%lg_resume -t t3 yes"),
        (replace(PAY, id=""), {"0": {"way": "accept"}}, "%lg_resume -t t3 --accept"),
    ],
)
def test_the_form_of_a_question_without_an_id_is_that_of_its_page(
    question: Interrupt, form: dict[str, Any], line: str
) -> None:
    tree = answers_form(card_questions([question], 10_000, ""))
    names = [attributes_of(each).get("data-form") for each in nodes_in(tree)]
    assert [name for name in names if name] == ["answers", *(name for name in form if name.isdigit())]
    assert line_for_thread("t3", [question], form) == line
    with pytest.raises(CommandError, match=r"No (answer|decision) yet"):
        line_for_thread("t3", [question, question], form)
