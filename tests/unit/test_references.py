"""A person's word for a run or thread finds the one that is meant."""

from __future__ import annotations

import pytest

from lg_magics.errors import UnknownReference
from lg_magics.model.references import Known, Numbering, resolve, short_id

IDS = [f"01a1faa6-5475-715e-a455-0000000{n:05x}" for n in (0xBFF07, 0xC11D2, 0x0C12A)]
KNOWN = [Known(f"r{n}", identity, f"run {n}", name="trip" if n == 2 else "") for n, identity in enumerate(IDS, 1)]


def found(reference: str) -> str:
    return resolve(reference, KNOWN, kind="run", listed_by="%lg_runs").number


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("r2", "r2"),
        (IDS[0], "r1"),
        ("last", "r3"),
        ("last~2", "r1"),
        ("bff07", "r1"),
        ("·c11d2", "r2"),
        ("trip", "r2"),
        (" r3 ", "r3"),
    ],
)
def test_number_id_last_suffix_and_name_find_it(reference: str, number: str) -> None:
    assert found(reference) == number


@pytest.mark.parametrize("reference", ["01a1faa6", "01a1faa6-5475"])
def test_the_beginning_of_an_id_that_many_share_is_refused_with_the_candidates(reference: str) -> None:
    with pytest.raises(UnknownReference, match="any of 3 runs") as caught:
        found(reference)
    assert "r1 ·bff07  run 1" in str(caught.value)


@pytest.mark.parametrize("reference", ["r9", "zzz", "07", "", "last~3"])
def test_what_nobody_knows_is_refused(reference: str) -> None:
    with pytest.raises(UnknownReference, match=r"No run|names no run"):
        found(reference)


def test_a_full_id_that_is_not_known_is_taken_as_it_is() -> None:
    identity = "01a1faa6-5475-715e-a455-00000000ffff"
    assert resolve(identity, KNOWN, kind="run", listed_by="%lg_runs").id == identity


def test_a_thing_keeps_its_number() -> None:
    numbers = Numbering("t")
    assert [numbers.number(name) for name in "abab"] == ["t1", "t2", "t1", "t2"]
    assert [numbers.known(name) for name in ("t2", "a", "t3", "c", "")] == ["b", "a", None, None, None]


def test_twenty_runs_of_one_minute_are_shown_apart() -> None:
    numbers = Numbering("r")
    ids = [f"01a1faa6-5475-715e-a455-20158515f{n:03x}" for n in range(20)]
    assert len({short_id(numbers.number(identity), identity) for identity in ids}) == 20
