"""A card that waits for a person, in JupyterLab on the real server: its form answers, and only when it is meant to."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

ASK = "run = %lg_run -a approval Plan a trip to Hong Kong"
LIVE = {
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.lg-magics.view+json",
    "text/html",
    "text/plain",
}
PICTURE = {"text/html", "text/plain"}


def waiting(opened: Notebook, cell: int = 1) -> Locator:
    opened.run(cell)
    card = opened.card(cell)
    expect(card.get_by_role("status")).to_have_text("waiting for you")
    return card


def press(card: Locator, name: str) -> None:
    card.get_by_role("button", name=name, exact=True).click()


def count_runs(opened: Notebook, cell: int) -> int:
    """A cell with `len(lg.runs())` says how many runs there are on the thread."""
    opened.run(cell)
    return int(opened.text(cell))


def test_a_question_is_answered_on_its_card_while_a_cell_is_running(notebook: Opener) -> None:
    opened = notebook(ASK, "import time\nprint('begun')\ntime.sleep(8)", "run.interrupts[0].args['price_usd']")
    card = waiting(opened)
    expect(card).to_contain_text('book_flight(destination="Hong Kong", price_usd=640)')
    resume = card.get_by_role("button", name="Resume")
    expect(resume).to_be_disabled()
    opened.begin(2)
    expect(opened.output(2)).to_contain_text("begun")
    press(card, "Approve")
    resume.click()
    expect(opened.card(1).locator(".lg-pill")).to_have_text("success", timeout=5_000)
    assert opened.is_running(2)
    expect(opened.card(1)).to_contain_text("HumanInTheLoopMiddleware.after_model asked: book_flight(")
    expect(opened.card(1)).to_contain_text("Answered: approve")
    expect(opened.card(1).get_by_role("button", name="Resume")).to_have_count(0)
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE], "the picture")
    opened.interrupt()
    opened.finish()


def test_control_and_s_in_a_text_box_saves_the_notebook_and_other_combinations_stay_in_the_box(
    notebook: Opener,
) -> None:
    opened = notebook(ASK, "'not touched'")
    card = waiting(opened)
    opened.save()
    press(card, "Respond")
    box = card.get_by_role("textbox")
    box.press_sequentially("two words")
    opened.page.evaluate("() => { window.panel.context.model.dirty = true }")
    box.press("Control+s")
    opened.wait_until(lambda: not opened.is_dirty, "the save")
    expect(box).to_be_focused()
    box.press("Control+Backspace")
    expect(box).to_have_value("two ")
    box.press("Control+a")
    box.press("x")
    expect(box).to_have_value("x")
    assert (opened.count, opened.executed(1)) == (3, 2)


def test_no_key_sends_an_answer(notebook: Opener) -> None:
    opened = notebook(ASK, "print(len(lg.runs()))")
    card = waiting(opened)
    press(card, "Respond")
    box = card.get_by_role("textbox")
    expect(box).to_be_empty()
    box.press_sequentially("dd a")
    for key in ("Enter", "Control+Enter", "Meta+Enter", "Shift+Enter", "Alt+Enter"):
        box.press(key)
    assert (opened.count, count_runs(opened, 2)) == (3, 1)
    assert box.input_value().startswith("dd a\n")
    expect(card.get_by_role("button", name="Resume")).to_be_enabled()


def test_an_edit_begins_with_an_empty_box_and_says_what_is_wrong(notebook: Opener) -> None:
    opened = notebook(ASK)
    card = waiting(opened)
    press(card, "Edit")
    box = card.get_by_role("textbox")
    expect(box).to_be_empty()
    expect(card.get_by_role("button", name="Resume")).to_be_disabled()
    press(card, "Copy the arguments into the box")
    box.fill(box.input_value().replace("640", "}"))
    press(card, "Resume")
    expect(card.get_by_role("alert")).to_contain_text("This is not JSON")
    box.fill('{"destination": "Osaka", "price_usd": 500}')
    press(card, "Resume")
    expect(opened.card(1).locator(".lg-text")).to_contain_text("Booked the flight to Osaka for 500 USD.")


def test_two_questions_are_both_answered_before_anything_is_sent(notebook: Opener) -> None:
    opened = notebook(f"{ASK} with a hotel")
    card = waiting(opened)
    resume = card.get_by_role("button", name="Resume")
    card.get_by_role("button", name="Approve").nth(0).click()
    expect(resume).to_be_disabled()
    card.get_by_role("button", name="Reject").nth(1).click()
    resume.click()
    expect(opened.card(1).locator(".lg-text")).to_contain_text("Not done: book_hotel")


def test_a_breakpoint_has_one_button(notebook: Opener) -> None:
    opened = notebook('order = {"steps": 2}\nrun = %lg_run -a workbench -i $order --interrupt-before work')
    card = waiting(opened)
    expect(card).to_contain_text("stopped at a breakpoint")
    expect(card.get_by_role("textbox")).to_have_count(0)
    press(card, "Go on")
    expect(opened.card(1).locator(".lg-pill")).to_have_text("success")


def test_a_card_whose_question_was_answered_in_a_cell_becomes_a_picture(notebook: Opener) -> None:
    opened = notebook(ASK, "%lg_resume --reject --wait")
    card = waiting(opened)
    press(card, "Approve")
    opened.run(2)
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE], "the picture")
    expect(opened.card(1)).to_contain_text("answered")
    opened.wait_until(lambda: "success" in opened.text(2), "the end of the run that goes on")


ELSEWHERE = """from langgraph_sdk import get_sync_client
raw = get_sync_client(url=lg.current().connection.url, api_key=None)
done = raw.runs.create(run.thread_id, 'approval', command={'resume': {'decisions': [{'type': 'approve'}]}})
done = raw.runs.join(run.thread_id, done['run_id'])"""


def test_a_card_whose_question_was_answered_elsewhere_sends_nothing(notebook: Opener) -> None:
    opened = notebook(ASK, ELSEWHERE, "print(len(lg.runs()))")
    card = waiting(opened)
    opened.run(2)
    press(card, "Approve")
    press(card, "Resume")
    expect(opened.card(1)).to_contain_text("went on elsewhere")
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE], "the picture")
    assert count_runs(opened, 3) == 2


def test_what_is_saved_beside_a_form_is_the_waiting_state(notebook: Opener) -> None:
    opened = notebook(ASK)
    waiting(opened)
    opened.wait_until(lambda: "waiting" in opened.text(1), "the waiting state")
    saved = opened.save()["cells"][1]["outputs"]
    assert [set(each["data"]) for each in saved] == [LIVE]
    page, text = "".join(saved[0]["data"]["text/html"]), "".join(saved[0]["data"]["text/plain"])
    assert "waiting for you" in page
    assert "<button" not in page
    assert text.endswith("%lg_resume --approve | --edit destination=… | --reject [WHY] | --respond TEXT")
    assert "had not ended" not in json.dumps(saved)


def test_a_form_works_after_the_page_was_loaded_again(notebook: Opener) -> None:
    opened = notebook(ASK)
    waiting(opened)
    opened.wait_until(lambda: "waiting" in opened.text(1), "the waiting state")
    opened.save()
    opened.reload()
    card = opened.card(1)
    press(card, "Reject")
    press(card, "Resume")
    expect(opened.card(1).locator(".lg-pill")).to_have_text("success")
    expect(opened.card(1)).to_contain_text("Answered: reject")


# -- by keyboard alone ------------------------------------------------------------------------------------------

FOCUSED = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


def tab_to(opened: Notebook, name: str, *, back: bool = False) -> None:
    """Press Tab until what has a name with this beginning has the focus."""
    for _ in range(40):
        opened.page.keyboard.press("Shift+Tab" if back else "Tab")
        if str(opened.page.evaluate(FOCUSED)).startswith(name):
            return
    raise AssertionError(f"{name} is not reached")


def test_two_actions_are_decided_on_by_keyboard_alone(notebook: Opener) -> None:
    opened = notebook(f"{ASK} with a hotel")
    waiting(opened)
    keyboard = opened.page.keyboard
    opened.focus(1)
    tab_to(opened, "Approve")
    keyboard.press("Space")
    tab_to(opened, "Edit")
    tab_to(opened, "Edit")
    keyboard.press("Enter")
    tab_to(opened, "edit: book_hotel(")
    keyboard.type('{"city": "Macau", "nights": 2, "price_usd": 200}')
    tab_to(opened, "Resume")
    keyboard.press("Enter")
    expect(opened.card(1).locator(".lg-text")).to_contain_text("Booked the hotel in Macau for 2 nights, 200 USD.")
    assert (opened.count, opened.mode) == (2, "command")


def test_a_typed_question_is_answered_by_keyboard_alone_and_says_which_field_is_wrong(notebook: Opener) -> None:
    opened = notebook("run = %lg_run -a approval Let me choose a seat to Oslo")
    card = waiting(opened)
    keyboard = opened.page.keyboard
    opened.focus(1)
    tab_to(opened, "row, integer")
    keyboard.type("41")
    tab_to(opened, "side, one of")
    keyboard.press("a")
    expect(card.get_by_role("button", name="Resume")).to_be_disabled()
    hint = card.locator(".lg-field", has_text="row").locator(".lg-hint")
    expect(hint).to_contain_text("integer · 1 to 40")
    wanted = "hint => getComputedStyle(hint, '::before').content"
    assert hint.evaluate(wanted) == '"wanted: "'
    tab_to(opened, "row, integer", back=True)
    keyboard.press("Control+a")
    keyboard.type("3")
    assert hint.evaluate(wanted) == "none"
    tab_to(opened, "+ cell")
    keyboard.press("Enter")
    expect(opened.page.locator(".jp-CodeCell").last).to_contain_text("%lg_resume row=3 side=aisle")
    expect(card.get_by_label("row, integer")).to_have_value("3")
    opened.focus(1)
    tab_to(opened, "Resume")
    keyboard.press("Enter")
    expect(opened.card(1).locator(".lg-text")).to_contain_text("Reserved row 3, aisle, to Oslo.")


BAD = """from pathlib import Path
Path("pieces.py").write_text('''
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

class Order(TypedDict, total=False):
    pieces: int

def ask(state):
    return {"pieces": int(interrupt("How many pieces?"))}

graph = StateGraph(Order).add_node("ask", ask).add_edge(START, "ask").compile()
''')
%lg_connect local --graph pieces.py:graph"""


def test_a_card_keeps_its_form_after_a_bad_answer_and_recovers_by_keyboard(notebook: Opener) -> None:
    opened = notebook("order = {}\nrun = %lg_run -i $order", BAD)
    opened.run(2)
    waiting(opened)
    keyboard = opened.page.keyboard
    for answer, word in (("dozens", "error"), ("12", "success")):
        opened.focus(1)
        tab_to(opened, "answer: How many pieces?")
        keyboard.type(answer)
        tab_to(opened, "Resume")
        keyboard.press("Enter")
        expect(opened.card(1).locator(".lg-pill")).to_have_text(word)
        if word == "error":
            expect(opened.card(1)).to_contain_text("The question is still open")
            expect(opened.card(1).get_by_role("textbox")).to_be_empty()
    expect(opened.card(1)).to_contain_text("Answered: 12")
