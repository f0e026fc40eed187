"""A magic and its function refuse the same values with the same message, for every parameter of every command."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.errors import CommandError, NotConnected
from lg_magics.grammar.accept import accept_call, is_kind, members, surely_fits
from lg_magics.grammar.functions import bound_function
from lg_magics.grammar.lookup import command_named, commands
from lg_magics.grammar.parameters import AtMost, Parameter
from lg_magics.grammar.read import call_from_line
from lg_magics.grammar.registry import Command
from lg_magics.session import Session

LISTS = [each.name for each in commands() if any(taken.name == "limit" for taken in each.parameters)]


HOLE = {"a": float("nan")}
NAMES = {"yes": True, "three": 3, "bytes": b"x", "hole": HOLE}


def refused_values(parameter: Parameter) -> Iterator[tuple[object, str]]:
    """Values that a parameter refuses, each with the word of a line that stands for it."""
    wanted = members(parameter.type)
    if (parameter.is_json or is_kind(parameter.type, Mapping)) and parameter.role != "tail" and not parameter.many:
        yield HOLE, "$hole"
    if parameter.role == "flag":
        yield "false", "false"
    elif object in wanted or parameter.role == "tail" or parameter.many:
        return  # takes whatever there is, or is never read as anything but text
    elif wanted == (int,):
        yield from ((2.5, "2.5"), (True, "$yes"))
        for bound in parameter.bounds:
            past = int(bound.number) + (1 if isinstance(bound, AtMost) else -1)
            yield past, str(past)
    elif wanted == (float,):
        yield from (("soon", "soon"), (float("nan"), "nan"), (float("inf"), "inf"), (True, "$yes"))
        yield from ((-1, "-1") for _ in parameter.bounds)
    elif get_origin(parameter.type) is Literal:
        yield from (("bogus", "bogus"), (3, "$three"))
    elif is_kind(parameter.type, Mapping) or is_kind(parameter.type, Sequence):
        yield from ((3, "$three"), (b"x", "$bytes"))
    else:
        yield b"x", "$bytes"


CASES = [
    pytest.param(command, parameter, value, word, id=f"{command.name or 'home'}-{parameter.name}-{word}")
    for command in commands()
    for parameter in command.parameters
    for value, word in refused_values(parameter)
]


def message_of_line(command: Command, parameter: Parameter, word: str) -> str:
    """What a line says of a word."""
    before = itertools.takewhile(lambda each: each is not parameter, command.positionals)
    if parameter.role == "positional":
        line = " ".join(["x" if each.type is not int else "1" for each in before] + [word])
    else:
        line = f"{parameter.long}={word}"
    with pytest.raises(CommandError) as refused:
        call_from_line(command, line, names=NAMES)
    return refused.value.message


def message_of_function(command: Command, parameter: Parameter, value: object) -> str:
    """What the function says of a value."""
    needed: dict[str, Any] = {each.name: 1 if each.type is int else "x" for each in command.parameters if each.required}
    with pytest.raises(CommandError) as refused:
        bound_function(command, Session)(**{**needed, parameter.name: value})
    return refused.value.message


@pytest.mark.parametrize(("command", "parameter", "value", "word"), CASES)
def test_a_magic_and_its_function_refuse_the_same_with_the_same_words(
    command: Command, parameter: Parameter, value: object, word: str
) -> None:
    message = message_of_function(command, parameter, value)
    name = parameter.name.rstrip("_")
    assert message.startswith(f"{name} must be ") or message == f"{name}.a is nan, which JSON has no word for."
    assert message_of_line(command, parameter, word) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stateless": "false"}, "stateless must be True or False, got 'false'."),
        ({"wait": "no"}, "wait must be True or False, got 'no'."),
        ({"multitask": "bogus"}, "multitask must be one of reject, enqueue, interrupt, rollback, got 'bogus'."),
        ({"timeout": "soon"}, "timeout must be a number of seconds, got 'soon'."),
        ({"wait": True, "timeout": -1}, "timeout must be >= 0 seconds, got -1."),
        ({"config": {1: 2}}, "config must be a mapping, got one with a key that is not text."),
        ({"interrupt_before": 3}, "interrupt_before must be a list of names, got an int."),
    ],
)
def test_what_would_lose_a_result_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(CommandError) as refused:
        bound_function(command_named("run"), Session)("x", **options)
    assert refused.value.message == message


def test_a_limit_of_nothing_is_refused_in_one_way() -> None:
    for name in LISTS:
        command = command_named(name)
        limit = next(each for each in command.parameters if each.name == "limit")
        assert message_of_line(command, limit, "0") == "limit must be at least 1, got 0."


def test_a_near_spelling_is_offered() -> None:
    with pytest.raises(CommandError, match="Did you mean reject"):
        bound_function(command_named("run"), Session)("x", multitask="rejekt")


@pytest.mark.parametrize("name", LISTS)
def test_every_list_takes_a_limit_an_offset_and_all(name: str) -> None:
    assert {"--limit", "--offset", "--all"} <= set(command_named(name).by_flag)


@pytest.mark.parametrize(("kind", "flag"), [("thread", "-t"), ("assistant", "-a")])
def test_every_thread_and_every_assistant_can_be_named_by_the_same_option(kind: str, flag: str) -> None:
    for command in commands():
        taken = [each for each in command.parameters if each.completes == kind and each.value != "GRAPH"]
        assert all(flag in each.flags for each in taken), command.name


@pytest.mark.parametrize(
    ("name", "line", "options"),
    [
        ("history", "-t t2 --limit 3", {"thread": "t2", "limit": 3}),
        ("history", "--thread=t2", {"thread": "t2"}),
        ("graph", "--xray -a agent", {"assistant": "agent", "xray": True}),
        ("schemas", "-a agent", {"assistant": "agent"}),
        ("assistant use", "-a agent", {"name": "agent"}),
        ("assistant use-version", "-a agent 2", {"assistant": "agent", "version": 2}),
        ("assistant use-version", "2 -a agent", {"assistant": "agent", "version": 2}),
        ("thread delete", "-t t2 --yes", {"thread": "t2", "yes": True}),
    ],
)
def test_what_has_a_place_may_be_an_option(name: str, line: str, options: dict[str, object]) -> None:
    call = call_from_line(command_named(name), line)
    assert (call.arguments, call.options) == ((), options)


@pytest.mark.parametrize(
    ("line", "levels"),
    [("--xray agent", True), ("--xray 2 agent", 2), ("agent --xray=2", 2), ("--no-xray agent", False)],
)
def test_a_flag_may_take_a_number(line: str, levels: int) -> None:
    call = call_from_line(command_named("graph"), line)
    assert (call.arguments, call.options) == (("agent",), {"xray": levels})
    with pytest.raises(CommandError, match="True or False or a whole number"):
        call_from_line(command_named("graph"), "--xray=deep")


@pytest.mark.parametrize("line", ["t1 -t t2", "-t t1 -t t2", "-t t1 t2"])
def test_a_place_is_given_once(line: str) -> None:
    with pytest.raises(CommandError, match=r"given twice|takes only"):
        call_from_line(command_named("history"), line)


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("history", "--thred t2", "Did you mean --thread?"),
        ("graph", "--asistant agent", "Did you mean --assistant?"),
        ("inbox", "--ofset 3", "Did you mean --offset?"),
    ],
)
def test_an_unknown_option_gets_a_near_one(name: str, line: str, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_from_line(command_named(name), line)
    assert said in str(refused.value)


def test_what_fits_is_converted_alike() -> None:
    call = call_from_line(command_named("run"), "--wait --timeout 2 --mode values,custom hello")
    assert call.options == {"wait": True, "timeout": 2.0, "mode": ["values", "custom"], "text": "hello"}
    with pytest.raises(NotConnected):
        bound_function(command_named("run"), Session)("hello", wait=True, timeout=2, mode="values,custom")


@given(st.data())
def test_arguments_are_found_to_fit_as_python_finds_it(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from([*commands()]))
    names = [each.name for each in command.parameters]
    arguments = [None] * data.draw(st.integers(0, 3))
    chosen = data.draw(st.lists(st.sampled_from([*names, "nonsense"]), max_size=4, unique=True))
    options = dict.fromkeys(chosen)
    signature = inspect.signature(command.function)
    try:
        bound = signature.bind(None, *arguments, **options)
    except TypeError:
        assert not surely_fits(command.function, arguments, options)
        return
    takes_any = {each.kind for each in signature.parameters.values()} & {
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    }
    assert surely_fits(command.function, arguments, options) is not bool(takes_any)
    positional, named = accept_call(command.function, (), arguments, options)
    assert signature.bind(None, *positional, **named) == bound


def test_a_pair_may_have_the_name_of_a_commands_first_argument() -> None:
    set_defaults = command_named("set")
    assert accept_call(set_defaults.function, set_defaults.parameters, (), {"session": "abc"}) == (
        (),
        {"session": "abc"},
    )
