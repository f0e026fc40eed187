"""What a signature compiles to, and that the one list of names is true."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any

import pytest

import lg_magics as lg
from lg_magics import commands as package
from lg_magics.errors import CommandError, type_phrase
from lg_magics.grammar.catalogue import CATALOGUE, TAKE_TEXT, nouns, takes_text, verbs
from lg_magics.grammar.lookup import command_for_line, command_named, commands
from lg_magics.grammar.parameters import KeyValues, Option, Positional, Tail
from lg_magics.grammar.registry import Command, command, command_of
from lg_magics.model.result import Result


class Session: ...


UNTYPED: Any = lg
"""The functions without their types, to call them as nobody should."""


def compiled(function: Any) -> Command:
    found = command_of(command("try", group="Tests")(function))
    assert found is not None
    return found


def test_the_catalogue_names_exactly_the_commands_there_are() -> None:
    modules = [
        importlib.import_module(f"{package.__name__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)
    ]
    written = {
        found.name: module.__name__.rpartition(".")[2]
        for module in modules
        for function in vars(module).values()
        if (found := command_of(function)) and function.__module__ == module.__name__
    }
    assert written == dict(CATALOGUE)


def test_the_catalogue_knows_which_commands_take_text() -> None:
    assert {each.name for each in commands() if each.tail} == TAKE_TEXT


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_command_says_what_it_does_with_an_example_and_explains_each_parameter(name: str) -> None:
    found = command_named(name)
    assert found.summary.endswith("."), found.summary
    assert found.example.startswith(found.typed)
    assert [each.name for each in found.parameters if not each.help] == []


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_example_can_be_read(name: str) -> None:
    from lg_magics.grammar.read import call_from_line

    found = command_named(name)
    for line in found.example.splitlines():
        noun = line.split()[0].removeprefix("%lg").removeprefix("_")
        of_line, rest = command_for_line(noun, line.partition(" ")[2])
        assert of_line is not None
        call_from_line(of_line, rest, names={"values": {}, "args": {}, "frame": [], "batch": 1, "run": 1})


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_command_is_a_python_function_with_the_same_parameters(name: str) -> None:
    function: Any = lg
    for part in (name or "home").split():
        function = getattr(function, part.replace("-", "_"))
    given = inspect.signature(command_named(name).function)
    if verbs(name):
        return
    assert list(inspect.signature(function).parameters) == list(given.parameters)[1:]
    assert "Annotated" not in str(inspect.signature(function))
    assert function.__doc__ == command_named(name).function.__doc__


def test_a_python_function_runs_on_the_current_session_and_only_returns(capsys: pytest.CaptureFixture[str]) -> None:
    result = lg.home()
    assert isinstance(result, Result)
    assert capsys.readouterr().out == ""
    assert lg.home is lg.home


def test_a_noun_is_an_object_with_its_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert repr(lg.thread) == f"<lg.thread: {', '.join(verbs('thread'))}>"
    assert {"new", "use", "delete"} <= set(dir(lg.thread))
    with pytest.raises(AttributeError, match="has no verb 'sing'"):
        UNTYPED.thread.sing  # noqa: B018 - the look-up is what is tested
    with pytest.raises(lg.errors.LgError):
        lg.thread()
    monkeypatch.delitem(CATALOGUE, "assistant show")  # a noun that does nothing by itself
    with pytest.raises(TypeError, match="needs a verb: use"):
        lg.assistant()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: UNTYPED.run("hi", asistant="agent"),
            "lg.run: got an unexpected keyword argument 'asistant'. Did you mean assistant=?",
        ),
        (
            lambda: UNTYPED.thread.use("t1", "t2"),
            "lg.thread.use: too many positional arguments. lg.thread.use? shows what it takes.",
        ),
        (lambda: UNTYPED.thread.use(), "lg.thread.use: missing a required argument: 'thread'. lg.thread.use? shows"),
    ],
)
def test_a_call_that_does_not_fit_is_reported_in_words_before_anything_is_done(
    call: Callable[[], object], said: str
) -> None:
    with pytest.raises(CommandError) as caught:
        call()
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("thing", "name"), [(7, "an int"), (None, "None"), ("x", "a str"), (Decimal(), "a Decimal"), ([], "a list")]
)
def test_a_thing_that_does_not_fit_is_called_by_its_kind(thing: object, name: str) -> None:
    assert type_phrase(thing) == name


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no 'nothing'"):
        UNTYPED.nothing  # noqa: B018 - the look-up is what is tested


def test_each_noun_is_listed_once() -> None:
    assert len(nouns()) == len(set(nouns()))
    assert verbs("thread") == ("new", "use", "show", "copy", "rename", "update", "delete", "prune")
    assert verbs("run") == ()
    assert takes_text("run")
    assert not takes_text("thread")


def test_a_line_finds_its_verb_before_anything_else() -> None:
    found, rest = command_for_line("thread", "  use  'my thread'")
    assert found is not None
    assert (found.name, rest) == ("thread use", "  'my thread'")


def test_a_bare_noun_shows() -> None:
    for line in ("", "--quiet"):
        found, rest = command_for_line("thread", line)
        assert found is not None
        assert (found.name, rest) == ("thread show", line)
    assert command_for_line("thread", "--help") == (None, "")


@pytest.mark.parametrize(
    ("noun", "line", "said"),
    [
        ("thread", "nwe", "%lg_thread has no verb 'nwe'. Did you mean %lg_thread new?"),
        ("thread", "xyz", "%lg_thread has no verb 'xyz'. %lg_thread new|use|show|copy|rename|update|delete|prune"),
        ("assistant", "", "%lg_assistant needs a verb. %lg_assistant use|create|update|versions|use-version|delete"),
        ("", "run hello", "%lg takes no words. Did you mean %lg_run?"),
    ],
)
def test_a_line_without_a_known_verb_is_reported(
    noun: str, line: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(CATALOGUE, "assistant show")  # a noun that does nothing by itself
    with pytest.raises(CommandError) as caught:
        command_for_line(noun, line)
    assert str(caught.value) == said


def test_spellings_come_from_the_names() -> None:
    def function(
        session: Session, *, interrupt_before: str = "", from_: str = "", card: bool = True, wait: bool = False
    ) -> None: ...

    flags = [each.flags for each in compiled(function).options]
    assert flags == [("--interrupt-before",), ("--from",), ("--card", "--no-card"), ("--wait", "--no-wait")]
    assert [each.shown for each in compiled(function).options[2:]] == ["--no-card", "--wait"]


def test_help_comes_from_the_docstring() -> None:
    def function(session: Session, *names: str, limit: Annotated[int, Option("-n")] = 10, **pairs: object) -> None:
        """Do a thing,
        on two lines.

        And more.

        Args:
            *names: Which ones.
            limit: How many,
                at most.
            **pairs: What else.

        Example:
            %lg_try a
        """

    found = compiled(function)
    assert found.summary == "Do a thing, on two lines."
    assert found.docstring.description == "And more."
    assert [each.help for each in found.parameters] == ["Which ones.", "How many, at most.", "What else."]
    assert found.example == "%lg_try a"


def text_first(session: Session, text: Annotated[str, Tail()], more: str) -> None: ...
def optional_before_text(session: Session, first: str = "", text: Annotated[str, Tail()] = "") -> None: ...
def same_spelling(session: Session, *, a: Annotated[str, Option("-o")] = "") -> None: ...
def same_long(session: Session, *, quiet: bool = False) -> None: ...
def unknown_type(session: Session, value: str = "") -> None: ...


unknown_type.__annotations__["value"] = "Nowhere"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (text_first, "a Tail is the last positional"),
        (optional_before_text, "must be a required one"),
        (same_spelling, "-o means two things"),
        (same_long, "--quiet means two things"),
        (unknown_type, "the type of 'value' is not importable"),
    ],
)
def test_a_signature_that_cannot_be_read_one_way_only_is_refused(function: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        compiled(function)


def test_markers_keep_what_completion_and_help_ask_for() -> None:
    def function(
        session: Session,
        rest: Annotated[Sequence[str], Positional(completes="run", many=True)],
        *,
        pairs: Annotated[object, KeyValues("-c", everyday=False)] = None,
    ) -> None: ...

    rest, pairs = compiled(function).parameters
    assert (rest.completes, rest.many, rest.type, rest.required) == ("run", True, str, True)
    assert (pairs.flags, pairs.everyday, pairs.value) == (("-c", "--pairs"), False, "K=V")
