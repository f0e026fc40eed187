"""The store's views: made of what is allowed, bounded where there is much, and the table where there is no page."""

from __future__ import annotations

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.live.protocol import cut as fitted
from lg_magics.model.store_values import value_from_text
from lg_magics.tables.store import Export, Item, Items, Search
from lg_magics.views.bundle import bundle
from lg_magics.views.node import Node, attributes_of, fits, html, nodes_in, text_in
from lg_magics.views.store import items_tree

from .html_texts import Tags
from .store_samples import HOSTILE, hostile, item, one, samples, todos, wide


def rows(tree: Node) -> list[list[str]]:
    """The words of each row."""
    return [
        [text_in(cell) for cell in nodes_in(each) if cell[0] == "td"]
        for each in nodes_in(tree)
        if each[0] == "tr" and "data-choice" in attributes_of(each)
    ]


def value_of(tree: Node) -> str:
    """What the text box of an item holds."""
    (box,) = [each for each in nodes_in(tree) if each[0] == "textarea"]
    return attributes_of(box)["value"]


def labels(tree: Node) -> list[str]:
    return [text_in(each) for each in nodes_in(tree) if each[0] == "button"]


@pytest.mark.parametrize("name", samples())
def test_a_view_is_made_of_what_is_allowed_and_is_saved_as_html(name: str) -> None:
    tree = samples()[name]
    assert fits(tree)
    assert json.loads(json.dumps(tree)) == tree
    tags = Tags(html(tree))
    assert not tags.still_open
    assert not {"script", "img", "button", "textarea"} & {tag for tag, _ in tags.opened}


def test_ten_thousand_items_are_bounded_in_every_view_and_whole_in_the_frame() -> None:
    many = Items(tuple(item(f"k{n}", {"n": n, "text": "x" * 100}) for n in range(10_000)))
    shown = bundle(many)
    assert shown["text/plain"].splitlines()[0] == "10,000 items in the store, the first 200 are shown, .df has all"
    assert all(len(part) < 100_000 for part in shown.values())
    tree = items_tree(many)
    assert 250 < len(rows(tree)) < 1_000
    assert f"10,000 items in the store, the first {len(rows(tree))} are shown, .df has all" in text_in(tree)
    assert len(json.dumps(tree)) < 130_000
    assert len(many.df) == 10_000


def test_items_of_a_thousand_kinds_show_a_dozen_fields_and_say_so() -> None:
    shown = bundle(wide(1_000))
    assert "988 more fields are not shown, .df has all" in shown["text/plain"]
    assert shown["text/html"].count("<th ") == 15
    assert wide(1_000).df.shape == (1_000, 1_004)


def test_a_row_says_what_the_static_table_says() -> None:
    static = bundle(todos())["text/plain"].splitlines()[2:]
    for (key, *cells), line in zip(rows(items_tree(todos())), static, strict=True):
        assert key in line
        assert cells[0] in line


def test_numbers_are_shown_as_they_are_and_lists_by_their_count() -> None:
    for value, shown in (
        ({"a": 0.1234567, "b": 1.0}, ["0.1234567", "1.0"]),
        ({"c": 2**53 + 1, "d": True}, ["9007199254740993", "true"]),
        ({"e": 1e300, "f": None, "g": -0.0}, ["1e+300", "-0.0"]),
        ({"h": [1, 2]}, ["2 items"]),
    ):
        ((_, *cells, _),) = rows(items_tree(Items((item("k", value),))))
        assert cells == shown


def test_a_row_shows_two_fields_at_most() -> None:
    (cells,) = rows(items_tree(Items((item("k", {f"field{n}": n for n in range(9)}),))))
    assert len(cells) == 4


def test_a_long_key_is_shown_by_its_end_and_copied_whole() -> None:
    key = "0a1b2c3d-0000-4000-8000-123456789abc"
    ((shown, *_),) = rows(items_tree(Items((item(key, {"a": 1}),))))
    assert shown == "…56789abc"
    tree = one(Item(item(key, {"a": 1})))
    assert key in [attributes_of(each).get("data-copy") for each in nodes_in(tree)]


def test_what_can_be_edited_is_whole_and_what_cannot_be_is_cut_and_says_so() -> None:
    value = {"text": "x" * 199_000, "n": 2**53 + 1, "f": 1.0}
    whole = one(Item(item("k", value)))
    assert value_from_text(value_of(whole)) == value
    assert labels(whole)[:2] == ["k", "Edit"]
    cut = one(Item(item("k", {"text": "x" * 10_000_000})))
    assert len(json.dumps(cut)) < 30_000
    assert "Edit" not in labels(cut)
    assert "10,000,011 characters are too many to edit here: %lg_store put" in text_in(cut)
    assert "This is the beginning of 10,000,011 characters." in text_in(cut)


@pytest.mark.parametrize("character", ["x", '"', "\\", "é", "\u202e"])
def test_an_item_and_its_conflict_fit_into_a_message_with_what_is_typed(character: str) -> None:
    shown = Item(item("k", {"text": character * (195_000 // len(json.dumps(character)))}))
    for is_conflict in (False, True):
        tree = one(shown, is_conflict=is_conflict)
        assert fitted({"tree": tree}) == {"tree": tree}
        if "Edit" in labels(tree):
            assert value_from_text(value_of(tree)) == shown.value
            assert text_in(tree).count("This is the beginning") in ((0,) if not is_conflict else (0, 2))
        else:
            assert "too many to edit here" in text_in(tree)


def test_a_conflict_shows_what_is_there_now_and_saves_over_that_alone() -> None:
    for name, label in (("item", "Save"), ("conflict", "Save over it"), ("gone", "Create it again")):
        (save,) = [each for each in nodes_in(samples()[name]) if attributes_of(each).get("data-act") == "save"]
        assert text_in(save) == label
        assert ("seen" in json.loads(attributes_of(save)["data-args"])) == (name != "item")
    assert "As it is now:" in text_in(samples()["conflict"])
    assert "There is no such item now: saving creates it again." in text_in(samples()["gone"])


def test_an_item_has_one_name_whatever_its_labels_hold() -> None:
    names = [("a", "b/c"), ("a/b", "c"), ("a", "b", "c"), ('a", "b', "c")]
    tree = items_tree(Items(tuple(item(key, {}, *labels) for *labels, key in names)))
    assert len({attributes_of(each)["key"] for each in nodes_in(tree) if "data-choice" in attributes_of(each)}) == 4


@pytest.mark.parametrize("shown", [hostile(), Export(hostile().items, (HOSTILE,), path=HOSTILE), hostile()[0]])
def test_hostile_items_are_text(shown: object) -> None:
    page = bundle(shown)["text/html"]  # type: ignore[arg-type]
    assert "<img" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("raw", [{}, {"value": None}, {"key": "k", "value": [1]}, {"updated_at": "never", "value": {}}])
def test_a_payload_that_lacks_something_is_shown(raw: dict[str, object]) -> None:
    for shown in (Item(raw), Items((raw,)), Export((raw,))):
        assert bundle(shown)["text/plain"]
    assert rows(items_tree(Items((raw,))))[0][-1] == ""
    assert text_in(one(Item(raw)))
    assert len(Items((raw,)).df) == 1


def test_an_export_is_one_line() -> None:
    assert bundle(Export(todos().items, ("todo",)))["text/plain"] == "2 items in todo"
    assert bundle(Export((), ("todo",), path="a.json"))["text/plain"] == "no items in todo, written to a.json"


@pytest.mark.parametrize("cell", ["shown", "display(shown)"])
def test_where_there_is_no_page_open_items_are_the_table(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    shell.user_ns["shown"] = todos(is_open=True, search=Search(("todo",)))
    shell.run_cell(cell)
    assert bundle(todos())["text/plain"] in capsys.readouterr().out
