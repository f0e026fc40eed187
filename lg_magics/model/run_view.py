"""A run at one moment, and its changes by events. Pure: no clock, no network, no rendering.

    view' = fold(view, event)

Rules
- A view is frozen. Any prefix of a stream folds to a view that is correct so far.
- The stream is never final: only `settle` sets the final status, from the server's own row of the run.
- Times are the server's (seconds since the epoch), so a replay folds to the same view.
- Growing parts are limited (STEPS, TEXT); omissions are counted.
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
from lg_magics.model.kept_values import Kept
from lg_magics.model.messages import Usage
from lg_magics.model.run_steps import (
    Steps,
    StepState,
    fails_again,
    step_began,
    step_ended,
    step_noted,
    step_streamed,
    step_updated,
)
from lg_magics.model.side_texts import SideTexts, set_aside, without_text

__all__ = ["HIDDEN", "LIVE", "RunView", "Status", "fold", "settle", "status_word", "without_tasks"]

Status = Literal[
    "pending", "running", "success", "waiting", "cancelled", "error", "timeout", "rolled back", "deleted", "unknown"
]

LIVE: frozenset[Status] = frozenset({"pending", "running"})
STEPS = 1_000
TEXT = 200_000
HIDDEN = "An internal error occurred"
"""The server's message for most exceptions (langgraph-api 0.16); the state's tasks have the real text."""

# Server status to ours, for ended runs. The server uses `interrupted` for a cancelled run, and `success` (some servers:
# `interrupted`) for a run that pauses for a person, so open interrupts are checked before this table.
WORDS: Mapping[str, Status] = {
    "pending": "pending",
    "running": "running",
    "success": "success",
    "error": "error",
    "timeout": "timeout",
    "interrupted": "cancelled",
}


@dataclass(frozen=True, slots=True)
class RunView:
    """The known state of a run.

    `text` is the newest message of a model, `message_id` its id until it ends; `text_length` its full length, of which at most
    TEXT characters are kept; `side_texts` what others have so far. Text of subgraphs (`is_text_inner`) is shown until the graph
    itself sends some. `usage_by_message` holds each message's tokens once, `speakers` its task and model; `kept` the values to
    show unchanged. `ends_ahead` counts, by node, the ends that only `tasks` has reported (negative: only `updates`).
    """

    status: Status = "pending"
    steps: Steps = ()
    steps_dropped: int = 0
    text: str = ""
    text_length: int = 0
    text_node: str = ""
    message_id: str = ""
    is_text_inner: bool = False
    side_texts: SideTexts = field(default_factory=dict)
    chunks: int = 0
    customs: int = 0
    usage_by_message: Mapping[str, Usage] = field(default_factory=dict)
    speakers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    kept: Kept = Kept()
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
    ends_ahead: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it is pending or running."""
        return self.status in LIVE

    @property
    def whole_error(self) -> str:
        """The full error, `ValueError: no results`, on one or more lines; "" if there is none."""
        is_named = self.error_message.startswith(f"{self.error}: ")  # aegra puts the type before its message too
        return self.error_message if is_named else ": ".join(filter(None, (self.error, self.error_message)))

    @property
    def is_error_hidden(self) -> bool:
        """Whether the server withholds the exception's own text."""
        return self.error_message == HIDDEN

    @property
    def usage(self) -> Usage:
        """The tokens of all messages together."""
        return sum(self.usage_by_message.values(), Usage())

    @property
    def value(self) -> str:
        """The result of a run that has ended, where it is no conversation; "" for none."""
        if self.status not in ("success", "waiting"):
            return ""
        return self.kept.result or (self.kept.written if self.status == "success" else "")

    @property
    def step_number(self) -> int:
        """The number of nodes that have begun."""
        return self.steps_dropped + len(self.steps)

    def elapsed(self, now: float | None = None) -> float | None:
        """Return the seconds from the run's creation to its end, or (active) to `now`."""
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
            return _with_steps(replace(view, knows_starts=True), step_began(view.steps, event))
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


def _with_steps(view: RunView, steps: Steps) -> RunView:
    dropped = max(0, len(steps) - STEPS)
    return replace(view, steps=steps[dropped:], steps_dropped=view.steps_dropped + dropped)


def _end_step(view: RunView, event: NodeEnded) -> RunView:
    view = _with_steps(replace(view, knows_starts=True), step_ended(view.steps, event))
    view = replace(view, kept=view.kept.then(event.kept)) if event.kept else view
    if not (event.error or event.interrupts):
        view = _count_end(view, _way(event), +1)
    if event.namespace:
        return view  # the step that contains it ends the same way
    if event.error and (not view.error or fails_again(view.steps, event.node)):
        view = replace(view, error=event.error, error_message=event.message, traceback=event.traceback)
    interrupts = _merge(view.interrupts, event.interrupts)
    return replace(view, interrupts=interrupts, is_paused=view.is_paused or bool(event.interrupts))


def _update_step(view: RunView, event: NodeUpdated) -> RunView:
    """Apply an update; without `tasks` it marks a node's end."""
    view = replace(view, kept=view.kept.then(event.kept)) if event.kept else view
    if view.is_text_inner and event.text:
        view = replace(view, text=event.text[:TEXT], text_length=len(event.text), is_text_inner=False)
        view = replace(view, message_id=event.message_id, text_node=event.node)
    if event.message_id:
        current = "" if event.message_id == view.message_id else view.message_id
        view = replace(view, message_id=current, side_texts=without_text(view.side_texts, event.message_id))
    if view.knows_starts or view.ends_ahead.get(_way(event), 0) > 0:
        noted = step_noted(view.steps, event) if event.effects else view.steps
        return _count_end(replace(view, steps=noted), _way(event), -1)
    return _with_steps(view, step_updated(view.steps, event, view.started_at))


def _way(event: NodeEnded | NodeUpdated) -> tuple[str, ...]:
    return (*event.namespace, event.node)


def _count_end(view: RunView, way: tuple[str, ...], by: int) -> RunView:
    ahead = view.ends_ahead.get(way, 0) + by
    kept = {each: count for each, count in view.ends_ahead.items() if each != way}
    return replace(view, ends_ahead={**kept, way: ahead} if ahead else kept)


def without_tasks(view: RunView) -> RunView:
    """Return the view for a stream that continues without `tasks`: from now on only updates report ends.

    A step whose update came before its end, ends here; the pending update of an ended step is not counted twice.
    """
    for way, ahead in view.ends_ahead.items():
        if ahead < 0:
            update = NodeUpdated(view.latest_at, way[-1], way[:-1])
            view = replace(view, steps=step_updated(view.steps, update, view.started_at, times=-ahead))
    kept = {way: ahead for way, ahead in view.ends_ahead.items() if ahead > 0}
    return replace(view, knows_starts=False, ends_ahead=kept)


def _merge(known: tuple[Interrupt, ...], new: tuple[Interrupt, ...]) -> tuple[Interrupt, ...]:
    """Merge interrupts by id; the version with a node's name has precedence."""
    by_id: dict[object, Interrupt] = {}
    for interrupt in (*known, *new):
        key = interrupt.id or repr(interrupt.value)
        if key not in by_id or (interrupt.node and not by_id[key].node):
            by_id[key] = interrupt
    return tuple(by_id.values())


def _add_text(view: RunView, event: MessageStreamed) -> RunView:
    """Add streamed text: one new view for each of thousands of tokens, so each field is replaced at most once."""
    text, length, message_id, node = view.text, view.text_length, view.message_id, view.text_node
    is_inner, aside = view.is_text_inner, view.side_texts
    if event.text and (not event.namespace or is_inner or not text):
        if event.message_id != message_id:
            aside = {} if is_inner and not event.namespace else set_aside(aside, message_id, text, length)
            text, length = aside.get(event.message_id, ("", 0))
        text, length = ("", 0) if event.whole else (text, length)
        text, length = text + event.text, length + len(event.text)
        message_id, node, is_inner = event.message_id, event.node, bool(event.namespace)
    usage = view.usage_by_message
    if event.usage:  # pieces of a message add up; the complete message has the total
        total = event.usage if event.whole else usage.get(event.message_id, Usage()) + event.usage
        usage = {**usage, event.message_id: total}
    return replace(
        view,
        latest_at=view.latest_at if event.at is None else event.at,
        steps=view.steps if view.knows_starts else step_streamed(view.steps, event, view.started_at),
        chunks=view.chunks + (not event.whole),
        usage_by_message=usage,
        speakers={**view.speakers, event.message_id: (event.task_id, event.model)} if event.usage else view.speakers,
        text=text[:TEXT],
        text_length=length,
        message_id=message_id,
        text_node=node,
        is_text_inner=is_inner,
        side_texts=aside,
    )


def status_word(server_word: str, *, is_paused: bool) -> Status:
    """Return our status, from the server's status and from whether the graph waits for a person."""
    word = WORDS.get(server_word, "unknown")
    return "waiting" if is_paused and word in ("success", "cancelled") else word


ENDED_STEPS: Mapping[Status, StepState] = {
    "success": "done",
    "waiting": "waiting",
    "cancelled": "cancelled",
    "error": "failed",
    "timeout": "cancelled",
    "rolled back": "cancelled",
    "deleted": "cancelled",
    "unknown": "cancelled",
}


def settle(view: RunView, status: Status, *, at: float | None = None) -> RunView:
    """Return the view with its final `status`, and the server's time `at` of the run's end."""
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
    return replace(view, status=status, steps=steps, ended_at=ended, ends_ahead={}, side_texts={})
