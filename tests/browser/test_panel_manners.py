"""How the side panel behaves: it notifies, counts, is quiet, is reached by keyboard, and is what it says to a screen reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import CONNECT
from .lab_server import LabServer
from .notebook_page import Lab, Notebook
from .notebook_seven import NotebookSeven
from .side_panel import SidePanel

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
SLOW = 'order = {"steps": 3, "seconds": 60}\nslow = %lg_run -a workbench -t new -i $order'
SOON = 'order = {"steps": 2, "seconds": 1}\nsoon = %lg_run -a workbench -t new -i $order'
ASK = "run = %lg_run -a approval -t new Plan a trip to Hong Kong"
FAR = "\n".join(["#"] * 80)
STALE = """from comm import get_comm_manager
run = {"id": "x", "kind": "warning", "words": "Stale", "about": "", "cell": "", "leads": ["waiting", "gone"]}
for each in get_comm_manager().comms.values():
    if each.target_name == "lg_magics:panel":
        each.send({"news": {"runs": [run], "answered": []}})"""
LOOK = """async scope => {
  const found = await axe.run(scope, {resultTypes: ['violations']});
  return found.violations.map(({id, nodes}) => `${id}: ${nodes.map(node => node.html).join(' | ')}`);
}"""


@pytest.fixture
def panel(lab: Lab) -> Iterator[SidePanel]:
    shown = SidePanel(lab)
    yield shown
    shown.hide()


def after(gate: Path, code: str) -> str:
    """Code that runs when a file is there: the kernel may be faster than the page."""
    return f"import pathlib, time\nwhile not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n{code}"


def begin_out_of_sight(opened: Notebook, gate: Path) -> None:
    """Begin a cell that waits for the gate, and open the gate when the page shows another cell."""
    opened.begin(1)
    opened.choose(3)  # JupyterLab scrolls to the active cell when a cell ends
    opened.page.evaluate("() => window.panel.content.scrollToItem(3, 'start')")
    expect(opened.cell(1)).not_to_be_in_viewport()
    gate.touch()


def toasts(opened: Notebook) -> Locator:
    return opened.page.locator(".Toastify__toast")


# -- notifications ----------------------------------------------------------------------------------------------


def test_the_end_of_a_run_whose_card_is_out_of_sight_is_notified_and_shown(notebook: Opener, tmp_path: Path) -> None:
    opened = notebook(after(tmp_path / "scrolled", SOON), FAR, "soon.status")
    begin_out_of_sight(opened, tmp_path / "scrolled")
    toast = toasts(opened).filter(has_text="Finished in")
    expect(toast).to_be_visible()
    expect(toast).to_contain_text(opened.path.name)
    toast.get_by_role("button", name="Show").click()
    expect(opened.card(1)).to_be_in_viewport()


def test_a_notification_does_not_cover_the_panel(notebook: Opener, panel: SidePanel, tmp_path: Path) -> None:
    opened = notebook(after(tmp_path / "scrolled", SOON), FAR, "soon.status")
    begin_out_of_sight(opened, tmp_path / "scrolled")
    expect(toasts(opened).filter(has_text="Finished in")).to_be_visible()
    toast = toasts(opened).first

    def is_beside() -> bool:
        beside, shown = panel.node.bounding_box(), toast.bounding_box()
        return bool(beside and shown and shown["x"] + shown["width"] <= beside["x"])

    opened.wait_until(is_beside, "the notification beside the panel")
    beside = toast.bounding_box()
    assert beside is not None
    panel.hide()
    opened.wait_until(lambda: (toast.bounding_box() or beside)["x"] > beside["x"], "the notification in the corner")


def test_a_run_whose_card_is_in_sight_is_not_notified(notebook: Opener) -> None:
    opened = notebook(SOON)
    opened.run(1)
    expect(opened.card(1).locator(".lg-pill")).to_have_text("success")
    opened.wait_until(lambda: counts(opened).endswith("no live run"), "the count of live runs")
    expect(toasts(opened)).to_have_count(0)


def test_a_run_that_waits_in_a_hidden_notebook_is_notified_and_answered(
    notebook: Opener, lab: Lab, panel: SidePanel, tmp_path: Path
) -> None:
    opened = notebook(after(tmp_path / "hidden", ASK))
    here = lab.page.evaluate("() => window.panel.id")
    opened.begin(1)
    other = lab.new("1 + 1")
    try:
        (tmp_path / "hidden").touch()
        toast = toasts(opened).filter(has_text="Waiting for you")
        expect(toast).to_be_visible()
        toast.get_by_role("button", name="Answer").click()
        expect(panel.node.locator(".lg-notebook")).to_have_text(opened.path.name)
        expect(panel.section("Waiting for you").get_by_role("button", name="Approve")).to_be_focused()
    finally:
        other.close()
        lab.page.evaluate("id => { window.panel = window.jupyterapp.shell.currentWidget }", here)


def test_the_notification_of_a_question_goes_when_it_is_answered(notebook: Opener, tmp_path: Path) -> None:
    opened = notebook(after(tmp_path / "scrolled", ASK), FAR, "%lg_resume --approve --wait")
    begin_out_of_sight(opened, tmp_path / "scrolled")
    toast = toasts(opened).filter(has_text="Waiting for you")
    expect(toast).to_be_visible()
    opened.run(3)
    expect(toast).to_have_count(0)


def test_a_notification_whose_question_is_gone_does_not_hold_its_section_open(
    notebook: Opener, panel: SidePanel
) -> None:
    opened = notebook(ASK, STALE, "%lg_thread new")
    opened.run(1, 2)
    fold = panel.section("Waiting for you").locator("details").first
    toasts(opened).filter(has_text="Stale").get_by_role("button", name="Answer").click()
    expect(fold).to_have_attribute("open", "")
    panel.unfold("Waiting for you")
    opened.run(3)
    expect(panel.row("Threads", "t2")).to_have_count(1)
    expect(fold).not_to_have_attribute("open", "")


def test_a_setting_turns_the_notifications_off(notebook: Opener, lab: Lab, tmp_path: Path) -> None:
    opened = notebook(after(tmp_path / "scrolled", SOON), FAR, "soon.wait().status")
    write = """async raw => {
      const {settings} = window.jupyterapp.serviceManager;
      await settings.save('lg-magics:panel', raw);
    }"""
    opened.page.evaluate(write, json.dumps({"notifications": False}))
    opened.save()
    opened.reload()
    try:
        begin_out_of_sight(opened, tmp_path / "scrolled")
        opened.run(3)
        opened.wait_until(lambda: counts(opened).endswith("no live run"), "the count of live runs")
        expect(toasts(opened)).to_have_count(0)
    finally:
        opened.page.evaluate(write, "{}")
        opened.reload()  # the page reads the setting as it is loaded, and other tests use this page


# -- status bar and palette -------------------------------------------------------------------------------------


def counts(opened: Notebook) -> str:
    return opened.page.locator(".lg-status button").inner_text()


def test_the_status_bar_counts_what_lives_and_what_waits_and_opens_the_panel(notebook: Opener, lab: Lab) -> None:
    opened = notebook(SLOW, ASK, "lg.cancel(mine=True)")
    opened.run(1, 2)
    status = opened.page.locator(".lg-status").get_by_role("button")
    expect(status).to_have_text("LangGraph: 1 live, 1 waiting")
    status.click()
    panel = SidePanel(lab)
    expect(panel.section("Runs")).to_contain_text("1 live · 1 waiting")
    opened.run(3)
    expect(status).to_have_text("LangGraph: 1 waiting")
    panel.hide()


def test_the_palette_has_the_commands(notebook: Opener, lab: Lab) -> None:
    opened = notebook("1 + 1")
    lab.command("apputils:activate-command-palette")
    palette = opened.page.locator(".lm-CommandPalette")
    palette.get_by_role("searchbox").or_(palette.locator("input")).first.fill("langgraph")
    items = palette.locator(".lm-CommandPalette-itemLabel")
    names = set(items.all_inner_texts())
    assert {"Show the LangGraph Panel", "Refresh the LangGraph Panel", "Insert %lg_connect local"} <= names
    opened.page.keyboard.press("Escape")
    opened.choose(1)
    lab.command("lg-magics:insert-inbox")
    assert opened.source(2) == "%lg_inbox"


# -- quiet ------------------------------------------------------------------------------------------------------

COUNT = """() => {
  window.sent = 0;
  window.panel.sessionContext.session.kernel.anyMessage.connect((_, {msg, direction}) => {
    if (direction === 'send' && msg.header.msg_type.startsWith('comm_')) window.sent += 1;
  });
}"""


def until_quiet(page: Page) -> None:
    """Wait until what the end of the run has set off is over: a kernel answers in real time, whatever the page's clock shows."""
    sent = -1
    while sent != (sent := page.evaluate("window.sent")):
        page.clock.run_for(15_000)
        page.wait_for_timeout(1_500)


@pytest.fixture(scope="module")
def clocked_lab(browser: Browser, server: LabServer) -> Iterator[Lab]:
    """JupyterLab on a page whose clock can be wound on."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.clock.install()
    yield Lab(page, server.url, server.notebooks)
    context.close()


@pytest.mark.parametrize("is_seen", [True, False])
def test_in_an_idle_minute_nothing_is_asked(clocked_lab: Lab, is_seen: bool) -> None:
    """The page's clock is wound on by a minute: every timer of it goes off."""
    page = clocked_lab.page
    opened = clocked_lab.new(CONNECT, "run = %lg_run -a agent -t new --wait hello")
    try:
        panel = SidePanel(clocked_lab)
        opened.run(0, 1)
        expect(panel.row("Runs", "agent")).to_contain_text("success")
        if not is_seen:
            panel.hide()
        page.evaluate(COUNT)
        until_quiet(page)
        before = page.evaluate("window.sent")
        page.clock.run_for(60_000)
        page.wait_for_timeout(500)
        assert page.evaluate("window.sent") == before
    finally:
        opened.close()


def test_a_hidden_panel_asks_nothing_when_something_changes(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook("%lg_thread new", "%lg_thread new\n%lg_set user_id=Test")
    opened.run(1)
    expect(panel.section("Threads")).to_contain_text("t1")
    panel.hide()
    opened.page.evaluate(COUNT)
    opened.run(2)
    opened.page.wait_for_timeout(3_000)  # longer than a section waits until it is read again
    assert opened.page.evaluate("window.sent") == 0
    panel.show()
    expect(panel.section("Threads")).to_contain_text("t2")


# -- reach ------------------------------------------------------------------------------------------------------


def violations(opened: Notebook) -> list[str]:
    opened.page.add_script_tag(path=AXE)
    found: list[str] = opened.page.evaluate(LOOK, "#lg-magics-panel")
    return found


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_roles_names_and_contrast_are_right(notebook: Opener, lab: Lab, panel: SidePanel, theme: str) -> None:
    opened = notebook(SLOW, ASK, "hello = %lg_run -a agent -t new --wait hello", "lg.cancel(mine=True)")
    opened.run(1, 2, 3)
    lab.command("apputils:change-theme", theme=theme)
    try:
        expect(panel.row("Runs", "workbench")).to_contain_text("running")
        panel.section("Waiting for you").get_by_role("button", name="Answer t2").click()
        panel.button("Respond").click()
        assert violations(opened) == []
        panel.row("Threads", "current").click()
        panel.button("Fork…").click()
        expect(panel.button("Fork here").first).to_be_visible()
        panel.button("Delete").click()
        assert violations(opened) == []
        opened.run(4)
    finally:
        lab.command("apputils:change-theme", theme="JupyterLab Light")


def test_why_there_is_nothing_is_right_too(lab: Lab, panel: SidePanel) -> None:
    opened = lab.new("1 + 1")
    try:
        expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
        assert violations(opened) == []
    finally:
        opened.close()


def test_everything_is_reached_by_keyboard(notebook: Opener, panel: SidePanel) -> None:
    opened = notebook(ASK, "hello = %lg_run -a agent -t new --wait hello", "print(lg.current().selection.thread)")
    opened.run(1, 2)
    expect(panel.row("Threads", "hello").first).to_contain_text("current · idle")
    expect(panel.row("Waiting for you", "t1")).to_have_count(1)
    panel.button("Refresh").focus()
    press = opened.page.keyboard.press
    tab_to(opened, "Threads")
    tab_to(opened, panel.node.locator(".lg-threads .lg-rowhead").first.inner_text().replace("\n", ""))
    press("ArrowDown")
    press("Enter")
    expect(panel.node.locator(".lg-open")).to_be_visible()
    tab_to(opened, "Use")
    press("Enter")
    expect(panel.message).to_contain_text("thread t")
    expect(panel.button("Use")).to_have_count(0)
    tab_to(opened, "Delete")
    press("Enter")
    expect(panel.button("Keep")).to_be_focused()
    press("Escape")
    expect(panel.node.locator(".lg-question")).to_have_count(0)
    press("Escape")
    expect(panel.node.locator(".lg-open")).to_have_count(0)
    expect(panel.node.locator(".lg-threads .lg-rowhead").nth(1)).to_be_focused()
    assert opened.count == 4


def tab_to(opened: Notebook, name: str) -> None:
    """Press Tab until what has a name that begins so has the focus."""
    focused = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    names: list[str] = []
    while not (names and names[-1].startswith(name)) and len(names) < 60:
        opened.page.keyboard.press("Tab")
        names.append(opened.page.evaluate(focused))
    assert names[-1].startswith(name), names


@pytest.mark.slow
def test_a_thousand_threads_are_listed_a_part_at_a_time_and_found(notebook: Opener, panel: SidePanel) -> None:
    make = """from langgraph_sdk import get_sync_client
raw = get_sync_client(url=lg.current().connection.url, api_key=None)
made = [raw.threads.create(metadata={"title": f"Number {n}", "thousand": "yes"})["thread_id"] for n in range(1000)]
made = lg.thread.new()"""
    delete = """for row in raw.threads.search(metadata={"thousand": "yes"}, limit=1000): raw.threads.delete(row["thread_id"])"""
    opened = notebook(make, delete)
    opened.run(1)
    threads = panel.section("Threads")
    expect(threads.locator(".lg-row")).to_have_count(30)
    threads.get_by_role("button", name="Show more").click()
    expect(threads.locator(".lg-row")).to_have_count(100)
    threads.get_by_role("button", name="Show 100 more of").click()
    expect(threads.locator(".lg-row")).to_have_count(200)
    threads.get_by_role("searchbox", name="filter threads").fill("number 77")
    expect(threads.locator(".lg-row")).to_have_count(11)
    opened.run(2)


# -- Notebook 7 -------------------------------------------------------------------------------------------------


def test_it_is_there_in_notebook_seven(browser: Browser, server: LabServer) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.set_default_timeout(60_000)
    seven = NotebookSeven(context.new_page(), server.url, server.notebooks)
    opened = seven.new(CONNECT, SLOW)
    try:
        opened.run(0, 1)
        panel = SidePanel(seven)
        expect(panel.section("Deployment")).to_contain_text("connected")
        panel.section("Runs").get_by_role("button", name="Cancel r1").click()
        expect(panel.row("Runs", "workbench")).to_contain_text("cancelled")
        panel.row("Runs", "workbench").click()
        panel.button("Show its cell").click()
        expect(opened.card(1)).to_be_in_viewport()
    finally:
        opened.close()
        context.close()
