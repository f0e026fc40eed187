"""A run as it looks at one moment, and how an event changes that. Pure: no clock, no network, no drawing.

    view' = fold(view, event)

Rules
- A view is frozen. Any prefix of a stream folds to a view that is true so far.
- Nothing a stream says is final: only `settle` gives the last word, from the server's own row of the run.
- Times are the server's (seconds since the epoch), so a replay folds to the same view.
- What grows is capped (STEPS, TEXT); what was left out is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from lg_magics.model.events import (
    CustomSent,
    Event,
    MessageStreamed,
    NodeEnded,
    NodeStarted,
    NodeUpdated,
    Paused,
    RunErrored,
    RunStarted,
)
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.messages import Usage

__all__ = ["LIVE", "RunView", "Status", "Step", "StepState", "fold", "settle", "status_word", "without_tasks"]

Status = Literal["pending", "running", "success", "waiting", "cancelled", "error", "timeout", "deleted", "unknown"]
StepState = Literal["running", "done", "failed", "waiting", "cancelled"]

LIVE: frozenset[Status] = frozenset({"pending", "running"})
STEPS = 200
TEXT = 200_000
HIDDEN = "An internal error occurred"
"""What a server says of most exceptions (langgraph-api 0.16); the state's tasks have their own text."""

# The server's word for a finished run, and ours. `interrupted` is what it calls a cancelled run; a run that pauses for
# a person it calls `success` (some servers: `interrupted`), so pending questions decide before this table is read.
WORDS: Mapping[str, Status] = {
    "pending": "pending",
    "running": "running",
    "success": "success",
    "error": "error",
    "timeout": "timeout",
    "interrupted": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One execution of a node. Times in seconds since the epoch, the server's clock."""

    node: str
    state: StepState = "running"
    started_at: float | None = None
    ended_at: float | None = None
    task_id: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs, or where the server gave no times."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0.0, self.ended_at - self.started_at)


@dataclass(frozen=True, slots=True)
class RunView:
    """What can be said of a run now.

    `text` is the newest message that the model writes, or wrote; `text_length` its whole length, of which at most
    TEXT characters are kept. `usage_by_message` holds each message's tokens once. `ends_ahead` says, by node, how many ends
    were told by `tasks` that `updates` has not told yet (below zero: the other way round).
    """

    status: Status = "pending"
    steps: tuple[Step, ...] = ()
    steps_dropped: int = 0
    text: str = ""
    text_length: int = 0
    text_node: str = ""
    message_id: str = ""
    chunks: int = 0
    customs: int = 0
    usage_by_message: Mapping[str, Usage] = field(default_factory=dict)
    interrupts: tuple[Interrupt, ...] = ()
    is_paused: bool = False
    error: str = ""
    error_message: str = ""
    traceback: str = ""
    created_at: float | None = None
    started_at: float | None = None
    latest_at: float | None = None
    ended_at: float | None = None
    knows_starts: bool = False
    ends_ahead: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Still pending or running."""
        return self.status in LIVE

    @property
    def whole_error(self) -> str:
        """What went wrong, `ValueError: no results`, on as many lines as it has; "" if nothing did."""
        return f"{self.error}: {self.error_message}" if self.error_message else self.error

    @property
    def is_error_hidden(self) -> bool:
        """Whether the server keeps the exception's own text to itself."""
        return self.error_message == HIDDEN

    @property
    def usage(self) -> Usage:
        """The tokens of all messages together."""
        return sum(self.usage_by_message.values(), Usage())

    @property
    def step_number(self) -> int:
        """How many nodes have begun."""
        return self.steps_dropped + len(self.steps)

    def elapsed(self, now: float | None = None) -> float | None:
        """Seconds since the run was created, until it ended or (live) until `now`."""
        begin = self.created_at if self.created_at is not None else self.started_at
        end = self.ended_at if self.ended_at is not None else now if self.is_live else self.latest_at
        return None if begin is None or end is None else max(0.0, end - begin)


def fold(view: RunView, event: Event) -> RunView:
    """The view after `event`."""
    if isinstance(event, MessageStreamed):
        return _add_text(view, event)
    if event.at is not None:
        view = replace(view, latest_at=event.at)
    match event:
        case RunStarted():
            started = view.started_at if view.started_at is not None else event.at
            return replace(view, status="running" if view.status == "pending" else view.status, started_at=started)
        case NodeStarted():
            step = Step(event.node, started_at=event.at, task_id=event.task_id)
            return _with_step(replace(view, knows_starts=True), step)
        case NodeEnded():
            return _end_step(view, event)
        case NodeUpdated():
            return _update_step(view, event)
        case Paused():
            interrupts = event.interrupts or view.interrupts
            return replace(view, is_paused=True, interrupts=_merge(view.interrupts, interrupts))
        case RunErrored():
            return replace(
                view, error=event.error, error_message=event.message, traceback=event.traceback or view.traceback
            )
        case CustomSent():
            return replace(view, customs=view.customs + 1)
        case _:
            assert_never(event)


def _with_step(view: RunView, step: Step) -> RunView:
    if step.task_id and any(known.task_id == step.task_id for known in view.steps):
        return view
    steps = (*view.steps, step)
    dropped = max(0, len(steps) - STEPS)
    return replace(view, steps=steps[dropped:], steps_dropped=view.steps_dropped + dropped)


def _end_step(view: RunView, event: NodeEnded) -> RunView:
    state: StepState = "failed" if event.error else "waiting" if event.interrupts else "done"
    if event.task_id and all(step.task_id != event.task_id for step in view.steps):
        view = _with_step(view, Step(event.node, task_id=event.task_id))
    steps = tuple(
        replace(step, state=state, ended_at=event.at) if step.task_id == event.task_id else step for step in view.steps
    )
    interrupts = _merge(view.interrupts, event.interrupts)
    paused = view.is_paused or bool(event.interrupts)
    if state == "done":
        view = _count_end(view, event.node, +1)
    if event.error and not view.error:
        view = replace(view, error=event.error, error_message=event.message, traceback=event.traceback)
    return replace(view, steps=steps, knows_starts=True, interrupts=interrupts, is_paused=paused)


def _update_step(view: RunView, event: NodeUpdated) -> RunView:
    """Without `tasks` an update is a node's end, and its beginning was the end of the step before."""
    if view.knows_starts or view.ends_ahead.get(event.node, 0) > 0:
        return _count_end(view, event.node, -1)
    if any(step.node == event.node and step.state == "running" for step in view.steps):
        return replace(view, steps=tuple(_ended(step, event) for step in view.steps))
    began = view.steps[-1].ended_at if view.steps else view.started_at
    return _with_step(view, Step(event.node, "done", began, event.at))


def _count_end(view: RunView, node: str, by: int) -> RunView:
    return replace(view, ends_ahead={**view.ends_ahead, node: view.ends_ahead.get(node, 0) + by})


def without_tasks(view: RunView) -> RunView:
    """The view for a stream that goes on without `tasks`: from now on updates alone tell of ends.

    A step whose update was seen but whose end was not, ends here; an end whose update is still to come is not told twice.
    """
    for node, ahead in view.ends_ahead.items():
        if ahead < 0:
            view = replace(view, steps=tuple(_ended(step, NodeUpdated(view.latest_at, node)) for step in view.steps))
    kept = {node: ahead for node, ahead in view.ends_ahead.items() if ahead > 0}
    return replace(view, knows_starts=False, ends_ahead=kept)


def _ended(step: Step, event: NodeUpdated) -> Step:
    is_it = step.node == event.node and step.state == "running"
    return replace(step, state="done", ended_at=event.at) if is_it else step


def _merge(known: tuple[Interrupt, ...], new: tuple[Interrupt, ...]) -> tuple[Interrupt, ...]:
    """Each question once; the one that names its node wins."""
    by_id: dict[object, Interrupt] = {}
    for interrupt in (*known, *new):
        key = interrupt.id or repr(interrupt.value)
        if key not in by_id or (interrupt.node and not by_id[key].node):
            by_id[key] = interrupt
    return tuple(by_id.values())


def _add_text(view: RunView, event: MessageStreamed) -> RunView:
    """One new view for each token, of which there are thousands: nothing is replaced twice."""
    text, length, message_id, node = view.text, view.text_length, view.message_id, view.text_node
    if event.text:
        goes_on = event.message_id == message_id and not event.whole
        text, length = (text + event.text, length + len(event.text)) if goes_on else (event.text, len(event.text))
        message_id, node = event.message_id, event.node
    return replace(
        view,
        latest_at=view.latest_at if event.at is None else event.at,
        chunks=view.chunks + (not event.whole),
        usage_by_message=_with_usage(view.usage_by_message, event) if event.usage else view.usage_by_message,
        text=text[:TEXT],
        text_length=length,
        message_id=message_id,
        text_node=node,
    )


def _with_usage(known: Mapping[str, Usage], event: MessageStreamed) -> Mapping[str, Usage]:
    """Pieces of a message add up; the whole message has the whole count."""
    usage = event.usage if event.whole else known.get(event.message_id, Usage()) + event.usage
    return {**known, event.message_id: usage}


def status_word(server_word: str, *, is_paused: bool) -> Status:
    """Our one word from the server's, and from whether the graph waits for a person."""
    word = WORDS.get(server_word, "unknown")
    return "waiting" if is_paused and word in ("success", "cancelled") else word


ENDED_STEPS: Mapping[Status, StepState] = {
    "success": "done",
    "waiting": "waiting",
    "cancelled": "cancelled",
    "error": "failed",
    "timeout": "cancelled",
    "deleted": "cancelled",
    "unknown": "cancelled",
}


def settle(view: RunView, status: Status, *, at: float | None = None) -> RunView:
    """The view with the last word on the run: its `status`, and the server's time `at` which it ended."""
    if status in LIVE:
        return replace(view, status=status)
    if status not in ("error", "timeout", "unknown"):
        view = replace(view, error="", error_message="", traceback="")
    ended = at if at is not None else view.latest_at
    state = ENDED_STEPS[status]
    steps = tuple(
        replace(step, state=state, ended_at=None if state == "waiting" else ended) if step.state == "running" else step
        for step in view.steps
    )
    return replace(view, status=status, steps=steps, ended_at=ended, ends_ahead={})
