"""Pairs that compare, in a line: each becomes the store's own condition, and two of one key must both be true."""

from __future__ import annotations

import contextlib
import string
from collections.abc import Mapping
from typing import Annotated

import hypothesis.strategies as st
import pytest
from hypothesis import given

from lg_magics.errors import CommandError
from lg_magics.grammar.parameters import KeyValues
from lg_magics.grammar.read import call_from_line
from lg_magics.grammar.registry import command, command_of


class Session: ...


@command("find", group="Tests")
def find(
    session: Session,
    where: str = "",
    *,
    filter: Annotated[Mapping[str, object] | None, KeyValues("-w", compares=True)] = None,
) -> None: ...


NAMES = {"least": 5, "city": "sf", "known": {"status": "done"}, "items": [1]}


def filter_of(line: str) -> object:
    found = command_of(find)
    assert found is not None
    return call_from_line(found, line, names=NAMES).options.get("filter")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-w status=done", {"status": "done"}),
        ("-w n=5", {"n": "5"}),
        ("-w n:=5", {"n": 5}),
        ("-w n>=5", {"n": {"$gte": 5}}),
        ("-w n>5", {"n": {"$gt": 5}}),
        ("-w n<=-0.5", {"n": {"$lte": -0.5}}),
        ("-w n<1e3", {"n": {"$lt": 1000.0}}),
        ("-w deadline<2024-11-22", {"deadline": {"$lt": "2024-11-22"}}),
        ("-w n>1e999", {"n": {"$gt": "1e999"}}),
        ("-w status!=done", {"status": {"$ne": "done"}}),
        ("-w n!:=5", {"n": {"$ne": 5}}),
        ('-w "task=two words"', {"task": "two words"}),
        ('-w task="two words"', {"task": "two words"}),
        ('-w o:={"x": 3}', {"o": {"x": 3}}),
        ("-w a:b=c", {"a:b": "c"}),
        ("-w n>=$least", {"n": {"$gte": 5}}),
        ("-w city=$city", {"city": "sf"}),
        ("-w $known -w n<3", {"status": "done", "n": {"$lt": 3}}),
        ("todo --filter n>=3 --filter n<6", {"n": {"$gte": 3, "$lt": 6}}),
        ("-w n:=3 -w n<6", {"n": {"$eq": 3, "$lt": 6}}),
        ("-w n<6 -w n:=3", {"n": {"$lt": 6, "$eq": 3}}),
    ],
)
def test_a_comparison_is_the_stores_own_condition(line: str, said: object) -> None:
    assert filter_of(line) == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-w done", "-w expects K=V. k=v, k!=v: a text"),
        ("-w n:=five", "-w n:= expects JSON"),
        ("-w n>=$known", "-w n>= compares with a number, not with a dict"),
        ("-w n>3 -w n>4", "-w n> is given twice"),
        ("-w n=3 -w n=4", "-w n= is given twice"),
        ("-w $items", "must be a mapping, got a list"),
    ],
)
def test_what_cannot_be_compared_is_reported(line: str, said: str) -> None:
    with pytest.raises(CommandError) as caught:
        filter_of(line)
    assert said in str(caught.value)


@given(st.text(alphabet=string.printable, max_size=20))
def test_a_condition_is_read_or_refused_and_nothing_else(text: str) -> None:
    with contextlib.suppress(CommandError):
        filter_of(f"-w {text}")
