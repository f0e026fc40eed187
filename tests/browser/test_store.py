"""Open items of the store in JupyterLab, on the real embedded server: an item is chosen, edited and deleted, busy cell or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

OPEN = "%lg_store search {root} --open"
SLEEP = "import time\nprint('begun')\ntime.sleep(120)"
WIDGET = "application/vnd.jupyter.widget-view+json"
BOOK = '{"task": "Book travel", "id": 9007199254740993}'
SEEN = "lg.store.get(('{root}', 'Test'), 'book').value"


@pytest.fixture
def store(notebook: Opener, request: pytest.FixtureRequest) -> Callable[..., Notebook]:
    """A notebook with two items in a namespace of this test's own, which `{root}` stands for; cell 1 puts them there."""
    root = "".join(letter for letter in request.node.name if letter.isalnum())[:40]

    def opened(*cells: str) -> Notebook:
        put = f"%lg_store put {root}/Test book {BOOK}\n%lg_store put {root}/Test call task=Call"
        found = notebook(put, *(cell.replace("{root}", root) for cell in cells))
        found.run(1, 2)
        return found

    return opened


def items(opened: Notebook, cell: int = 2) -> Locator:
    return opened.output(cell).locator(".lg-card[aria-label^='items in']")


def choose(shown: Locator, key: str) -> Locator:
    """Choose an item; what is said of it."""
    shown.locator("tbody tr").filter(has=shown.page.get_by_title(key, exact=True)).click()
    side = shown.get_by_role("region", name=f"{key} in")
    expect(side.locator(".lg-value")).to_be_visible()
    return side


def edit(shown: Locator, key: str, text: str) -> Locator:
    """Type a new value for an item, and press Save."""
    side = choose(shown, key)
    side.get_by_role("button", name="Edit").click()
    side.get_by_role("textbox").fill(text)
    side.get_by_role("button", name="Save").click()
    return side


@pytest.mark.parametrize("line", [OPEN, "lg.store.search('{root}', open=True)"])
def test_a_chosen_item_shows_its_value_exactly(store: Opener, line: str) -> None:
    opened = store(line)
    shown = items(opened)
    expect(shown.locator("tbody tr")).to_have_count(2)
    (kinds,) = opened.kinds(2)
    assert kinds >= {WIDGET, "text/html", "text/plain"}
    side = choose(shown, "book")
    expect(side.locator(".lg-value")).to_contain_text('"id": 9007199254740993')
    expect(shown.locator("[aria-selected=true]")).to_contain_text("Book travel")


def test_a_value_is_edited_while_a_cell_is_running(store: Opener) -> None:
    opened = store(OPEN, SLEEP, SEEN)
    shown = items(opened)
    opened.begin(3)
    expect(opened.output(3)).to_contain_text("begun")
    side = choose(shown, "book")
    side.get_by_role("button", name="Edit").click()
    box, save = side.get_by_role("textbox", name="value of book, as JSON"), side.get_by_role("button", name="Save")
    expect(box).to_be_focused()
    box.fill('{\n"task": ]')
    expect(side.locator(".lg-check")).to_have_text("This is not JSON: line 2, column 9.")
    expect(save).to_be_disabled()
    box.fill('{"task": "Book a train", "id": 9007199254740995}')
    save.click()
    expect(shown.get_by_role("status")).to_contain_text("Saved 'book' in")
    expect(side.locator(".lg-value")).to_contain_text("Book a train")
    expect(shown.locator("tbody")).to_contain_text("Book a train")
    assert opened.is_running(3)
    opened.interrupt()
    opened.finish()
    opened.run(4)
    assert opened.text(4) == "{'task': 'Book a train', 'id': 9007199254740995}"


def test_what_was_changed_meanwhile_is_reported_and_the_text_is_kept(store: Opener) -> None:
    opened = store(OPEN, "%lg_store put {root}/Test book task=theirs --quiet", SEEN)
    shown = items(opened)
    side = choose(shown, "book")
    side.get_by_role("button", name="Edit").click()
    side.get_by_role("textbox").fill('{"task": "mine"}')
    opened.run(3)
    side.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("alert")).to_contain_text("'book' was changed meanwhile. Nothing is saved")
    expect(side.get_by_role("textbox")).to_have_value('{"task": "mine"}')
    expect(side.get_by_role("group", name="the value as it is now")).to_contain_text("theirs")
    opened.run(4)
    assert opened.text(4) == "{'task': 'theirs'}"
    side.get_by_role("button", name="Save over it").click()
    expect(shown.get_by_role("status")).to_contain_text("Saved 'book' in")
    opened.run(4)
    assert opened.text(4) == "{'task': 'mine'}"


def test_what_was_deleted_meanwhile_is_reported_and_is_a_row_no_more(store: Opener) -> None:
    opened = store(OPEN, "%lg_store delete {root}/Test book", "%lg_store delete {root}/Test call")
    shown = items(opened)
    side = choose(shown, "book")
    side.get_by_role("button", name="Edit").click()
    side.get_by_role("textbox").fill('{"task": "mine"}')
    opened.run(3)
    side.get_by_role("button", name="Save").click()
    expect(side.get_by_role("alert")).to_contain_text("'book' was deleted meanwhile. Nothing is saved")
    expect(shown.locator("tbody tr")).to_have_count(1)
    side.get_by_role("button", name="Create it again").click()
    expect(shown.get_by_role("status")).to_contain_text("Saved 'book' in")
    expect(shown.locator("tbody tr")).to_have_count(2)
    side = choose(shown, "call")
    opened.run(4)
    side.get_by_role("button", name="Delete").click()
    side.get_by_role("group", name="Delete?").get_by_role("button", name="Delete").click()
    expect(shown.locator("tbody tr")).to_have_count(1)
    expect(shown).to_contain_text("There is no such item any more.")


def test_what_the_page_cannot_know_is_refused_by_the_kernel_and_the_text_is_kept(store: Opener) -> None:
    opened = store(OPEN)
    side = edit(items(opened), "book", '{"a": 1, "a": 2}')
    expect(items(opened).get_by_role("alert")).to_contain_text("The key 'a' stands twice")
    expect(side.get_by_role("textbox")).to_have_value('{"a": 1, "a": 2}')


def test_a_delete_names_the_key_and_deletes_only_when_confirmed(store: Opener) -> None:
    opened = store(OPEN, "[item.key for item in lg.store.search('{root}')]")
    shown = items(opened)
    side = choose(shown, "call")
    side.get_by_role("button", name="Delete").click()
    question = side.get_by_role("group", name="Delete?")
    expect(question).to_contain_text("Delete “call” from")
    expect(question.get_by_role("button", name="Keep")).to_be_focused()
    opened.page.keyboard.press("Enter")
    expect(side.get_by_role("button", name="Delete")).to_be_focused()
    opened.run(3)
    assert opened.text(3) == "['book', 'call']"
    side.get_by_role("button", name="Delete").click()
    question.get_by_role("button", name="Delete").click()
    expect(shown.get_by_role("status")).to_contain_text("Deleted 'call' from")
    expect(shown.locator("tbody tr")).to_have_count(1)
    opened.run(3)
    assert opened.text(3) == "['book']"


def test_the_keyboard_chooses_and_edits_and_jupyterlab_does_not_take_its_keys(store: Opener) -> None:
    opened = store(OPEN, "1")
    shown = items(opened)
    expect(shown).to_be_visible()
    opened.focus(2)
    for _ in range(30):
        opened.page.keyboard.press("Tab")
        if opened.page.evaluate("() => document.activeElement.localName") == "tr":
            break
    rows = shown.locator("tbody tr")
    expect(rows.nth(0)).to_be_focused()
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    side = shown.get_by_role("region", name="call in")
    side.get_by_role("button", name="Edit").focus()
    opened.page.keyboard.press("Enter")
    box = side.get_by_role("textbox")
    expect(box).to_be_focused()
    opened.page.keyboard.press("Control+a")
    opened.page.keyboard.type('{"a": "b d d x"}')
    opened.page.keyboard.press("Shift+Enter")
    expect(box).to_have_value('{"a": "b d d x"}\n')
    opened.page.keyboard.press("Tab")
    expect(side.get_by_role("button", name="Save")).to_be_focused()
    opened.page.keyboard.press("Enter")
    expect(shown.get_by_role("status")).to_contain_text("Saved 'call' in")
    expect(side.get_by_role("button", name="Edit")).to_be_focused()
    assert (opened.count, opened.executed(2), opened.executed(3)) == (4, 3, None)


def test_insert_cell_puts_the_line_below_without_running_it(store: Opener) -> None:
    opened = store(OPEN, "1")
    shown = items(opened)
    choose(shown, "book").get_by_role("button", name="+ cell").click()
    expect(shown.get_by_role("status")).to_have_text("Inserted below, not run.")
    assert opened.source(3).startswith("%lg_store get ")
    assert opened.source(3).endswith("/Test book")
    assert opened.executed(3) is None


@pytest.mark.parametrize("ends", ["close", "another"])
def test_items_that_are_closed_stay_as_a_picture(store: Opener, ends: str) -> None:
    opened = store(OPEN, OPEN)
    shown = items(opened)
    edit(shown, "call", '{"task": "Edited"}')
    expect(shown.get_by_role("status")).to_contain_text("Saved")
    if ends == "close":
        shown.get_by_role("button", name="Close").click()
    else:
        opened.run(3)
        expect(items(opened, 3)).to_be_visible()
    opened.wait_until(lambda: all(WIDGET not in kinds for kinds in opened.kinds(2)), "the picture")
    expect(opened.output(2).locator(".lg-result table")).to_contain_text("Edited")


def test_items_whose_kernel_is_gone_are_a_picture_and_say_how_to_open_them_again(store: Opener) -> None:
    opened = store(OPEN)
    shown = items(opened)
    edit(shown, "call", '{"task": "Edited"}')
    expect(shown.get_by_role("status")).to_contain_text("Saved")
    opened.restart()
    note = opened.output(2).get_by_role("note")
    expect(note).to_contain_text("The kernel that kept these items open is gone.")
    expect(shown).to_contain_text("Edited")
    expect(shown.get_by_role("button")).to_have_count(0)
    note.get_by_role("button", name="Insert cell").click()
    expect(note.get_by_role("status")).to_have_text("Inserted below, not run.")
    assert opened.source(3).splitlines()[-1].startswith("%lg_store search --open test")


def test_a_hostile_item_is_text(store: Opener) -> None:
    hostile = "<img src=x onerror=hacked=1>"
    opened = store(f"lg.store.put(('{{root}}', 'Test', {hostile!r}), {hostile!r}, {{{hostile!r}: {hostile!r}}})", OPEN)
    opened.run(3)
    shown = items(opened, 3)
    side = choose(shown, hostile)
    expect(side.locator(".lg-value")).to_contain_text(hostile)
    side.get_by_role("button", name="Delete").click()
    expect(side.get_by_role("group", name="Delete?")).to_contain_text(hostile)
    assert shown.locator("img, script").count() == 0
    assert opened.page.evaluate("window.hacked") is None
