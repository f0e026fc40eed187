"""What must be measured inside a kernel. Called from a cell; prints one line of JSON. Knows the card, and no jupyter_client."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from time import perf_counter, sleep, time
from typing import Any

from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from benchmarks.bench import ASSISTANT
from benchmarks.outcome import SUCCESS, seconds_since
from benchmarks.samples import in_turns
from lg_magics.follow.run import Run
from lg_magics.ipython.current import current
from lg_magics.ipython.host import current_shell
from lg_magics.model.effects import Effect
from lg_magics.model.result import Result
from lg_magics.model.run_info import RunInfo, ThreadInfo
from lg_magics.model.run_steps import Step
from lg_magics.model.run_view import RunView
from lg_magics.model.scores import Scored

__all__ = ["card_changes", "large_batch", "outcomes_with_card", "parallel_card", "token_rates"]

CHANGES = 60
PAUSE = 0.1  # seconds, for the last card to be drawn
EFFECTS = (Effect("call", 'search(query="the weather in San Francisco, in the next days")', "search"),)
PARAGRAPH = "The **forecast** for `sf` says *sunny*, 21 degrees, with a [source](https://example.com).\n\n"


def card_changes(characters: int) -> None:
    """Print the milliseconds of `CHANGES` changes of a card whose answer has so many characters and grows by a word."""
    from lg_magics.live.live_view import LiveView, Rendered
    from lg_magics.views.run_card import CardMaker
    from lg_magics.views.run_tree import run_tree
    from lg_magics.widgets.view import ViewWidget

    maker = CardMaker(RunInfo("r1", "r-1", ThreadInfo("t1", "t-1", "Weather"), "local", "agent"))
    view = RunView(status="running", steps=(Step("work", started_at=time()),), created_at=time())
    trees = [run_tree(maker.card(_with_text(view, characters), now=time()))]
    live = LiveView(lambda: Rendered(trees[-1]), {}, current().loop, lambda _: lambda: None)
    live.open(ViewWidget(live.envelope(), live.receive))
    making, sending = [], []
    for change in range(CHANGES):
        began = perf_counter()
        trees.append(run_tree(maker.card(_with_text(view, characters + 5 * change), now=time())))
        made = perf_counter()
        live.render()
        sending.append(1000 * (perf_counter() - made))
        making.append(1000 * (made - began))
    print(json.dumps({"making": making, "sending": sending}))


def parallel_card(count: int, parallel: int) -> None:
    """Show the card of a run of so many steps, the last of them in parallel; each change ends one of these."""
    from lg_magics.live.live_view import LiveView, Rendered
    from lg_magics.views.run_card import CardMaker
    from lg_magics.views.run_tree import run_tree
    from lg_magics.widgets.view import ViewWidget

    maker, began = CardMaker(RunInfo("r1", "r-1", ThreadInfo("t1", "t-1", "Weather"), "local", "agent")), time() - count
    before = count - parallel
    done = [
        Step("plan", "done", began + at, began + at + 1, f"s{at}", superstep=at, effects=EFFECTS)
        for at in range(before)
    ]
    steps = [
        *done,
        *(Step(f"look_{n}", "running", began + before, task_id=f"p{n}", superstep=before) for n in range(parallel)),
    ]

    def rendered() -> Rendered:
        view = RunView(status="running", steps=tuple(steps), created_at=began)
        return Rendered(run_tree(maker.card(view, now=time())))

    live = LiveView(rendered, {}, current().loop, lambda _: lambda: None)
    live.open(ViewWidget(live.envelope(), live.receive))
    for place in range(before, count):
        steps[place] = replace(steps[place], state="done", ended_at=time(), effects=EFFECTS)
        live.render()


def _with_text(view: RunView, characters: int) -> RunView:
    text = (PARAGRAPH * (1 + characters // len(PARAGRAPH)))[:characters]
    return replace(view, text=text, text_length=len(text))


QUESTION = "Question {}: how do I reset the password of my account if the mail never arrives?"
OUTPUT = (
    "Answer {}: open Settings, then Security. " + "Choose Reset, and wait for the second mail, which has a code. " * 6
)
COMMENT = "Answer {} greets, and says what to do."


def large_batch(rows: int) -> None:
    """Print the MB of a batch of so many rows, without those of its frame, and the milliseconds of changes of its card.

    How the rows' runs ended was recorded: in the in-memory server each run takes 0.1 s of the processor.
    """
    import gc

    import pandas as pd
    import psutil

    from lg_magics.actions.batch_plan import planned
    from lg_magics.follow.batch import Batch
    from lg_magics.ipython.live_batch import LiveBatch

    def batch_of(frame: pd.DataFrame) -> Batch:
        plan, _ = planned(current(), frame, "question", None)
        entries = [replace(each, **_ended(place)) for place, each in enumerate(plan.entries())]
        batch = Batch(plan, current().connection, current().loop, headers={}, entries=entries, is_written=True)
        batch._work.phase, batch._work.began_at = "running", time()
        return batch

    LiveBatch(batch_of(pd.DataFrame({"question": ["warm up"]}))).show()
    frame = pd.DataFrame({"question": [QUESTION.format(place) for place in range(rows)]})
    gc.collect()
    before = psutil.Process().memory_info().rss
    batch = batch_of(frame)
    card = LiveBatch(batch)
    card.show()
    taken, table = [], batch._work.table
    for place in range(CHANGES):
        began = perf_counter()
        table.set(place, status="error" if place % 2 else "success", error="ValueError: the tool has no answer")
        card._live.render()
        taken.append(1000 * (perf_counter() - began))
    gc.collect()
    print(json.dumps({"megabytes": (psutil.Process().memory_info().rss - before) / 1e6, "changes": taken}))


def _ended(place: int) -> dict[str, Any]:
    """How the run of a row ended."""
    return {
        "thread_id": str(uuid.uuid4()),
        "run_id": str(uuid.uuid4()),
        "status": "success",
        "output": OUTPUT.format(place),
        "seconds": 1.5,
        "tokens": 300,
        "tools": ("search", "read"),
        "scores": {"correct": Scored(True), "polite": Scored(1.0, comment=COMMENT.format(place))},
        "ended_at": f"2026-11-29T12:00:00.{place:06}+00:00",
    }


def outcomes_with_card(rounds: int) -> None:
    """Print the milliseconds from the server's time stamp until the handle knows, for runs whose cards are on the page."""
    lags = []
    for _ in range(rounds):
        run = current_shell().run_line_magic("lg_run", f"-t new --json {json.dumps(SUCCESS)}")
        assert isinstance(run, Run)
        run.wait(30)
        known = time()
        lags.append(1000 * seconds_since(run.raw, known))
        sleep(PAUSE)
    print(json.dumps(lags))


def token_rates(tokens: int, rounds: int) -> None:
    """Print the tokens a second from the first to the last: that `%lg_stream` prints, and that a bare loop over the SDK reads."""
    client = get_sync_client(url=current().connection.url, api_key=None)
    value = {"steps": 1, "tokens": tokens}
    taken = in_turns(
        {"ours": lambda: tokens / _stream_rate(value), "raw": lambda: tokens / _read(client, value)}, rounds, warm_up=1
    )
    print(json.dumps({name: samples.values for name, samples in taken.items()}))


def _stream_rate(value: dict[str, Any]) -> float:
    session, moments = current(), list[float]()
    write = session.write

    def timed(result: Result, text: str) -> None:
        write(result, text)
        moments.append(perf_counter())

    session.write = timed
    try:
        current_shell().run_line_magic("lg_stream", f"-t new --json {json.dumps(value)}")
    finally:
        session.write = write
    return moments[-1] - moments[0]


def _read(client: SyncLangGraphClient, value: dict[str, Any]) -> float:
    row = client.runs.create(
        str(uuid.uuid4()),
        ASSISTANT,
        input=value,
        if_not_exists="create",
        stream_mode=["updates", "messages-tuple"],
        stream_resumable=True,
    )
    parts = client.runs.join_stream(row["thread_id"], row["run_id"], last_event_id="0")
    moments = [perf_counter() for part in parts if part.event == "messages"]
    return moments[-1] - moments[0]
