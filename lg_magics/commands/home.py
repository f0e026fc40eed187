"""Home, bare `%lg`: where you are, what runs or waits, what to type next. Asks the deployment nothing."""

from __future__ import annotations

from lg_magics.actions.input_check import next_line
from lg_magics.follow.run import Run
from lg_magics.grammar.registry import command
from lg_magics.model.messages import shortened
from lg_magics.resolve.assistants import assistant_name
from lg_magics.resolve.crons import now_utc
from lg_magics.resolve.threads import note_of_live_run
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

__all__ = ["home"]

NOT_CONNECTED = (
    ("%lg_connect local", "start a deployment on this machine"),
    ("%lg_connect URL", "connect to yours"),
    ("%lg?", "all commands"),
)


@command("", group="Home")
def home(session: Session) -> Facts:
    """Say where you are, what runs or waits, and what to type next.

    Example:
        %lg
    """
    if not session.is_connected:
        return Facts("lg_magics: not connected", (), NOT_CONNECTED)
    selection = session.selection
    facts = [("assistant", assistant_name(session, selection.assistant) or "none")]
    if selection.thread:
        thread = session.tracker.thread(selection.thread.id)
        facts.append(("thread", str(thread)))
        if selection.begins_thread:
            facts.append(("next run", "begins a new thread"))
        if note := note_of_live_run(session, thread.id):
            facts.append(("live", note))
    facts += [("batch", f"{each.id}: {each.counted}") for each in session.tracker.batches() if not each.is_settled]
    others = [run for run in session.tracker.runs() if not run.is_settled or run.is_waiting]
    facts += [("run", _line(run)) for run in others[-5:]]
    deployment = session.connection.deployment
    if left := session.crons.left(now_utc(), deployment.url):
        facts.append(("crons", f"{', '.join(made.shown for made in left)} of this session: %lg_crons --mine"))
    return Facts(
        f"Connected to {deployment.name}.",
        tuple(facts),
        _next_lines(session),
        chip="protected" if deployment.protect else "",
    )


def _line(run: Run) -> str:
    """A run that lives or waits; one that waits says where, and for what."""
    line = f"{run.number} {run.status} on {run.info.assistant}"
    if not run.is_waiting:
        return line
    asked = shortened(" · ".join(each.summary for each in run.interrupts) or "at a breakpoint")
    return f"{line}, {run.info.thread.number}: {asked}"


def _next_lines(session: Session) -> tuple[tuple[str, str], ...]:
    live = session.tracker.live()
    if waiting := [run for run in session.tracker.runs() if run.is_waiting]:
        first = (f"%lg_resume -t {waiting[-1].info.thread.number}", "answer it; %lg_inbox lists all that waits")
    elif live:
        first = (f"%lg_wait {live[-1].number}", "wait for it")
    else:
        first = next_line(session)
    second = (
        ("%lg_messages", "read the conversation")
        if session.selection.thread
        else ("%lg_threads", "which threads there are")
    )
    return (first, second, ("%lg?", "all commands; %lg_run? is the help of one"))
