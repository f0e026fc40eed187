"""An open history's JSON: fresh fixtures, the same words as the static table, and nothing too large for a message."""

from __future__ import annotations

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.model.changes import changes
from lg_magics.tables.state import State
from lg_magics.views.bundle import bundle
from lg_magics.views.history_view import detail_json, history_json

from .history_samples import FOLDER, entry, forked, history, said, samples


@pytest.mark.parametrize("name", samples())
def test_the_fixtures_that_the_page_draws_are_fresh(name: str) -> None:
    assert json.loads((FOLDER / f"{name}.json").read_text("utf-8")) == samples()[name]


def test_every_fixture_has_its_sample() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(samples())


def test_a_row_says_what_the_static_table_says() -> None:
    shown = history(forked())
    static = bundle(shown)["text/plain"].splitlines()[2:]
    for row, line in zip(history_json(shown)["rows"], static, strict=True):
        words = [row["lane"], row["branch"], row["step"], row["source"], row["node"], row["next"], row["change"]]
        assert [word for word in words if word not in line] == []
        assert line.endswith(row["id"][-5:])


def test_a_line_names_the_thread_only_where_it_is_not_the_current_one() -> None:
    shown = history(forked())
    assert history_json(shown)["rows"][3]["line"] == "%lg_fork --run b1:0"
    assert history_json(shown, elsewhere="-t t1")["rows"][3]["line"] == "%lg_fork --run -t t1 b1:0"


def test_a_very_long_history_says_how_much_of_it_is_shown() -> None:
    steps = [entry(number, number - 1 or None, {"count": number}, step=number) for number in range(1_200, 0, -1)]
    told = history_json(history(steps))
    assert 400 < len(told["rows"]) < 1_000
    assert len(json.dumps(told)) < 130_000
    assert told["headline"] == "1200 checkpoints, the newest 471 are shown, .df has all"


def test_a_huge_change_and_a_huge_state_are_cut_and_say_so() -> None:
    messages = [said("human", f"m{number}", "x" * 1_000_000) for number in range(500)]
    detail = detail_json("id", changes({}, {"messages": messages}), State(values={"messages": messages[:2]}))
    assert len(json.dumps(detail)) < 700_000
    assert detail["more_lines"] == 600
    assert detail["state_cut"] > 100_000


def test_a_state_that_is_no_mapping_can_be_looked_at() -> None:
    detail = detail_json("id", changes(None, [1, 2]), State(values=[1, 2], thread="t1", checkpoint_id="id", step=0))
    assert detail["lines"][0] == ("@", "values")
    assert "[1, 2]" in detail["state"]


@pytest.mark.parametrize("cell", ["shown", "display(shown)"])
def test_where_there_is_no_page_an_open_history_is_the_table(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    shell.user_ns["shown"] = history(forked(), is_open=True)
    shell.run_cell(cell)
    said = capsys.readouterr().out
    assert bundle(history(forked()))["text/plain"] in said
