"""What the functions of the Python door refuse before their commands see it: what is no text, no mapping, no number."""

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
    "a schedule": (lambda: lg.cron.create(5, "hello"), "lg.cron.create: schedule is a text, and not an int."),
    "a time zone": (lambda: lg.cron.create("0 9 * * *", timezone=5), "timezone is a text, and not an int."),
    "a context": (lambda: lg.cron.create("0 9 * * *", context=[1]), "context is a mapping, and not a list."),
    "settings": (lambda: lg.run("x", configurable="a=1"), "lg.run: configurable is a mapping, and not a str."),
    "an assistant": (lambda: lg.graph(SecretText()), "lg.graph: assistant is a text, and not a SecretText."),
    "a key": (lambda: lg.store.put("notes", 5, {"a": 1}), "lg.store.put: key is a text, and not an int."),
    "a config": (lambda: lg.assistant.create("agent", name="x", config=[1]), "config is a mapping, and not a list."),
    "a limit": (lambda: lg.crons(limit="5"), "lg.crons: limit is a whole number, and not a str."),
    "a limit of a half": (lambda: lg.crons(limit=2.5), "limit is a whole number, and not a float."),
    "no limit": (lambda: lg.assistants(limit=None), "limit is a whole number, and not None."),
    "yes for a number": (lambda: lg.crons(limit=True), "limit is a whole number, and not a bool."),
    "no schedule": (lambda: lg.cron.create(None, "hello"), "schedule is a text, and not None."),
    "bytes": (lambda: lg.assistant.create(b"agent", name="x"), "graph is a text, and not a bytes."),
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
