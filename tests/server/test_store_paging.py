"""A search of the store that is cut, or begins behind the last: how many of how many, as far as that is cheap to know."""

from __future__ import annotations

from lg_magics.commands import store
from lg_magics.session import Session
from lg_magics.views.bundle import bundle


def test_pages_say_truly_whether_there_are_more(session: Session, root: str) -> None:
    for number in range(23):
        store.put(session, f"{root}/many", f"k{number:02}", {"n": number})

    def first_line(limit: int = 10, offset: int = 0, all: bool = False) -> str:
        found = store.search(session, f"{root}/many", limit=limit, offset=offset, all=all)
        return bundle(found)["text/plain"].splitlines()[0].replace(f" in {root}/many", "")

    counted = {
        "first": first_line(),
        "exactly": first_line(limit=23),
        "one less": first_line(limit=22),
        "second": first_line(offset=10),
        "last": first_line(offset=20),
        "beyond": first_line(offset=30),
        "all": first_line(all=True),
    }
    assert counted == {
        "first": "10 of 23 items, --limit N, --offset 10 or --all",
        "exactly": "23 items",
        "one less": "22 of 23 items, --limit N, --offset 22 or --all",
        "second": "items 11–20 of 23, --limit N, --offset 20 or --all",
        "last": "items 21–23 of 23",
        "beyond": "none of 23 items, --offset 30 is past the last",
        "all": "23 items",
    }
    attrs = store.search(session, f"{root}/many", limit=22).df.attrs
    assert (attrs["truncated"], attrs["total"]) == (True, 23)
    assert store.search(session, f"{root}/many", filter={"n": {"$gt": 19}}, limit=2).table.total == 3
    numbers = [item.value["n"] for item in store.search(session, f"{root}/many", all=True)]
    assert numbers == list(range(23))


def test_where_counting_would_read_too_much_more_than_is_said(session: Session, root: str) -> None:
    for number in range(8):
        store.put(session, f"{root}/large", f"k{number}", {"text": "x" * 150_000})
    found = store.search(session, f"{root}/large", limit=2)
    assert found.table.counted == f"2 of more than 5 items in {root}/large"
    assert found.df.attrs["total"] is None
    assert store.search(session, f"{root}/large", limit=7).table.counted == f"7 of 8 items in {root}/large"
    ranked = store.search(session, f"{root}/large", query="x", limit=2)  # some servers leave out what has no rank
    assert ranked.table.counted == f"2 of more than 2 items in {root}/large"


def test_nothing_behind_the_last_of_a_ranked_search_is_said_to_be_so(session: Session, root: str) -> None:
    store.put(session, root, "k", {"n": 1})
    shown = bundle(store.search(session, root, query="x", offset=5))["text/plain"]
    assert shown.splitlines()[0] == f"no items after the first 5 in {root}"
    assert store.search(session, f"{root}/none", offset=5).table.counted == f"no items in {root}/none"
