"""A graph of the notebook, edited and served again in JupyterLab: a card ends on the version on which its run began."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from .notebook_page import Notebook

Opener = Callable[..., Notebook]

IMPORTS = """
import time
from typing import TypedDict
from langgraph.graph import START, StateGraph
class State(TypedDict, total=False):
    said: str
"""
CELL = """%%lg_serve
def slow(state):
    time.sleep({seconds})
    return {{"said": "{said}"}}
edited = StateGraph(State).add_node("slow", slow).add_edge(START, "slow").compile()
"""


def test_the_card_of_a_running_run_ends_on_the_old_version(notebook: Opener) -> None:
    opened = notebook(
        IMPORTS,
        CELL.format(seconds=6, said="the old answer"),
        "first = %lg_run --json {}",
        CELL.format(seconds=0, said="the new answer"),
        "second = %lg_run --json {}",
        "(first.wait().result['said'], second.wait().result['said'])",
    )
    opened.run(1)
    opened.run(2)
    expect(opened.output(2)).to_contain_text(re.compile(r"serving edited v1 \(cells \d+, \d+"))
    opened.run(3)
    old = opened.card(3)
    expect(old.get_by_role("status")).to_have_text("running")
    expect(old).to_contain_text("edited v1")
    opened.run(4)
    expect(opened.output(4)).to_contain_text("serving edited v2")
    opened.run(5)
    new = opened.card(5)
    expect(new).to_contain_text("edited v2")
    expect(new.locator(".lg-pill")).to_have_text("success")
    expect(old.locator(".lg-pill")).to_have_text("success")
    expect(old).to_contain_text("edited v1")
    opened.run(6)
    expect(opened.output(6)).to_contain_text("('the old answer', 'the new answer')")
