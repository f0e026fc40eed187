"""The side panel in JupyterLab on the real server: it follows the notebook and its kernel, acts, and asks back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from langgraph_sdk import get_sync_client
from playwright.sync_api import expect

from lg_magics.panel.section_state import GAP

from .conftest import CONNECT
from .notebook_page import Lab, Notebook
from .side_panel import SidePanel

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

SLOW = 'order = {"steps": 3, "seconds": 60}\nslow = %lg_run -a workbench -t new -i $order'
ASK = "run = %lg_run -a approval -t new Plan a trip to Hong Kong"
HELLO = "hello = %lg_run -a agent -t new --wait Give me a summary"


@pytest.fixture
def panel(lab: Lab) -> Iterator[SidePanel]:
    shown = SidePanel(lab)
    yield shown
    shown.hide()


# -- where it is ------------------------------------------------------------------------------------------------


def test_without_a_notebook_it_says_so(panel: SidePanel) -> None:
    expect(panel.node).to_contain_text("No notebook is open.")


def test_it_leads_from_a_new_notebook_to_a_deployment(lab: Lab, panel: SidePanel) -> None:
    opened = lab.new("1 + 1")
    try:
        expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
        panel.insert("%load_ext lg_magics").click()
        expect(panel.message).to_have_text("Inserted below, not run.")
        assert opened.source(1) == "%load_ext lg_magics"
        assert opened.executed(1) is None
        opened.run(1)
        expect(panel.node).to_contain_text("Not connected to a deployment.")
        panel.insert("%lg_connect local").click()
        opened.run(2)
        expect(panel.section("Deployment")).to_contain_text("connected")
        expect(panel.section("Deployment")).to_contain_text("local")
        expect(panel.section("Runs")).to_contain_text("No run of this session yet.")
    finally:
        opened.close()


def test_it_follows_the_kernel_through_restart_death_and_shutdown(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook("import os; os._exit(1)", "%unload_ext lg_magics", "%load_ext lg_magics")
    expect(panel.section("Deployment")).to_contain_text("connected")
    opened.restart()
    expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
    opened.run(0)
    expect(panel.section("Deployment")).to_contain_text("connected")
    opened.run(2)
    expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
    opened.run(3)
    expect(panel.node).to_contain_text("Not connected to a deployment.")
    opened.begin(1)
    dialog = opened.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The kernel for")
    dialog.get_by_role("button", name="Ok").click()
    expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
    status = "() => window.panel.sessionContext.session?.kernel?.status"
    opened.wait_until(
        lambda: opened.page.evaluate(status) == "idle", "the restarted kernel"
    )  # Jupyter's server fails before
    opened.page.evaluate("() => window.panel.sessionContext.shutdown()")
    expect(panel.node).to_contain_text("This notebook has no kernel.")


def test_it_follows_the_notebook_in_focus(notebook: Opener, panel: SidePanel, lab: Lab) -> None:
    first = notebook(HELLO)
    first.run(1)
    expect(panel.row("Runs", "agent")).to_have_count(1)
    here = lab.page.evaluate("() => window.panel.id")
    second = lab.new("1 + 1")
    try:
        expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
        expect(panel.node.locator(".lg-notebook")).to_have_text(second.path.name)
        lab.page.evaluate("id => window.jupyterapp.shell.activateById(id)", here)
        expect(panel.node.locator(".lg-notebook")).to_have_text(first.path.name)
        expect(panel.row("Runs", "agent")).to_have_count(1)
    finally:
        second.close()
        lab.page.evaluate(
            "id => { window.panel = [...window.jupyterapp.shell.widgets('main')].find(w => w.id === id) }", here
        )


def test_a_page_that_is_loaded_again_finds_it(notebook: Opener, lab: Lab) -> None:
    opened = notebook(SLOW)
    opened.run(1)
    opened.save()
    opened.reload()
    panel = SidePanel(lab)
    expect(panel.section("Deployment")).to_contain_text("connected")
    panel.section("Runs").get_by_role("button", name="Cancel r1").click()
    expect(panel.row("Runs", "workbench")).to_contain_text("cancelled")
    panel.hide()


def test_looking_again_where_there_is_nothing_says_so(lab: Lab, panel: SidePanel) -> None:
    opened = lab.new("1 + 1", "%load_ext lg_magics")
    try:
        expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
        panel.button("Look again").click()
        expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
        opened.run(0)
        assert opened.text(0) == "2"
        opened.run(1)
        expect(panel.node).to_contain_text("Not connected to a deployment.")
    finally:
        opened.close()


# -- what it does -----------------------------------------------------------------------------------------------


def test_a_run_is_cancelled_while_a_cell_is_running(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook(SLOW, "import time\nprint('begun')\ntime.sleep(60)")
    opened.run(1)
    expect(panel.row("Runs", "workbench")).to_contain_text("running")
    expect(panel.section("Runs").locator(".lg-counted")).to_have_text("1 live")
    opened.begin(2)
    expect(opened.output(2)).to_contain_text("begun")
    panel.section("Runs").get_by_role("button", name="Cancel r1").click()
    expect(panel.row("Runs", "workbench")).to_contain_text("cancelled")
    expect(panel.message).to_have_text("Run r1: cancelled on workbench")
    assert opened.is_running(2)
    opened.interrupt()
    opened.finish()


def test_threads_are_used_copied_and_deleted_after_a_question_that_names_them(
    notebook: Opener, panel: SidePanel
) -> None:
    opened = notebook(
        HELLO, "hello = %lg_run -a agent -t new --wait Another one", "print(lg.current().selection.thread)"
    )
    opened.run(1, 2)
    expect(panel.row("Threads", "Another one")).to_contain_text("current · idle")
    panel.row("Threads", "Give me a summary").first.click()
    panel.button("Use").click()
    expect(panel.message).to_have_text("thread t1 “Give me a summary” (was t2)")
    expect(panel.row("Threads", "Give me a summary").first).to_contain_text("current · idle")
    opened.run(3)
    assert opened.text(3).startswith("t1 ")
    panel.button("Copy").click()
    expect(panel.message).to_have_text("thread t3 “Give me a summary” (a copy of t1)")
    expect(panel.row("Threads", "t3")).to_have_count(1)
    panel.row("Threads", "t3").click()
    panel.button("Delete").click()
    question = panel.node.get_by_role("group", name="Delete?")
    expect(question).to_contain_text("Delete thread t3")
    expect(question).to_contain_text("“Give me a summary” with all it holds, and its crons? It cannot be brought back.")
    expect(panel.button("Keep")).to_be_focused()
    question.get_by_role("button", name="Delete").click()
    expect(panel.message).to_have_text("Deleted thread t3 “Give me a summary”.")
    expect(panel.row("Threads", "t3")).to_have_count(0)


def test_a_thread_is_forked_from_a_checkpoint(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook(HELLO, "print(len(lg.history().steps))")
    opened.run(1)
    panel.row("Threads", "current").click()
    panel.button("Fork…").click()
    panel.insert("%lg_fork -t t1 step:0").click()
    assert opened.source(2) == "%lg_fork -t t1 step:0"
    panel.button("Fork here").nth(1).click()
    expect(panel.message).to_contain_text("The head of t1")
    opened.run(3)
    assert opened.text(3).splitlines()[-1] == "4"


def test_a_question_is_answered_in_the_panel(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook(ASK)
    opened.run(1)
    waiting = panel.section("Waiting for you")
    waiting.get_by_role("button", name="Answer t1").click()
    expect(waiting).to_contain_text('book_flight(destination="Hong Kong", price_usd=640)')
    expect(panel.button("Resume")).to_be_disabled()
    panel.button("Approve").click()
    waiting.get_by_role("button", name="+ cell").click()
    expect(panel.message).to_have_text("Inserted below, not run.")
    assert opened.source(2) == "%lg_resume -t t1 --approve"
    panel.button("Resume").click()
    expect(panel.message).to_have_text("Answered: r2 goes on.")
    expect(panel.row("Runs", "r2")).to_contain_text("success")
    expect(panel.row("Waiting for you", "t1")).to_have_count(0)
    expect(opened.card(1)).to_contain_text("answered")


def test_a_question_that_has_changed_meanwhile_is_not_answered(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook(ASK, "print(lg.current().connection.url, run.thread_id)")
    opened.run(1, 2)
    url, thread = opened.text(2).split()
    panel.lab.page.wait_for_timeout(3 * GAP * 1000)  # the panel has then read what these cells changed
    panel.section("Waiting for you").get_by_role("button", name="Answer t1").click()
    panel.button("Reject").click()
    with get_sync_client(url=url, api_key=None) as elsewhere:  # not in the kernel, whose panel would know of it
        elsewhere.runs.create(thread, "approval", command={"resume": {"decisions": [{"type": "approve"}]}})
    panel.button("Resume").click()
    expect(panel.node.get_by_role("alert").first).to_contain_text("Nothing was sent")
    expect(panel.row("Waiting for you", "t1")).to_have_count(0)


def test_store_and_crons_are_there_when_somebody_looks(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook(
        '%lg_store put panel/browser a {"task": "x"}\n%lg_cron create -a agent "0 9 * * MON-FRI" hello',
    )
    opened.run(1)
    panel.unfold("Store")
    panel.row("Store", "panel/browser").click()
    panel.insert("%lg_store search panel/browser --open").click()
    assert opened.source(2) == "%lg_store search panel/browser --open"
    panel.unfold("Crons")
    panel.row("Crons", "c1").click()
    panel.button("Pause").click()
    expect(panel.row("Crons", "c1")).to_contain_text("paused")
    panel.button("Delete").click()
    panel.node.get_by_role("group", name="Delete?").get_by_role("button", name="Delete").click()
    expect(panel.message).to_contain_text("Deleted cron c1")
    expect(panel.row("Crons", "c1")).to_have_count(0)
    panel.unfold("Store")
    panel.unfold("Crons")


def test_what_writes_to_a_protected_deployment_is_asked_about(lab: Lab, panel: SidePanel) -> None:
    settings = Path(lab.folder) / "lg_magics.toml"
    connect = (
        "lg.disconnect()\nfrom pathlib import Path\n"
        "Path('lg_magics.toml').write_text(f'[deployments.prod]\\nurl = \"{url}\"\\nprotect = true\\n')\n"
        "%lg_connect prod"
    )
    opened = lab.new(f"{CONNECT}\nurl = lg.current().connection.url", connect, "%lg_thread new --title Trip")
    try:
        opened.run(0, 1, 2)
        expect(panel.section("Deployment")).to_contain_text("protected")
        panel.row("Threads", "current").click()
        panel.button("Delete").click()
        expect(panel.node.locator(".lg-question")).to_contain_text("prod is protected. Delete thread t1")
        panel.node.locator(".lg-question").get_by_role("button", name="Delete").click()
        expect(panel.message).to_contain_text("Deleted thread t1 “Trip”.")
    finally:
        settings.unlink(missing_ok=True)
        opened.close()


def test_lg_shows_no_second_panel_where_this_one_is(lab: Lab, panel: SidePanel) -> None:
    opened = lab.new("%load_ext lg_magics\n%lg", "%lg")
    try:
        opened.run(0, 1)
        opened.wait_until(
            lambda: "The panel of lg_magics" not in opened.text(0), "the end of a panel that came too early"
        )
        assert opened.kinds(1) == [{"text/html", "text/plain"}]
    finally:
        opened.close()


def test_a_panel_that_lg_showed_before_a_slow_page_had_this_one_becomes_a_line(lab: Lab, panel: SidePanel) -> None:
    slow = "import lg_magics.ipython.panel_comm as it\nit.PanelComms.has_plugin = lambda _: False"
    opened = lab.new(f"{slow}\n%load_ext lg_magics\n%lg")
    try:
        opened.run(0)
        opened.wait_until(lambda: "The panel is in the side bar." in opened.text(0), "the line")
        assert opened.kinds(0) == [{"text/html", "text/plain"}, {"text/plain"}]
    finally:
        opened.close()
