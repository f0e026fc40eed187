"""A run held against a file: in Python, in pytest, in a notebook under nbval."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lg_magics import local
from lg_magics.commands import runs
from lg_magics.commands.check import check
from lg_magics.commands.people import resume
from lg_magics.errors import CheckFailed, CommandError
from lg_magics.follow.golden import golden_of_run
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .conftest import connected


def asked(session: Session, text: str, thread: str | None = "new") -> Run:
    return runs.run(session, text, assistant="agent", thread=thread, card=False)


def test_a_run_is_held_against_what_another_did(session: Session, tmp_path: Path) -> None:
    file = asked(session, "weather in Paris").freeze(tmp_path / "golden.json")
    assert '"query": "weather in Paris"' in file.read_text()
    again = asked(session, "please: the weather in Paris!")
    assert check(session, again, file) is again
    assert check(session, again.number, str(file)) is again
    other = asked(session, "weather in Tokyo", thread=None)
    with pytest.raises(CheckFailed) as caught:
        check(session, other, file)
    said = 'golden.json says: call 1 of weather_search has query="weather in Tokyo", not query="weather in Paris".'
    assert said in str(caught.value)
    assert isinstance(caught.value, AssertionError)
    assert check(session, other, file, ignore="query") is other
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        check(session, other, tmp_path / "nothing.json")


@pytest.fixture
def asks(asking_server: local.LocalServer) -> Iterator[Session]:
    """A session on the server whose graphs ask."""
    yield from connected(asking_server)


def test_a_run_that_goes_on_after_a_question_is_one_with_the_run_that_asked(asks: Session, tmp_path: Path) -> None:
    for thread, answer, way, to in (
        ("new", "to=bob@example.com", "edit", "bob@example.com"),
        (None, None, "approve", "ann@example.com"),
    ):
        waits = runs.run(asks, "one", assistant="batched", thread=thread, card=False).wait()
        assert golden_of_run(waits).tools == (("send_mail", {"to": "ann@example.com", "body": "Hello"}),)
        run = resume(asks, answer, **{way: True}, card=False)  # type: ignore[call-overload]
        assert golden_of_run(run).tools == (("send_mail", {"to": to, "body": "Hello"}),)
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"status": "success", "tools": []}')
    with pytest.raises(CheckFailed, match="call 1 is send_mail"):
        check(asks, run, wrong)
    with pytest.raises(CommandError, match="A run is needed"):
        check(asks, None, wrong)


TEST = """
import lg_magics as lg

def test_it():
    lg.connect({url!r}, timeout=60)
    lg.check(lg.run("weather in {city}", assistant="agent", thread="new"), {file!r})
"""


@pytest.mark.slow
def test_it_works_in_pytest_and_in_a_notebook(session: Session, server: local.LocalServer, tmp_path: Path) -> None:
    file = str(asked(session, "weather in Paris").freeze(tmp_path / "golden.json"))
    (tmp_path / "test_good.py").write_text(TEST.format(url=server.url, city="Paris", file=file))
    (tmp_path / "test_bad.py").write_text(TEST.format(url=server.url, city="Rome", file=file))
    cells = [
        f"%load_ext lg_magics\n%lg_connect {server.url} --timeout 60\nrun = %lg_run -a agent weather in Paris",
        f"%lg_check --quiet $run {file}",
        f"run = %lg_run -a agent -t new weather in Rome\n%lg_check $run {file}",
    ]
    made: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": cell} for cell in cells
    ]
    book = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "book.ipynb").write_text(json.dumps(book), "utf-8")
    plugins = ["-p", "no:cacheprovider", "-p", "no:langsmith_plugin", "--nbval-lax", "-q", "--no-header"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "test_good.py", "test_bad.py", "book.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout
    assert "2 failed" in done.stdout
    assert done.stdout.count('has query="weather in') >= 2
