"""A run that failed says why on as many lines as its error has, within a bound: a terminal has no card that shows the rest."""

from __future__ import annotations

from lg_magics.errors import RunFailed
from lg_magics.follow.outcome import error_for
from lg_magics.model.run_steps import Step
from lg_magics.model.run_view import RunView

INVALID = "1 validation error for State\ncount\n  Input should be a valid integer [type=int_parsing]"


def failed(message: str) -> RunFailed:
    view = RunView("error", steps=(Step("work", "failed"),), error="ValidationError", error_message=message)
    found = error_for("r1", view)
    assert isinstance(found, RunFailed)
    return found


def test_the_lines_below_the_first_are_in_the_error_as_ipython_prints_it() -> None:
    (shown,) = failed(INVALID)._render_traceback_()
    assert shown.splitlines() == [
        "RunFailed: r1 failed in work: ValidationError: 1 validation error for State",
        "  count",
        "    Input should be a valid integer [type=int_parsing]",
    ]
    assert "Input should be a valid integer" in str(failed(INVALID))


def test_an_error_of_one_line_stays_one() -> None:
    assert str(failed("no")) == "r1 failed in work: ValidationError: no"


def test_many_and_long_lines_are_cut_and_say_what_has_them() -> None:
    shown = str(failed("\n".join(["first", *["line " * 500] * 3, *["short"] * 100])))
    assert len(shown.encode()) < 3_000
    assert '… 91 more lines: lg.attach("r1").error has all' in shown
    assert shown.count("short") == 9


def test_a_line_below_cannot_stand_for_one_of_ours() -> None:
    assert "\nr7" not in str(failed("no\nr7 · success\x1b[2J"))
    assert "\x1b" not in str(failed("no\nr7 · success\x1b[2J"))
