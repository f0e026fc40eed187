"""Tab in a line of ours, through IPython's own completer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import lg_magics as lg
from lg_magics.grammar.catalogue import verbs
from lg_magics.grammar.words import Line

Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(shell: InteractiveShell) -> Complete:
    """What IPython offers at the end of some source."""
    lg.current().remember_words("assistant", ("task_maistro", "two words"))

    def offered(source: str) -> list[str]:
        with provisionalcompleter():
            return [each.text for each in shell.Completer.completions(source, len(source))]

    return offered


@pytest.mark.parametrize("before", ["%", "r = %", "    %", "%%", "x.y = %", "import os\n%"])
def test_options_are_offered_and_nothing_else(complete: Complete, before: str) -> None:
    assert complete(f"{before}lg_run --as") == ["--assistant"]
    assert complete(f"{before}lg_run --wait --no-ca") == ["--no-card"]


def test_after_the_magic_its_everyday_options_are_offered(complete: Complete) -> None:
    offered = complete("%lg_run ")
    assert offered[:3] == ["--assistant", "--thread", "--stateless"]
    assert "--no-card" in offered
    assert "--config" not in offered


def test_verbs_are_offered_first(complete: Complete) -> None:
    assert complete("%lg_thread ")[: len(verbs("thread"))] == list(verbs("thread"))
    assert complete("%lg_thread us") == ["use"]
    assert "--create" in complete("%lg_thread use --")


def test_values_are_offered_by_their_kind(complete: Complete) -> None:
    assert complete("%lg_run -a ta") == ["task_maistro"]
    assert complete("%lg_run --assistant=ta") == ["task_maistro"]
    assert complete("%lg_run -a ") == ["task_maistro", '"two words"']
    assert complete("%lg_assistant use ta") == ["task_maistro"]
    assert complete("%lg_debug o") == ["on", "off"]
    assert "last" in complete("%lg_wait ")
    assert complete("%lg_wait r1 la") == ["last"]


@pytest.mark.parametrize("name", ['say "hi"', "a=b", "-x", "$y", "it's", "back\\slash", "{z}"])
def test_an_offered_name_is_read_as_it_is(complete: Complete, name: str) -> None:
    lg.current().remember_words("assistant", (name,))
    (offered,) = [each for each in complete("%lg_run -a ") if not each.startswith("--")]
    assert Line(offered).take_value().text == name


def test_a_name_with_spaces_is_offered_when_its_first_letters_are_typed(complete: Complete) -> None:
    assert complete("%lg_run -a tw") == ['"two words"']


def test_python_names_are_offered_after_a_dollar(complete: Complete, shell: InteractiveShell) -> None:
    shell.user_ns.update(my_input={"a": 1}, my_list=[1])
    assert complete("%lg_run -i $my_") == ["my_input", "my_list"]
    assert "my_input" in complete("%lg_run -i $")
    assert "$my_input" in complete("%lg_run -i ")
    assert "$lg" not in complete("%lg_run -i ")
    assert "my_list.append" in complete("%lg_run -i $my_list.app")


def test_no_attribute_is_looked_up(complete: Complete, shell: InteractiveShell) -> None:
    class Far:
        @property
        def result(self) -> str:
            raise AssertionError("asked the network")

    shell.user_ns["far"] = Far()
    assert complete("%lg_run -i $far.re") == ["far.result"]


def test_in_the_text_nothing_of_ours_is_offered(complete: Complete) -> None:
    assert "--assistant" not in complete("%lg_run hello --as")
    assert "task_maistro" not in complete("%lg_run -- -a ta")
    assert complete("%lg_run --nothing x --as") == [] or "--assistant" not in complete("%lg_run --nothing x --as")


def test_other_lines_are_left_to_ipython(complete: Complete, shell: InteractiveShell) -> None:
    shell.user_ns["my_name"] = 1
    assert complete("my_na") == ["my_name"]
    assert "%lg_run" in complete("%lg_r")
    assert "%%lg_serve" in complete("%%lg_ser")


@pytest.mark.parametrize(
    "line", ["%lg_run hello ", "%lg_debug ", "%lg_status ", "%lg_run -a nobody ", "%lg_thread use "]
)
def test_no_other_magic_is_offered_on_a_line_of_ours(complete: Complete, line: str) -> None:
    assert [each for each in complete(line) if each.startswith("%")] == []


def test_a_file_is_offered_only_where_one_is_taken(
    complete: Complete, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "questions.csv").touch()
    assert complete("%lg_batch quest") == ["questions.csv"]
    assert complete("%lg_run quest") == ["quest"]


def test_deployments_are_offered_before_one_is_connected(complete: Complete) -> None:
    assert complete("%lg_connect lo") == ["local"]


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("%lg_run -a http", "%lg_run -a http://localhost:8123"),
        ("%lg_run -a http:", "%lg_run -a http://localhost:8123"),
        ("%lg_run -a http://loc", "%lg_run -a http://localhost:8123"),
        ("%lg_run --assistant=http://loc", "%lg_run --assistant=http://localhost:8123"),
        ("%lg_run -a trip@", "%lg_run -a trip@2"),
        ("%lg_run -a a=", '%lg_run -a "a=b"'),
        ('%lg_run -a "tw', '%lg_run -a "two words"'),
        ("%lg_run -a 'tw", '%lg_run -a "two words"'),
        ('%lg_run -a "two w', '%lg_run -a "two words"'),
        ('%lg_run --assistant="two w', '%lg_run --assistant="two words"'),
        ('%lg_run -a "ta', "%lg_run -a task"),
        ("%lg_run -i $my.in", "%lg_run -i $my.input"),
        ("%lg_thread us", "%lg_thread use"),
    ],
)
def test_a_completion_replaces_what_was_typed_of_its_word(shell: InteractiveShell, typed: str, completed: str) -> None:
    class My:
        input = 1

    shell.user_ns["my"] = My
    names = ("http://localhost:8123", "trip@2", "a=b", "two words", "task")
    lg.current().remember_words("assistant", names)
    with provisionalcompleter():
        found = {typed[: each.start] + each.text for each in shell.Completer.completions(typed, len(typed))}
    assert found == {completed}
