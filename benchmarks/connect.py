"""How long a connection takes: `connect` beside the raw SDK's client and the reads that return what `connect` shows.

The raw SDK makes a client, and reads the deployment's info, its assistants, the schemas of one, and the crons.
"""

from __future__ import annotations

from time import perf_counter

from langgraph_sdk import get_sync_client

from benchmarks.bench import ASSISTANT, Bench
from benchmarks.samples import Line, difference, in_turns, ratio
from lg_magics.commands import deployment
from lg_magics.session import Session

__all__ = ["lines"]

ROUNDS = 30
WARM_UP = 3
RATIO = 1.3


def lines(bench: Bench) -> list[Line]:
    bench.say(f"connect: {ROUNDS} rounds of two connections")
    taken = in_turns({"ours": lambda: _ours(bench), "raw": lambda: _raw(bench)}, ROUNDS, warm_up=WARM_UP)
    ours, raw = taken["ours"], taken["raw"]
    compared = f"{ratio(ours, raw)}, {difference(ours, raw)}"
    is_within = ours.median <= RATIO * raw.median
    return [Line("%lg_connect URL → its output", str(ours), f"{raw} the same reads", compared, f"× {RATIO}", is_within)]


def _ours(bench: Bench) -> float:
    session = Session()
    began = perf_counter()
    deployment.connect(session, bench.url, assistant=ASSISTANT)
    took = perf_counter() - began
    session.close()
    return took * 1000


def _raw(bench: Bench) -> float:
    began = perf_counter()
    with get_sync_client(url=bench.url, api_key=None) as client:
        client.http.get("/info")
        found = client.assistants.search(limit=100, sort_by="name", sort_order="asc")
        mine = next(each["assistant_id"] for each in found if each["graph_id"] == ASSISTANT)
        client.assistants.get_schemas(mine)
        client.crons.search(limit=1000)
        return (perf_counter() - began) * 1000
