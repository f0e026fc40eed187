"""The grammar, case by case, on commands made for the purpose."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import pytest

from lg_magics.errors import CommandError
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.parameters import KeyValues, Option, Positional, Tail
from lg_magics.grammar.read import Call, call_from_line
from lg_magics.grammar.registry import Command, command, command_of


class Session: ...


@command("say", group="Tests")
def say(
    session: Session,
    text: Annotated[str | None, Tail()] = None,
    *,
    assistant: Annotated[str | None, Option("-a", completes="assistant")] = None,
    input: Annotated[object, Option("-i", value="$obj", completes="python")] = None,
    configurable: Annotated[Mapping[str, object] | None, KeyValues("-c")] = None,
    wait: bool = False,
    card: bool = True,
    timeout: Annotated[float | None, Option(value="SECONDS")] = None,
    config: Annotated[Mapping[str, object] | None, Option(value="$config", everyday=False)] = None,
    interrupt_before: Sequence[str] | None = None,
) -> None: ...


@command("thread rename", group="Tests")
def rename(
    session: Session, thread: Annotated[str, Positional(completes="thread")], name: Annotated[str, Tail()]
) -> None: ...


@command("wait", group="Tests")
def wait(
    session: Session, *runs: Annotated[object, Positional(completes="run")], all: bool = False, limit: int = 10
) -> None: ...


@command("set", group="Tests")
def set_defaults(session: Session, *, clear: bool = False, **configurable: object) -> None: ...


@command("debug", group="Tests")
def debug(session: Session, switch: Literal["on", "off"] = "on", *, strict: bool | None = None) -> None: ...


@command("resume", group="Tests")
def resume(session: Session, answer: Annotated[object, Tail()]) -> None: ...


@command("pack", group="Tests")
def pack(session: Session, first: str, rest: Annotated[Sequence[str], Positional(many=True)]) -> None: ...


RUN = types.SimpleNamespace(thread_id="the-thread", values={"a key": [1, 2]}, number=7)
NAMES = {"run": RUN, "items": ["zero", "one"], "config": {"limit": 3}, "name": "Anna", "path": Path("here")}


def read(function: object, line: str, body: str | None = None) -> Call:
    found = command_of(function)
    assert isinstance(found, Command)
    return call_from_line(found, line, body, NAMES)


def options(line: str, body: str | None = None) -> Mapping[str, object]:
    return read(say, line, body).options


def complaint(function: object, line: str, body: str | None = None) -> str:
    with pytest.raises(CommandError) as caught:
        read(function, line, body)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "What's next?",
        'say "hi" {name} $HOME # not a comment',
        '{"a": [1, 2]}',
        "ends in ??",
        "two  spaces stay",
        "a dash - and -- two, and --- three",
        "minus -5 degrees",
        "-5 degrees",
        "- buy milk",
        "how do I use --wait in a sentence",
        "rm -f everything",
        "$HOME",
        "$name",
        "hello\u00a0--wait",
        "100% 'unclosed",
    ],
)
def test_text_arrives_as_it_was_typed(text: str) -> None:
    assert options(text) == {"text": text}
    assert options(f"-a helper --wait {text}") == {"assistant": "helper", "wait": True, "text": text}


def test_two_dashes_start_the_text_wherever_they_stand() -> None:
    assert options("-- --wait for me") == {"text": "--wait for me"}
    assert options("--wait -- hello --wait") == {"wait": True, "text": "hello --wait"}
    assert options("--") == {}


def test_options_take_their_values_in_every_spelling() -> None:
    assert (
        options("--assistant=helper") == options("--assistant helper") == options("-a helper") == options("-a=helper")
    )
    assert options('-a "my helper"') == {"assistant": "my helper"}
    assert options("""--assistant='it"s'""") == {"assistant": 'it"s'}
    assert options(r"-a 'it\'s'") == {"assistant": "it's"}
    assert options('-a "--wait"') == {"assistant": "--wait"}
    assert options("--assistant=--wait") == {"assistant": "--wait"}
    assert options(r"-a C:\new") == {"assistant": r"C:\new"}


def test_a_flag_has_a_yes_and_a_no() -> None:
    assert options("--wait --no-card") == {"wait": True, "card": False}
    assert options("--no-wait --card") == {"wait": False, "card": True}
    assert read(debug, "--no-strict").options == {"strict": False}
    assert "--wait takes no value" in complaint(say, "--wait=yes hello")


def test_an_option_after_the_text_shows_both_ways() -> None:
    assert complaint(say, "-a helper hello you --wait") == (
        "--wait comes after the text. As an option: %lg_say -a helper --wait hello you   "
        "As text: %lg_say -a helper -- hello you --wait"
    )
    assert "--timeout=5 comes after" in complaint(say, "hello --timeout=5 ")
    assert "-a comes after" in complaint(say, 'hello -a "my helper" --wait')
    assert "-a comes after" in complaint(say, "hello -a")
    assert "-c comes after" in complaint(say, "hello -c user_id='a b' -o answer")
    assert "--help comes after" in complaint(say, "hello --help")


def test_an_unknown_option_gets_a_suggestion() -> None:
    assert "has no option --asistant. Did you mean --assistant?" in complaint(say, "--asistant x hello")
    assert "Did you mean --wait?" in complaint(say, "-wait hello")
    assert "Did you mean --help?" in complaint(wait, "-h")
    assert "%lg_say -- --- …" in complaint(say, "--- hello")
    assert "%lg_wait --help lists them." in complaint(wait, "--xyz")


def test_an_option_without_its_value_is_reported() -> None:
    assert complaint(say, "-a") == "-a needs a value. -a ASSISTANT"
    assert complaint(say, "-a --wait hi") == "-a needs a value, and --wait is an option. -a ASSISTANT"
    assert complaint(say, "--timeout= 5") == "--timeout needs a value. --timeout SECONDS"


def test_an_option_given_twice_is_reported() -> None:
    assert "--assistant is given twice" in complaint(say, "-a x --assistant y hi")
    assert "--no-wait is given twice" in complaint(say, "--wait --no-wait hi")
    assert "--quiet is given twice" in complaint(say, "--quiet --quiet hi")


def test_a_key_of_pairs_given_twice_is_reported_without_its_value_and_one_over_a_mapping_is_meant() -> None:
    assert complaint(say, "-c a=secret -c b=1 -c a:=3 hi") == "-c a is given twice. Each key once."
    assert complaint(set_defaults, "clear=yes") == "clear=… is an option of %lg_set: --clear."
    assert complaint(set_defaults, "a=secret b=1 a=2") == "a is given twice. Each key once."
    assert options("-c $config -c limit=5 hi")["configurable"] == {"limit": "5"}


def test_positionals_come_first_then_the_text() -> None:
    call = read(rename, "t2 Tom's new --- chat")
    assert (call.arguments, call.options) == (("t2",), {"name": "Tom's new --- chat"})
    assert read(rename, "'my thread' -o x -- --new--").output == "x"
    assert complaint(rename, "t2") == "%lg_thread rename needs NAME. %lg_thread rename THREAD NAME"
    assert complaint(rename, "") == "%lg_thread rename needs THREAD and NAME. %lg_thread rename THREAD NAME"


def test_words_that_a_command_has_no_use_for_are_named() -> None:
    assert "%lg_debug takes only on|off, got 'hard please'." in complaint(debug, "on hard please")
    assert "%lg_set takes no text, got 'Test'." in complaint(set_defaults, "user_id=A Test")
    assert "got '--wait'." in complaint(set_defaults, "-- --wait")


def test_any_number_of_words_may_be_wanted() -> None:
    assert read(wait, "").arguments == ()
    assert read(wait, "r7 --all t2").arguments == ("r7", "t2")
    assert read(pack, "a b c").arguments == ("a", ("b", "c"))
    assert "needs REST" in complaint(pack, "a")


def test_bare_pairs_are_keyword_arguments() -> None:
    assert read(set_defaults, "user_id=Test --clear n:=2").options == {"clear": True, "user_id": "Test", "n": 2}


def test_the_door_has_options_of_its_own() -> None:
    call = read(say, "-o answer --quiet hello")
    assert (call.output, call.is_quiet, call.options) == ("answer", True, {"text": "hello"})
    assert "--output expects a Python name, not 'a.b'" in complaint(say, "-o a.b hello")
    assert read(say, "--help").help == "everyday"
    assert read(wait, "--limit 3 --help all").help == "all"
    assert "has no option -f" in complaint(wait, "-f r7")


def test_the_body_of_a_cell_is_the_text() -> None:
    body = "What's next?\n  {json: 1} --wait\n\n"
    assert options("--wait -a helper", body) == {"wait": True, "assistant": "helper", "text": body[:-1]}
    assert options("--wait", "\n  \n") == {"wait": True}
    assert "text on the line and in the cell" in complaint(say, "hello", "world\n")
    assert "takes no text, but the cell" in complaint(wait, "r7", "world\n")
    assert read(rename, "t2", "A name\n").options == {"name": "A name"}


def test_an_answer_may_be_an_object() -> None:
    assert read(resume, "$run.values").options == {"answer": RUN.values}
    assert read(resume, "$run and more").options == {"answer": "$run and more"}
    assert read(resume, "$run $run").options == {"answer": "$run $run"}


def test_quotes_are_closed_and_stand_alone() -> None:
    assert "The quote is never closed: 'abc hello" in complaint(say, "-a 'abc hello")
    assert "A space is missing after the quote" in complaint(say, '-a "abc"d hello')


def test_behind_an_option_that_makes_it_text_no_word_is_a_reference() -> None:
    command = command_named("compare")
    names = {"one": 1, "two": 2}
    assert call_from_line(command, "$one $two --fail-below -0.02", names=names).arguments == (1, 2)
    call = call_from_line(command, "-a A,B --repeat 3 what's the  weather in {city}?", names=names)
    assert (call.arguments, call.options["text"]) == ((), "what's the  weather in {city}?")
    assert call_from_line(command, "-a A,B $one", names=names).options["text"] == 1
    for text in ("$one $two", "$one  $two ", "$one,$two"):
        assert call_from_line(command, f"-a A,B {text}", names=names).options["text"] == [1, 2]
    assert call_from_line(command, "-a A,B $one costs $two", names=names).options["text"] == "$one costs $two"
    assert call_from_line(command, "baseline.jsonl $two", names=names).arguments == ("baseline.jsonl", 2)
