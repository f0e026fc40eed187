"""A cell that runs again, in JupyterLab on the real server: rewound, with the earlier answers to look at; and after a restart."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from .notebook_page import Notebook

Opener = Callable[..., Notebook]

ASK = "q = 'what is the weather in'\n%lg_run -a agent --rewind -f {q} {city}"


def settled(card: Locator) -> Locator:
    expect(card.locator(".lg-pill")).to_have_text("success")
    return card


def test_a_rewound_card_shows_the_other_runs_of_its_cell(notebook: Opener) -> None:
    opened = notebook("city = 'sf'", ASK, "city = 'nyc'", "%lg_run -a agent Plan nothing")
    opened.run(1)
    opened.run(2)
    settled(opened.card(2))
    opened.run(4)
    settled(opened.card(4))
    opened.run(3)
    opened.run(2)
    card = settled(opened.card(2))
    expect(card).to_contain_text("second run of this cell on this thread · 1 later cell is on the old branch")
    expect(card.locator(".lg-turn")).to_contain_text("2 of 2")
    expect(card.get_by_role("button", name="next run")).to_have_attribute("aria-disabled", "true")
    answer = card.locator(".lg-text").inner_text()
    card.get_by_role("button", name="previous run").click()
    expect(card.locator(".lg-turn")).to_contain_text("1 of 2")
    expect(card.locator(".lg-text")).not_to_have_text(answer)
    card.get_by_role("button", name="next run").click()
    expect(card.locator(".lg-text")).to_have_text(re.compile(re.escape(answer.strip()[:30])))

    def pictures() -> str:
        return str([output["data"].get("text/html") for output in opened.outputs(2) if "data" in output])

    opened.wait_until(lambda: "2 of 2" in pictures(), "the saved picture")


def test_after_a_kernel_restart_the_runs_of_the_notebook_live_again(notebook: Opener) -> None:
    opened = notebook(
        'order = {"steps": 1, "seconds": 600}\nrun = %lg_run -a workbench -t new -i $order',
        "%load_ext lg_magics\n%lg_connect local",
        "mine = %lg_attach --mine",
        "%lg_cancel",
    )
    opened.run(1)
    expect(opened.card(1).get_by_role("status")).to_have_text("running")
    opened.restart()
    opened.run(2)
    opened.run(3)
    card = opened.card(3)
    expect(card.get_by_role("status")).to_have_text("running")
    expect(card.locator(".lg-step.lg-running")).to_contain_text("work")
    opened.run(4)
    expect(card.locator(".lg-pill")).to_have_text("cancelled")
