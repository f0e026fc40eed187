"""What the README and the first pages show runs as it stands there, and the README's two sides give the same."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from test_hosts import executed, notebook_of
from test_walkthrough import ADDRESS, run_as_cells

from lg_magics import local

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
ADD = "%lg_run --wait Add a ToDo to finish booking travel to Hong Kong by end of next week."


def blocks(page: Path = README, language: str = "python") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_the_ten_lines_run_one_in_a_cell() -> None:
    lines = blocks()[1].splitlines()
    assert len(lines) == 10
    said = ["\n".join(cell) for cell in executed(notebook_of(*lines))[0]]
    assert said[4].startswith("success · task_maistro")
    assert "Call parents back about Thanksgiving plans" in said[5]
    assert "What ToDo should I focus on first?" in said[6]
    assert said[9] == (
        "'It is 18°C (64°F) and partly cloudy in San Francisco now, with 59% humidity and a wind of 19 km/h.'"
    )


def test_the_four_lines_behind_the_install_run() -> None:
    said = ["\n".join(cell) for cell in executed(notebook_of(*blocks()[0].splitlines()))[0]]
    assert said[1].startswith("Connected to ")
    assert "hello" in said[3]


def test_every_block_of_the_readme_is_run_by_a_test() -> None:
    text = README.read_text("utf-8")
    assert (text.count("```"), len(blocks())) == (8, 4)
    lines = re.findall(r"^    (\S.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    assert [line.partition("#")[0].strip() for line in lines] == [
        "pip install 'lg-magics[local,lab]'",  # tests/packaging/test_wheel.py
        "pip install 'lg-magics[local]'",
        "pip install lg-magics",
        "make demo",  # tests/packaging/test_demo.py
        "make test",
    ]


def test_the_documentation_begins_with_the_four_lines_of_the_readme() -> None:
    assert blocks(ROOT / "docs/index.md", "ipython") == blocks()[:1]


def test_the_lines_below_each_question_run_from_top_to_bottom() -> None:
    page = ROOT / "docs/questions.md"
    answers = blocks(page, "ipython")
    assert len(answers) + len(blocks(page, "text")) == page.read_text("utf-8").count("\n## ") + 1
    said = ["\n".join(cell) for cell in executed(notebook_of(*answers))[0]]
    assert said[0].count("Connected to ") == 1
    assert all(said[1:])


def test_with_and_without_give_the_same(server: local.LocalServer, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, ours, theirs = (block.replace(ADDRESS, server.url) for block in blocks())
    lines = ours.splitlines()
    cells = executed(notebook_of(*lines[:3], ADD, *lines[3:]))[0]
    asyncio.run(run_as_cells([theirs]))
    with_sdk = capsys.readouterr().out
    for shown in cells[4:]:
        for task in ("Finish booking travel to Hong Kong", "Check flight prices on Skyscanner"):
            assert task in "\n".join(shown)
            assert with_sdk.count(task) >= 3
    assert "There is 1 ToDo due within a week" in "\n".join(cells[5])
    assert "There is 1 ToDo due within a week" in with_sdk
