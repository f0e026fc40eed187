"""What is typed after a magic of ours reaches it, through IPython's own transformers, for every command that takes text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from lg_magics.grammar.catalogue import TAKE_TEXT, magic_name
from lg_magics.grammar.lookup import command_for_line, command_named
from lg_magics.grammar.read import call_from_line

TEXTS = [
    "what now?",
    "what now??",
    "really ?",
    "?",
    "end;",
    "number one # two",
    "ends in #",
    "it's",
    "What's it'",
    'say "hi',
    "'''",
    '"""',
    "ends in !",
    "!ls",
    "a (bracket",
    "a bracket] {x",
    '{"a": [1, 2]}?',
    "$HOME {name} {{x}}",
    "100 % of x = y?",
    "r = 1?",
    "back\\slash n",
    "ä 你好 ？ é?",
    "00 1_ 0x",
    "\u201cquoted\u201d?",
]

Sent = Callable[[str], list[tuple[str, str | None]]]


@pytest.fixture
def sent(shell: InteractiveShell) -> Sent:
    """Runs a cell and tells what the text-taking magics were called with."""
    calls: list[tuple[str, str | None]] = []

    def record(line: str, cell: str | None = None) -> str:
        calls.append((line, cell))
        return line

    def run(source: str) -> list[tuple[str, str | None]]:
        calls.clear()
        result = shell.run_cell(source)
        assert result.success, source
        return list(calls)

    verbatim: Any = no_var_expand
    for name in TAKE_TEXT:
        shell.register_magic_function(verbatim(record), "line_cell", magic_name(name.partition(" ")[0]))
    return run


def words_of(name: str) -> str:
    """How the line of a command begins."""
    noun, _, verb = name.partition(" ")
    return f"%{magic_name(noun)} {verb}".strip()


@pytest.mark.parametrize("name", sorted(TAKE_TEXT))
@pytest.mark.parametrize("text", TEXTS)
def test_text_reaches_the_magic_as_it_was_typed(sent: Sent, name: str, text: str) -> None:
    typed = words_of(name)
    places = " ".join(f"place{n}" for n, _ in enumerate(command_named(name).positionals))
    (line, _), *others = sent(f"{typed} --quiet {places} {text}" if places else f"{typed} --quiet {text}")
    assert others == []
    found, rest = command_for_line(name.partition(" ")[0], line)
    assert found is command_named(name)
    call = call_from_line(found, rest)
    assert call.is_quiet
    assert text in (*call.options.values(), *call.arguments)


@pytest.mark.parametrize("name", sorted(TAKE_TEXT))
@pytest.mark.parametrize("text", TEXTS)
def test_text_arrives_wherever_the_line_stands(sent: Sent, shell: InteractiveShell, name: str, text: str) -> None:
    typed = words_of(name)
    source = f"before = 1\n{typed} {text}\nif before:\n    r = {typed} {text}\n    {typed} {text}\nafter = r"
    verb = name.partition(" ")[2]
    asked = "--help" if verb and text == "?" else text  # alone behind a verb it asks for help
    passed = f"{verb} {asked}" if verb else text
    assert [line for line, _ in sent(source)] == [passed] * 3
    assert shell.user_ns["after"] == passed


@pytest.mark.parametrize("text", TEXTS)
def test_text_arrives_in_the_body_of_a_cell(sent: Sent, text: str) -> None:
    assert sent(f"%%lg_run --wait\n{text}\n\n%lg_run {text}") == [("--wait", f"{text}\n\n%lg_run {text}\n")]


@pytest.mark.parametrize("target", ["r", "r.x", "d['k=v']", "a, *b", "r: str"])
def test_a_line_may_be_assigned_to_anything(sent: Sent, target: str) -> None:
    made = "import types\nr = types.SimpleNamespace()\nd = {}\n"
    assert sent(f"{made}{target} = %lg_run ok?") == [("ok?", None)]


def test_an_open_bracket_does_not_swallow_the_next_lines(sent: Sent, shell: InteractiveShell) -> None:
    assert sent("%lg_run is this (open\nx = 1\n%lg_run second [ line?\ny = 2") == [
        ("is this (open", None),
        ("second [ line?", None),
    ]
    assert (shell.user_ns["x"], shell.user_ns["y"]) == (1, 2)


def test_a_trailing_backslash_joins_lines_as_everywhere_in_ipython(sent: Sent) -> None:
    assert sent("%lg_run one \\\ntwo?\nx = 1") == [("one  two?", None)]


def test_a_line_in_a_string_or_a_comment_is_left_alone(sent: Sent, shell: InteractiveShell) -> None:
    assert sent('text = """\n%lg_run what?\n"""\n# %lg_run what?\n') == []
    assert shell.user_ns["text"] == "\n%lg_run what?\n"


def test_a_remainder_is_left_alone(sent: Sent, shell: InteractiveShell) -> None:
    assert sent("lg_run = 3\nr = 7 %lg_run\ns = (7\n  %lg_run)\n") == []
    assert (shell.user_ns["r"], shell.user_ns["s"]) == (1, 1)


def test_other_magics_and_questions_are_left_alone(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("value = 1\nvalue?")
    assert "Type:" in capsys.readouterr().out
    shell.run_cell("%pwd?")
    assert "working directory" in capsys.readouterr().out


def test_a_question_about_the_magic_itself_shows_the_help_and_nothing_else(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    for source in ("%lg_run?", "?%lg_run", "%%lg_run?", "%lg_run --help"):
        assert shell.run_cell(source).success
        shown = capsys.readouterr().out.replace("Docstring:", "").strip()
        assert shown.startswith("%lg_run [options] [TEXT]"), source
        assert shown.endswith("rare options: %lg_run --help all"), source


def test_two_question_marks_show_the_rare_options_too(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%lg_run??")
    assert "--metadata" in capsys.readouterr().out


def test_a_question_about_a_verb_shows_its_help(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%lg_thread use?")
    assert capsys.readouterr().out.startswith("%lg_thread use [options] THREAD")
    shell.run_cell("%lg_thread?")
    assert "%lg_thread VERB" in capsys.readouterr().out


def test_home_shows_all_commands_when_asked(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%lg --help")
    assert "%lg_thread rename" in capsys.readouterr().out


def test_nothing_is_interpolated_by_ipython(sent: Sent, shell: InteractiveShell) -> None:
    shell.user_ns.update(name="Anna", sys=sys)
    assert sent("%lg_run hello {name} $name {sys.path}") == [("hello {name} $name {sys.path}", None)]
