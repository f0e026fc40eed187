"""What only a real kernel and a real JupyterLab can say: restarts, typed lines, completion, commands of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .notebook_page import Lab, Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]


def test_a_restarted_kernel_adopts_the_same_server_with_its_threads(notebook: Opener) -> None:
    opened = notebook("%lg_run -a agent --wait weather in Paris after the restart", "%lg_status", "%lg_threads")
    opened.run(1, 2)
    before = opened.text(2).splitlines()[1:3]
    assert "http://127.0.0.1:" in before[0]
    assert "process" in before[1]
    opened.restart()
    opened.run(0, 2, 3)
    assert opened.text(2).splitlines()[1:3] == before
    assert "weather in Paris after the restart" in opened.text(3)


def test_a_question_mark_reaches_the_deployment(notebook: Opener) -> None:
    opened = notebook("run = %lg_run -a agent what now?", "run.wait().messages[0].text")
    opened.run(1, 2)
    assert opened.text(2) == "'what now?'"
    expect(opened.card(1).locator(".lg-title")).to_have_text("what now?")


def test_tab_completes_options_of_a_magic(notebook: Opener) -> None:
    opened = notebook("%lg_run --w")
    assert opened.completions("%lg_run --w") == ["--wait", "--webhook"]
    assert "task_maistro" in opened.completions("run = %lg_run -a ")


def test_a_command_of_the_page_inserts_a_cell(notebook: Opener, lab: Lab) -> None:
    opened = notebook("1 + 1")
    opened.choose(1)
    assert lab.command("lg-magics:insert-cell", text="%lg_runs") == "true"
    assert [opened.source(index) for index in range(opened.count)][1:] == ["1 + 1", "%lg_runs"]
    assert opened.outputs(2) == []
