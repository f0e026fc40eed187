"""Every fault with every command: a result or one error of ours, within its time, and nothing that is not true."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.errors import LgError, Unreachable, WaitTimedOut
from lg_magics.follow import retry
from lg_magics.grammar.calling import call_command
from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.read import call_from_line
from lg_magics.session import Session

from .faulty import FAULTS, Faulty, faulty_server
from .lines import LINES, WITHOUT_CALLS, Line

QUICK = ("half a body", "500", "null", "a list of an empty object")
SECONDS = 15.0
CELLS = [(name, number) for name, lines in LINES.items() for number in range(len(lines))]
numbers = itertools.count()


@pytest.fixture(scope="module")
def proxy(server: local.LocalServer) -> Iterator[Faulty]:
    with faulty_server(server.url) as made:
        yield made


@pytest.fixture(scope="module")
def session(proxy: Faulty) -> Iterator[Session]:
    """One session for the table, with a thread t1 on which a run has ended."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(retry, "LOOPBACK_RETRY_SECONDS", 0.3)
        patched.setattr(retry, "RETRY_SECONDS", 0.3)
        new = Session()
        deployment.connect(new, proxy.url, timeout=2.0)
        done(new, proxy, 'run -a workbench -t new --json --wait {"steps": 2, "seconds": 0}', 0)
        yield new
        proxy.set(None)
        new.close()


@pytest.fixture(scope="module", autouse=True)
def left(server: local.LocalServer, sdk: SyncLangGraphClient) -> Iterator[None]:
    """What the lines make goes with them: other tests count."""
    yield
    for cron in sdk.crons.search(limit=1000):
        sdk.crons.delete(cron["cron_id"])
    for made in sdk.assistants.search(limit=1000):
        if (made["metadata"] or {}).get("created_by") != "system":
            sdk.assistants.delete(made["assistant_id"])


def done(session: Session, faulty: Faulty, text: str, number: int) -> object:
    """What a line gives, as its magic would."""
    text = text.replace("{n}", str(number)).replace("{url}", faulty.url)
    found = max(
        (name for name in CATALOGUE if text == name or text.startswith(f"{name} ") or not name), key=len, default=""
    )
    command = command_named(found)
    call = call_from_line(command, text[len(found) :].strip(), None, {"rows": ROWS})
    result = call_command(command, session, call.arguments, call.options)
    repr(result)
    return result


ROWS = pd.DataFrame({"text": ["weather in sf"]})


def prepare(session: Session, faulty: Faulty, line: Line, number: int) -> None:
    """Do what comes before a line. The connection that the fault before has closed may still be in the pool: then once more."""
    faulty.set(None)
    for each in line.before:
        try:
            done(session, faulty, each, number)
        except Unreachable:
            done(session, faulty, each, number)


def problem_with(session: Session, faulty: Faulty, line: Line, fault: str) -> str:
    """What is wrong with a cell of the table; "" if nothing is."""
    number = next(numbers)
    prepare(session, faulty, line, number)
    faulty.set(FAULTS[fault])
    began = time.monotonic()
    try:
        said: Any = done(session, faulty, line.text, number)
    except LgError as problem:
        said = problem
    except Exception as problem:  # noqa: BLE001 - that is what the table is about
        return f"{type(problem).__name__}: {problem}"[:300]
    finally:
        faulty.set(None)
    if time.monotonic() - began > SECONDS and fault != "late":  # where each of its calls takes a second
        return f"it took {time.monotonic() - began:.1f} s"
    words = str(said)
    if re.search(r"<!doctype|</html>", words, re.IGNORECASE):
        return f"it shows a page: {words[:200]}"
    if re.fullmatch(r"5\d\d.*", fault) and isinstance(said, LgError) and "refused to" in words:
        return f"a 5xx is called a refusal: {words[:200]}"
    return ""


def problems(session: Session, faulty: Faulty, name: str, place: int, faults: tuple[str, ...]) -> dict[str, str]:
    line = LINES[name][place]
    found = {fault: problem_with(session, faulty, line, fault) for fault in faults}
    return {fault: problem for fault, problem in found.items() if problem}


def test_every_command_is_in_the_table() -> None:
    assert set(LINES) | set(WITHOUT_CALLS) == set(CATALOGUE)
    assert not set(LINES) & set(WITHOUT_CALLS)
    assert len(FAULTS) >= 40


@pytest.mark.parametrize(("name", "place"), CELLS)
def test_each_line_does_its_work_where_nothing_goes_wrong(
    name: str, place: int, session: Session, proxy: Faulty
) -> None:
    line, number = LINES[name][place], next(numbers)
    prepare(session, proxy, line, number)
    with suppress(WaitTimedOut):  # that is work too
        done(session, proxy, line.text, number)


@pytest.mark.parametrize(("name", "place"), CELLS)
def test_a_few_faults_with_every_command(name: str, place: int, session: Session, proxy: Faulty) -> None:
    assert problems(session, proxy, name, place, QUICK) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "place"), CELLS)
def test_all_faults_with_every_command(name: str, place: int, session: Session, proxy: Faulty) -> None:
    assert problems(session, proxy, name, place, tuple(FAULTS)) == {}
