"""The doctor says what was found and what to do, for each kind of surroundings. It needs no deployment here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lg_magics import __version__
from lg_magics.commands.doctor import doctor
from lg_magics.errors import CommandError
from lg_magics.model.environment import Environment
from lg_magics.session import Session

GOOD = Environment(
    python="3.12.1",
    kernel="7.1.0",
    has_subshells=True,
    is_loaded=True,
    host="page",
    plugin=__version__,
    plugin_answers=True,
    notebook="a.ipynb",
    is_trusted=True,
)


def found(around: Environment, check: str) -> tuple[str, str, str]:
    session = Session()
    session.environment = lambda: around
    (row,) = [each for each in doctor(session) if each["check"] == check]
    session.close()
    return row["result"], row["found"], row["what_to_do"]


@pytest.mark.parametrize("check", ["kernel", "extension", "front end", "trust"])
def test_a_good_set_up_has_no_problem(check: str) -> None:
    result, _, cure = found(GOOD, check)
    assert (result, cure) == ("ok", "")


@pytest.mark.parametrize(
    ("check", "changes", "word", "cure"),
    [
        ("kernel", {"kernel": "6.29.5", "has_subshells": False}, "6.29.5", "ipykernel>=7.1"),
        ("extension", {"is_loaded": False}, "not loaded", "%load_ext lg_magics"),
        ("extension", {"missing": ("anywidget",)}, "anywidget", "%pip install anywidget"),
        ("front end", {"plugin_answers": False}, "does not answer", "F5"),
        ("front end", {"plugin_answers": False, "plugin": "0.0.9"}, "0.0.9", "one environment"),
        ("front end", {"plugin_answers": False, "plugin": ""}, "side panel", "restart JupyterLab"),
        ("trust", {"is_trusted": False}, "not trusted", "Trust Notebook"),
    ],
)
def test_a_problem_comes_with_what_to_do(check: str, changes: dict[str, Any], word: str, cure: str) -> None:
    result, words, hint = found(replace(GOOD, **changes), check)
    assert result == "problem"
    assert word in words
    assert cure in hint


@pytest.mark.parametrize(
    ("check", "changes", "result"),
    [
        ("kernel", {"kernel": ""}, "not checked"),
        ("front end", {"host": "headless"}, "not checked"),
        ("front end", {"host": "terminal"}, "not checked"),
        ("front end", {"plugin_answers": False, "plugin": "", "other_page": "VS Code"}, "ok"),
        ("trust", {"is_trusted": None}, "not checked"),
    ],
)
def test_what_cannot_be_known_is_no_problem(check: str, changes: dict[str, Any], result: str) -> None:
    assert found(replace(GOOD, **changes), check)[0] == result


def test_without_a_deployment_the_first_line_to_type_is_named() -> None:
    result, _, cure = found(GOOD, "deployment")
    assert result == "problem"
    assert "%lg_connect local" in cure
    assert [found(GOOD, check)[0] for check in ("key", "graphs", "one run")] == ["not checked"] * 3


def test_a_text_without_a_run_is_refused() -> None:
    with pytest.raises(CommandError, match="--run"):
        doctor(Session(), "hello")
