"""How much memory large states and long sessions take, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lg_magics import local
from lg_magics.commands import deployment, threads
from lg_magics.session import Session

from .faulty import Faulty, answers

DIFF = """
import resource, sys
from lg_magics.commands import deployment, history, threads
from lg_magics.session import Session

session = Session()
deployment.connect(session, sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
threads.use(session, sys.argv[2])
threads.use(session, sys.argv[3])
found = history.diff(session, "t1", "t2")
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

some(50)
tracemalloc.start()
some(25)
before = tracemalloc.get_traced_memory()[0]
some(200)
after = tracemalloc.get_traced_memory()[0]
print((after - before) / 200)
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


@pytest.mark.slow
def test_a_settled_run_of_a_long_session_takes_little(server: local.LocalServer) -> None:
    """It took 14 kB, by the same count."""
    assert float(ran(MANY, server.url)) <= 6_000
