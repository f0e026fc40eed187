"""What Python functions refuse before their commands see it: a value that is not text, not a mapping, not a number."""

from __future__ import annotations

import pathlib
import types
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import lg_magics
from lg_magics.errors import CommandError, NotConnected

lg: Any = lg_magics  # without its types, which refuse most of this before it runs


class SecretText:
    """Not to be seen in a message."""

    def __repr__(self) -> str:
        return "sk-secret"


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a schedule": (lambda: lg.cron.create(5, "hello"), "schedule must be text, got an int."),
    "a time zone": (lambda: lg.cron.create("0 9 * * *", timezone=5), "timezone must be text, got an int."),
    "a context": (lambda: lg.cron.create("0 9 * * *", context=[1]), "context must be a mapping, got a list."),
    "settings": (lambda: lg.run("x", configurable="a=1"), "configurable must be a mapping, got a str."),
    "an assistant": (lambda: lg.graph(SecretText()), "assistant must be text, got a SecretText."),
    "a key": (lambda: lg.store.put("notes", 5, {"a": 1}), "key must be text, got an int."),
    "a config": (lambda: lg.assistant.create("agent", name="x", config=[1]), "config must be a mapping, got a list."),
    "a limit": (lambda: lg.crons(limit="5"), "limit must be a whole number, got '5'."),
    "a limit of a half": (lambda: lg.crons(limit=2.5), "limit must be a whole number, got 2.5."),
    "no limit": (lambda: lg.assistants(limit=None), "limit must be a whole number, got None."),
    "yes for a number": (lambda: lg.crons(limit=True), "limit must be a whole number, got True."),
    "no schedule": (lambda: lg.cron.create(None, "hello"), "schedule must be text, got None."),
    "bytes": (lambda: lg.assistant.create(b"agent", name="x"), "graph must be text, got a bytes."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_text_or_mapping_is_refused_by_its_name(name: str) -> None:
    do, said = REFUSED[name]
    with pytest.raises(CommandError) as refused:
        do()
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_whatever_is_a_text_or_a_mapping_reaches_the_command() -> None:
    class Name(str):
        """As numpy's, a text too."""

    attempts: list[Callable[[], object]] = [
        lambda: lg.graph(Name("agent")),
        lambda: lg.crons(limit=numpy.int64(5), thread=None),
        lambda: lg.run("x", configurable=types.MappingProxyType({"a": 1}), assistant=None),
        lambda: lg.store.export("notes", to=pathlib.Path("x.jsonl")),
    ]
    for do in attempts:
        with pytest.raises(NotConnected):
            do()
