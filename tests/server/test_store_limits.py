"""What a store refuses, or counts as a use, on the real server behind one that has limits: long pages, and times to live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from lg_magics import local
from lg_magics.actions.open_store import delete, read_again, read_item, save
from lg_magics.commands import store
from lg_magics.errors import InvalidRequest, NotFound
from lg_magics.model.store_values import fingerprint
from lg_magics.server import calls
from lg_magics.session import Session

from .lacking import Lacking, lacking_server

MOST = 20
SEARCH, NAMESPACES = "StoreSearchRequest", "StoreListNamespacesRequest"


@pytest.fixture
def limited(server: local.LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lacking]:
    monkeypatch.setattr(calls, "_documents", {})
    with lacking_server(server.url) as found:
        yield found


@pytest.fixture
def session_server(limited: Lacking) -> Lacking:
    return limited


def refusing(most: int) -> Callable[[str, Any], tuple[int, str] | None]:
    def judge(call: str, sent: Any) -> tuple[int, str] | None:
        is_long = call.startswith("POST /store/") and sent["limit"] > most
        return (422, f"limit: Input should be less than or equal to {most}") if is_long else None

    return judge


def with_maximum(real: dict[str, Any]) -> object:
    for schema in (SEARCH, NAMESPACES):
        real["components"]["schemas"][schema]["properties"]["limit"]["maximum"] = MOST
    return real


# -- the longest page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_documented", [True, False])
def test_pages_are_as_long_as_the_deployment_allows(
    session: Session, limited: Lacking, root: str, is_documented: bool
) -> None:
    count = 230
    store.load(session, (root, "a"), [{"id": f"k{n:03}", "n": n} for n in range(count)], key="id")
    for number in range(3):
        store.put(session, (root, f"b{number}"), "k", {})
    order = [item.key for item in store.search(session, (root, "a"), limit=1000)]
    session.connection.capabilities = None
    calls._documents.clear()
    limited.judges = refusing(MOST if is_documented else 100)
    if is_documented:
        limited.document = with_maximum
    assert [item.key for item in store.search(session, (root, "a"), all=True)] == order
    assert [item.key for item in store.search(session, (root, "a"), limit=150, offset=7)] == order[7:157]
    assert len(store.export(session, root)) == count + 3
    table = store.namespaces(session, root)
    assert {row["namespace"]: row["items"] for row in table} == {f"{root}/a": count} | {
        f"{root}/b{number}": 1 for number in range(3)
    }
    assert len(store.namespaces(session, root, all=True)) == 4
    found = store.search(session, (root, "a"), limit=10)
    assert (found.total, found.more_than) in ((None, 10 + MOST - 1), (None, 10 + 100 - 1), (count, 0))
    assert store.search(session, (root, "a"), offset=count + 5).is_past
    with pytest.raises(NotFound, match="Did you mean k000"):
        store.get(session, (root, "a"), "K000")


def test_a_refused_comparison_is_still_explained(session: Session, limited: Lacking, root: str) -> None:
    store.put(session, root, "k", {"a": 1})
    with pytest.raises(InvalidRequest, match="n cannot be compared in every item"):
        store.search(session, root, filter={"n": {"$gt": 1}}, limit=500)


# -- times to live ----------------------------------------------------------------------------------------------


def reads(limited: Lacking) -> Counter[str]:
    """The reads of the store since the last call, by what they do to times to live."""
    found: Counter[str] = Counter()
    for call, sent in limited.asked:
        if call.startswith("POST /store/items/search"):
            found[str(sent.get("refresh_ttl"))] += 1
        elif call.startswith("GET /store/items"):
            found[call.partition("refresh_ttl=")[2].partition("&")[0].title() or "None"] += 1
    limited.asked.clear()
    return found


def test_reads_that_no_person_requested_restart_no_time_to_live(session: Session, limited: Lacking, root: str) -> None:
    for number in range(13):
        store.put(session, root, f"k{number}", {"n": number})
    reads(limited)
    opened = store.search(session, root, limit=10)
    assert reads(limited) == {"None": 1, "False": 1}  # the rows, and their count
    with suppress(NotFound):
        store.get(session, root, "K1")
    assert reads(limited) == {"None": 1, "False": 2}  # the item, and the names beside it
    for refresh in (True, False):
        store.search(session, root, limit=13, refresh_ttl=refresh)
        store.get(session, root, "k1", refresh_ttl=refresh)
        assert reads(limited) == {str(refresh): 3}
    item = opened[0]
    others: list[Callable[[], object]] = [
        lambda: store.namespaces(session, root),
        lambda: store.export(session, root),
        lambda: store.search(session, root, offset=50, refresh_ttl=False),
        lambda: store.put(session, root, "k1", {"n": 2}),
        lambda: store.delete(session, root, "k1"),
        lambda: store.delete(session, root, "k1"),
        lambda: read_again(session, opened),
        lambda: read_item(session, opened, item),
        lambda: save(session, opened, item, '{"n": 5}', fingerprint(item.value)),
        lambda: delete(session, opened, item, fingerprint({"n": 5})),
    ]
    for other in others:
        other()
        found = reads(limited)
        assert set(found) == {"False"}, found
    with pytest.raises(InvalidRequest):
        store.search(session, root, filter={"zz": {"$gt": 1}}, refresh_ttl=False)
    assert set(reads(limited)) == {"False"}
