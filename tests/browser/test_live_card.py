"""A run card in JupyterLab, on the real embedded server: it lives, and it ends as a picture."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .notebook_page import Notebook
from .watching import seen, watch

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

PICTURE = [{"text/html", "text/plain"}]
WIDTH = "card => card.getBoundingClientRect().width"
SPOKEN = """import time
from lg_magics.widgets.plugin import pages
while get_ipython().get_parent()["header"]["session"] not in pages: time.sleep(0.01)"""
ARRIVALS = """() => {
  const {node} = window.panel.content.widgets[2];
  const seen = window.arrivals = {kinds: [], notes: [], buttons: null};
  window.panel.sessionContext.session.kernel.anyMessage.connect((_, {msg, direction}) => {
    const kind = msg.header.msg_type;
    if (direction === 'recv' && /display_data|comm_open/.test(kind)) seen.kinds.push(kind);
  });
  new MutationObserver(() => {
    if (node.querySelector('.lg-card')) seen.buttons ??= node.querySelectorAll('.lg-output button').length;
    for (const note of node.querySelectorAll('.lg-lost:not(.lm-mod-hidden)')) seen.notes.push(note.textContent);
  }).observe(node, {subtree: true, childList: true, attributes: true});
}"""
NOWHERE = """from IPython.display import display
view = {"protocol": 1, "tree": ["div", {"class": "lg-card"}, "the last view"], "lost": {"command": "panel", "ids": []}}
widget = {"version_major": 2, "version_minor": 0, "model_id": "nowhere"}
bundle = {"application/vnd.jupyter.widget-view+json": widget, "application/vnd.lg-magics.view+json": view}
display({**bundle, "text/plain": "the last view"}, raw=True)"""
SECONDS = re.compile(r"^(<0\.1|\d+\.\d) s$")


def test_a_card_lives_and_then_becomes_a_picture(notebook: Opener) -> None:
    opened = notebook("%lg_run -a task_maistro Add a ToDo to call parents back about Thanksgiving plans.")
    watch(opened)
    opened.begin(1)
    card = opened.card(1)
    opened.wait_until(lambda: opened.kinds(1) == PICTURE, "the picture")
    watched = seen(opened)
    assert watched.statuses[-2:] == ["running", "success"]
    expect(card.locator("summary").first).to_have_text(
        re.compile(r"^3 steps · 1 tool call · [\d,]+ in, [\d,]+ out tokens$")
    )
    card.locator("summary").first.click()
    rows = card.get_by_role("list", name="steps")
    expect(rows.locator(".lg-name")).to_have_text(["task_mAIstro", "update_todos", "task_mAIstro"])
    expect(rows.locator(".lg-did").first).to_have_text('UpdateMemory(update_type="todo")')
    expect(card.locator(".lg-took")).to_have_text([SECONDS] * 3)
    expect(card.locator(".lg-time")).to_have_text(SECONDS)
    expect(card.locator(".lg-text")).to_contain_text("Call parents back about Thanksgiving plans")
    assert "Thanksgiving plans" in "".join(opened.outputs(1)[0]["data"]["text/html"])
    assert "success · task_maistro" in opened.text(1)


def test_a_card_is_drawn_from_its_output_before_its_comm_is_there(notebook: Opener) -> None:
    opened = notebook(SPOKEN, 'slow = {"steps": 1, "seconds": 60}\nrun = %lg_run -a workbench -t new -i $slow')
    opened.run(1)
    opened.page.evaluate(ARRIVALS)
    opened.run(2)
    opened.card(2).get_by_role("button", name="Cancel").click()
    expect(opened.card(2).locator(".lg-pill")).to_have_text("cancelled")
    arrived = opened.page.evaluate("window.arrivals")
    assert arrived["kinds"][:3] == ["display_data", "comm_open", "comm_open"]
    assert arrived["buttons"] == 0
    assert arrived["notes"] == []


def test_an_output_whose_widget_never_comes_says_so_when_its_cell_has_ended(notebook: Opener) -> None:
    opened = notebook(NOWHERE)
    opened.run(1)
    expect(opened.card(1)).to_have_text("the last view")
    expect(opened.output(1).get_by_role("note")).to_contain_text("The kernel behind this panel is gone.")


def test_a_settled_card_leaves_no_widget_in_the_kernel_once_it_is_saved(notebook: Opener) -> None:
    opened = notebook(
        "import comm\n"
        "views = lambda: [each for each in comm.get_comm_manager().comms.values() if each.target_name == 'jupyter.widget']",
        'quick = {"steps": 1}\nrun = %lg_run -a workbench -t new -i $quick',
        "len(views())",
    )
    opened.run(1, 2)
    opened.wait_until(lambda: opened.kinds(2) == PICTURE, "the picture")

    def has_none() -> bool:
        opened.save()
        opened.run(3)
        return opened.text(3).strip() == "0"

    opened.wait_until(has_none, "the comms to be closed")
    assert "success · workbench" in opened.text(2)


def test_a_card_changes_at_most_twenty_times_a_second(notebook: Opener) -> None:
    opened = notebook(
        'order = {"steps": 1, "seconds": 2.5, "tokens": 1000}\n%lg_run -a workbench -i $order --wait --timeout 20'
    )
    watch(opened)
    opened.run(1)
    watched = seen(opened)
    assert len(watched.updates) > 20
    assert watched.updates_a_second <= 20
    assert len(watched.lengths) > 20
    expect(opened.card(1).locator(".lg-text")).to_contain_text(" w999")  # the last one always, a moment after the cell


def test_two_runs_in_one_cell_go_their_own_ways(notebook: Opener) -> None:
    opened = notebook(
        'slow = {"steps": 1, "seconds": 60}\nquick = {"steps": 2}\n'
        "%lg_run -a workbench -t new -i $slow\n%lg_run -a workbench -t new -i $quick"
    )
    opened.run(1)
    slow, quick = opened.card(1, 0), opened.card(1, 1)
    expect(quick.locator(".lg-pill")).to_have_text("success")
    expect(slow.get_by_role("status")).to_have_text("running")
    expect(slow.locator(".lg-step.lg-running .lg-took")).to_have_text(SECONDS)
    width = slow.evaluate(WIDTH)
    slow.get_by_role("button", name="Cancel").click()
    expect(slow.locator(".lg-pill")).to_have_text("cancelled")
    expect(quick.locator(".lg-pill")).to_have_text("success")
    opened.wait_until(lambda: opened.kinds(1) == PICTURE * 2, "both pictures")
    expect(slow.get_by_role("button")).to_have_count(0)
    assert slow.evaluate(WIDTH) == width  # nothing jumps when a card becomes HTML


def test_a_page_that_is_loaded_again_in_mid_run_breaks_nothing(notebook: Opener) -> None:
    opened = notebook('order = {"steps": 1, "seconds": 60}\nrun = %lg_run -a workbench -i $order', "%lg_cancel")
    opened.run(1)
    expect(opened.card(1).get_by_role("status")).to_have_text("running")
    opened.save()
    opened.reload()
    expect(opened.card(1).get_by_role("status")).to_have_text("running")
    opened.run(2)
    assert re.fullmatch(r"r\d+: cancelled after .+ s", opened.text(2).strip())
    expect(opened.card(1).locator(".lg-pill")).to_have_text("cancelled")
    expect(opened.output(2).locator(".lg-card")).to_have_count(0)


def test_a_failed_run_goes_on_from_its_card_where_it_failed(notebook: Opener) -> None:
    opened = notebook('order = {"steps": 3, "fail_at": 2}\n%lg_run -a workbench -i $order')
    opened.run(1)
    card = opened.card(1)
    expect(card.locator(".lg-pill")).to_have_text("error")
    expect(card.locator(".lg-id").nth(1)).to_contain_text("r1")
    card.get_by_role("button", name="Run again from work").click()
    expect(card.locator(".lg-id").nth(1)).to_contain_text("r2")
    expect(card).to_contain_text("Ran r1 again.")
    expect(card.get_by_role("button", name="Run again from work")).to_be_visible()  # it fails there each time
    opened.wait_until(lambda: "Ran r1 again." in opened.text(1), "what the notebook keeps")


def test_a_row_opens_to_what_its_step_read_and_wrote_while_the_run_goes_on(notebook: Opener) -> None:
    opened = notebook(
        'order = {"steps": 1, "seconds": 60}\n%lg_run -a workbench --wait --timeout 30 -i $order', "%lg_cancel"
    )
    opened.begin(1)
    rows = opened.card(1).get_by_role("list", name="steps")
    expect(rows.locator(".lg-name")).to_have_text(["plan", "work"])
    rows.get_by_text("plan").click()
    expect(rows.locator(".lg-io pre").first).to_contain_text("steps: 1")
    expect(rows.locator(".lg-io pre").nth(1)).to_have_text("step: 0")
    rows.get_by_text("work").click()
    expect(rows.locator(".lg-io").nth(1)).to_contain_text("It has not written yet.")
    expect(opened.card(1).get_by_role("status")).to_have_text("running")
    opened.card(1).get_by_role("button", name="Cancel").click()
    expect(opened.card(1).locator(".lg-pill")).to_have_text("cancelled")
