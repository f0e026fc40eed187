"""Launches a run from a request and follows it. `run`, `resume` and `fork` all use it. Draws nothing."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lg_magics.actions.attached import traced_in
from lg_magics.actions.graph_versions import not_reloaded, version_for_launch
from lg_magics.actions.held_interrupts import Interrupts, interrupts_held
from lg_magics.actions.request import resolved_again, what_may_be_missing
from lg_magics.errors import Conflict, DeploymentError, InvalidRequest, LaunchInterrupted, LgError, NotFound
from lg_magics.follow.follower import CARD_MODES, PLAIN_MODES
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import TrackedRun, tracked
from lg_magics.model.cell import SESSION, Cell
from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.records import RunRecord
from lg_magics.model.references import short_id
from lg_magics.model.run_info import Launch, RunInfo, Target, ThreadInfo
from lg_magics.model.run_request import RunRequest
from lg_magics.model.run_view import RunView
from lg_magics.resolve.assistants import assistant_name
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_answer_lost, maybe_done
from lg_magics.server.waits import meanwhile
from lg_magics.session import Session

if TYPE_CHECKING:
    from lg_magics.local.serving import VersionInUse

__all__ = ["launch"]

LAUNCH = "lg_launch"
HINT = "%lg_threads and %lg_assistants list them."
SEARCH_SECONDS = 60.0
SEARCHES_EVERY = 0.5
LOOPBACK_HINT = (
    "The deployment sends nothing to its own machine unless its langgraph.json says "
    '{"webhooks": {"url": {"disable_loopback": false}}}.'
)


def launch(
    session: Session,
    request: RunRequest,
    thread: ThreadInfo | None,
    *,
    card: bool = True,
    modes: Sequence[str] = (),
    title: Callable[[], str] = str,
    cell: Cell | None = None,
    unset: str = "",
    version: int | None = None,
) -> Run:
    """Launch a run with one call, remember it, and start to follow it.

    Args:
        session: the session.
        request: the request to send.
        thread: its thread; None for a stateless run; the same call makes a thread without a number.
        card: request the stream modes of a card, or only the ends of nodes.
        modes: more stream modes to request.
        title: makes the thread's title if it has none yet.
        cell: the cell that launches it; the running cell otherwise.
        unset: the note on required settings that are not set, shown beside the defaults.
        version: the version of the graph, where the embedded server keeps versions; the current one otherwise.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
        LaunchInterrupted: a kernel interrupt; the run goes on, and is followed.
    """
    connection = session.connection
    asked = (*(CARD_MODES if card else PLAIN_MODES), *modes, *(("values", "tasks") if thread is None else ()))
    modes = connection.runs.modes(dict.fromkeys(asked))
    cell = session.cell() if cell is None else cell
    mark = secrets.token_hex(6)
    launching = _Launching(
        session,
        connection,
        request,
        thread,
        modes=modes,
        arguments=request.followed(modes, {SESSION: session.id, **cell.tags, LAUNCH: mark}),
        title=title,
        cell=cell,
        unset=unset,
        mark={LAUNCH: mark},
        used=version_for_launch(session, request.assistant, mark, version),
        ahead=session.tracker.live_on(connection, request.thread_id) if request.thread_id else [],
    )
    with interrupts_held() as interrupts:
        try:
            run = launching.begin(interrupts)
        except (NotFound, InvalidRequest):
            if (again := resolved_again(session, request)) is None:
                raise
            run = replace(launching, request=again).begin(interrupts)
    try:
        interrupts.deliver()
    except KeyboardInterrupt:
        raise _interrupted(run) from None
    return run


@dataclass(frozen=True)
class _Launching:
    """A launch that is ready to be sent with `arguments`. `ahead` are the live runs on its thread; `used` is the graph's version.

    `connection` is the session's at the launch: a search for the run may last longer than the session stays there.
    """

    session: Session
    connection: Connection
    request: RunRequest
    thread: ThreadInfo | None
    modes: Sequence[str]
    arguments: Mapping[str, Any]
    title: Callable[[], str]
    cell: Cell
    unset: str
    mark: Mapping[str, str]
    used: VersionInUse | None
    ahead: Sequence[Run]

    def begin(self, interrupts: Interrupts) -> Run:
        """Create the run, and follow it. If the user stops waiting for the answer, a thread searches for the run."""
        with _rolled_back(self._hit("rollback")):
            try:
                row = self._created(interrupts)
            except KeyboardInterrupt:
                threading.Thread(target=self._search, name="lg_magics launch", daemon=True).start()
                raise LaunchInterrupted(
                    "Stopped while the run was launched, and the deployment has not answered yet: it may go on.",
                    hint="%lg_runs --mine shows it when it is known.",
                ) from None
        return self._followed(row, interrupts)

    def _hit(self, *strategies: str) -> list[Run]:
        """The live runs that the launch will end, if it has one of these strategies."""
        is_ending = self.request.multitask_strategy in strategies
        return [run for run in self.ahead if not tracked(run).superseded_by] if is_ending else []

    def _created(self, interrupts: Interrupts) -> RunRecord:
        """Create the run and return its row; a refusal gets an explanation."""
        session, request, thread = self.session, self.request, self.thread
        feature = "" if thread else "stateless runs"
        words = {"missing": what_may_be_missing(session, request, thread), "hint": HINT, "feature": feature}
        try:
            with interrupts.allowed(), meanwhile(lambda: self._early):
                return self.connection.runs.create(request.thread_id, request.assistant, self.arguments, **words)
        except Conflict as problem:
            raise _busy(session, self.connection, request, thread) from problem
        except InvalidRequest as problem:
            if request.webhook and "loopback" in str(problem):
                raise InvalidRequest(problem.message, hint=LOOPBACK_HINT, status_code=problem.status_code) from problem
            raise
        except DeploymentError as problem:
            if not is_answer_lost(problem):
                raise
            if (row := self._taken()) is None:
                raise maybe_done(problem, "%lg_runs --mine") from problem
            return row

    def _taken(self) -> RunRecord | None:
        """The row of a run whose launch was accepted while the answer was lost: a second try would launch it twice."""
        connection = self.connection
        try:
            return connection.runs.tagged(self.request.thread_id, self.mark) if connection.is_alive() else None
        except DeploymentError:
            return None

    def _search(self) -> None:
        """Search for the run for SEARCH_SECONDS, and follow it: the deployment may have accepted it, or may yet."""
        until = time.monotonic() + SEARCH_SECONDS
        while time.monotonic() < until and not self.session.loop.is_closed:
            if row := self._taken():
                with suppress(LgError), _rolled_back(self._hit("rollback")):  # the session may have ended
                    self._followed(row, Interrupts())
                return
            time.sleep(SEARCHES_EVERY)

    @cached_property
    def _early(self) -> RunInfo:
        """What is known of the run before it has an id. It is collected while the deployment launches the run."""
        session, request, used = self.session, self.request, self.used
        deployment = self.connection.deployment
        return RunInfo(
            number="",
            id="",
            thread=ThreadInfo("", request.thread_id or "", self.title()),
            deployment=deployment.name,
            assistant=assistant_name(session, request.assistant),
            defaults=(*session.selection.defaults.words(), *filter(None, (self.unset, not_reloaded(used)))),
            launch=Launch(request, deployment.url, self.connection.key_source, deployment.header_names),
            is_protected=deployment.protect,
            is_stateless=request.thread_id is None and not request.is_kept,
            makes_thread=request.makes_thread,
            cell=self.cell,
            session=session.id,
            choice=request.note,
            card=session.selection.card,
            version=f"v{used.number}" if used is not None else "",
        )

    def _followed(self, row: RunRecord, interrupts: Interrupts) -> Run:
        """Remember the run, and start to follow it."""
        session, request, thread, tracker = self.session, self.request, self.thread, self.session.tracker
        hit = self._hit("interrupt", "rollback")
        ended = [run for run in hit if not tracked(run).is_cancelling]  # a person cancelled the others
        where = tracker.thread(
            row.thread_id, None if thread and thread.number and thread.title else self._early.thread.title
        )
        if session.is_on(self.connection):
            if request.makes_thread:
                session.select(thread=where)
            session.graphs.ran_on(where.id, session.graphs.of_assistant(request.assistant))
        info = self._info(row, where, self._ignored(interrupts))
        target = Target(row.run_id, row.thread_id, self.modes, is_stateless=info.is_stateless)
        view = RunView(created_at=seconds_from_iso(row.created_at) or self.connection.now().timestamp())
        held = TrackedRun(info, target, self.connection, session.loop, view)
        held.pending_note = _pending_note(request, self.ahead)
        for earlier in ended:
            tracked(earlier).superseded_by = info.number
        note = "answered" if request.command else "left unanswered" if request.input else "went on"
        for earlier in tracker.runs_on(self.connection, row.thread_id):
            tracked(earlier).end_waiting(note)
        tracker.forget_waiting(self.connection, row.thread_id)
        return tracker.add(Run(held))

    def _ignored(self, interrupts: Interrupts) -> Sequence[str]:
        """The notes on options that the deployment ignored. The run is launched: it is followed without them, if need be."""
        ahead = [run.run_id for run in self.ahead]
        try:
            with interrupts.allowed():
                return self.connection.runs.ignored(self.arguments, self.request.thread_id, ahead)
        except (DeploymentError, KeyboardInterrupt):
            return ()

    def _info(self, row: RunRecord, thread: ThreadInfo, ignored: Sequence[str]) -> RunInfo:
        early, names_project = self._early, "project_name" in self.request.tracing
        return replace(
            early,
            number=self.session.tracker.run_numbers.number(row.run_id),
            id=row.run_id,
            thread=thread,
            defaults=(*early.defaults, *ignored),
            traced_in=traced_in(self.session, row, names_project=names_project, connection=self.connection),
        )


def _interrupted(run: Run) -> LaunchInterrupted:
    ways = f"%lg_wait {run.number} waits for it, %lg_cancel {run.number} stops it."
    return LaunchInterrupted(
        f"Stopped while the run was launched; it goes on as {run.number}.", hint=ways, number=run.number
    )


@contextmanager
def _rolled_back(runs: Sequence[Run]) -> Iterator[None]:
    """Expect these runs to be rolled back by the launch inside the block, if it succeeds."""
    for run in runs:
        tracked(run).expect_rollback(True)
    try:
        yield
    except BaseException:
        for run in runs:
            tracked(run).expect_rollback(False)
        raise


def _busy(session: Session, connection: Connection, request: RunRequest, thread: ThreadInfo | None) -> Conflict:
    """The error of a rejected run: it names the live run on the thread, and the lines that help."""
    live = connection.runs.live(str(request.thread_id))
    first = live[-1] if live else None  # the running one, else the oldest in the queue
    known = session.tracker.run(first.run_id) if first else None
    name = known.number if known else short_id("", first.run_id).strip() if first else "another run"
    ways = f"%lg_cancel {name} stops it, %lg_wait {name} waits for it" if known else "%lg_attach follows it"
    return Conflict(
        f"Rejected: {name} is still {first.status if first else 'live'} on {thread or 'the thread'}.",
        hint=f"{ways}; --multitask enqueue runs after it.",
        status_code=409,
    )


def _pending_note(request: RunRequest, ahead: Sequence[Run]) -> str:
    """The note on what a pending run waits for."""
    if ahead and request.multitask_strategy in ("", "enqueue"):
        return f"queued behind {ahead[-1].number}"
    return f"starts {request.after_seconds} s after its launch" if request.after_seconds else ""
