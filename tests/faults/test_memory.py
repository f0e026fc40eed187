"""How much memory large states and long sessions take, in a process of its own."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from types import FunctionType, MethodType, ModuleType

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs, threads
from lg_magics.follow.loop import BackgroundLoop
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.run_view import RunView
from lg_magics.server.connection import Connection
from lg_magics.session import Session

from .faulty import Faulty, answers

DIFF = """
import resource, sys
from lg_magics.commands import deployment, state, threads
from lg_magics.session import Session

session = Session()
deployment.connect(session, sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
threads.use(session, sys.argv[2])
threads.use(session, sys.argv[3])
found = state.diff(session, "t1", "t2")
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // 1024, found.headline, len(str(found)))
session.close()
"""
MANY = """
import gc, sys, tracemalloc
from lg_magics.commands import deployment, runs
from lg_magics.session import Session

session = Session()
deployment.connect(session, sys.argv[1])

def some(count):
    for _ in range(count // 25):
        for run in [runs.run(session, input={"steps": 1, "seconds": 0}, assistant="workbench", thread="new") for _ in range(25)]:
            run.wait()
            del run
    gc.collect()

# What the connections of a pool hold differs, and grows with no run.
POOL = [tracemalloc.Filter(False, f"*/{each}/*") for each in ("anyio", "httpcore", "h11", "urllib")]

def held():
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces(POOL).traces)

tracemalloc.start()
some(100)  # fills caches, too
before = held()
some(150)
print((held() - before) / 150)
if len(sys.argv) > 2:
    for each in tracemalloc.take_snapshot().statistics("lineno")[:25]:
        print(each, file=sys.stderr)
session.close()
"""


def ran(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_difference_of_two_states_of_150_mb_takes_less_than_400_mb(faulty: Faulty, server: local.LocalServer) -> None:
    session = Session()
    deployment.connect(session, server.url)
    ids = [threads.new(session).thread_id for _ in range(2)]
    session.close()
    state = {
        "values": {"documents": [{"id": str(n), "text": f"{n} " + "x" * 1_000_000} for n in range(150)]},
        "next": [],
        "tasks": [],
        "checkpoint": {"checkpoint_id": "1f1ebac1-e768-6418-8002-ee641d4c082b"},
    }
    faulty.set(answers(200, json.dumps(state).encode()), lambda call: call.endswith("/state"))
    megabytes, _, headline = ran(DIFF, faulty.url, *ids).partition(" ")
    assert "no difference" in headline
    assert int(megabytes) < 400, megabytes


def views_of(run: Run) -> list[RunView]:
    """Each view of a run from now on."""
    seen: list[RunView] = []
    tracked(run).observe(lambda each: seen.append(each.view))
    return seen


def test_a_settled_run_shows_all_that_it_showed_in_little_memory(session: Session) -> None:
    """It is packed, but for what everybody asks of it: thousands of runs are kept."""
    made = [
        runs.run(session, input={"steps": 2, "seconds": 0, "n": n}, assistant="workbench", thread="new")
        for n in range(2)
    ]
    for run in made:
        seen = views_of(run)
        run.wait(60)
        assert (run.status, run.view.status) == ("success", "success")
        assert [step.node for step in run.view.steps] == ["plan", "work", "work"]
        assert run.view == seen[-1]
        assert run.raw["run_id"] == run.run_id
        assert run.raw["kwargs"]["input"] == {"steps": 2, "seconds": 0, "n": made.index(run)}
        assert "workbench" in run.info.code
        assert f'"n": {made.index(run)}' in run.info.title
        assert tracked(run).has_card
    until = time.monotonic() + 30
    while (
        own_size(made[1], beside=made[0]) > 1_500 and time.monotonic() < until
    ):  # it is packed when all were notified of its end
        time.sleep(0.1)
    assert own_size(made[1], beside=made[0]) <= 1_500  # 3.7 kB before
    assert [step.node for step in made[1].view.steps] == ["plan", "work", "work"]


def own_size(run: Run, beside: Run) -> int:
    """The bytes of what this handle holds and the other does not."""
    shared = reached([beside])
    return sum(sys.getsizeof(each) for key, each in reached([run]).items() if key not in shared)


def reached(objects: list[object]) -> dict[int, object]:
    found: dict[int, object] = {}
    while objects:
        each = objects.pop()
        if id(each) in found or isinstance(
            each, type | ModuleType | Connection | BackgroundLoop | MethodType | FunctionType
        ):
            continue
        found[id(each)] = each
        objects += gc.get_referents(each)
    return found


@pytest.mark.slow
def test_a_settled_run_of_a_long_session_takes_little(server: local.LocalServer) -> None:
    """It took 14 kB, by the same count."""
    assert float(ran(MANY, server.url)) <= 2_048
