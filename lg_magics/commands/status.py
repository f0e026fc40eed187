"""The status: where you are, what the deployment can and cannot do, what goes on. Asks the deployment; changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lg_magics.errors import DeploymentError
from lg_magics.follow.run import Run
from lg_magics.grammar.registry import command
from lg_magics.resolve.assistants import assistant_name
from lg_magics.resolve.crons import SESSION, crons_here, now_utc
from lg_magics.server.abilities import lacking
from lg_magics.server.deployment import KEY_HEADER
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

__all__ = ["status"]

NAMED = 10


@command("status", group="Deployment")
def status(session: Session) -> Facts:
    """Say where you are: deployment, version, what it can do, assistant, thread, defaults, live runs, crons.

    Returns:
        Facts; `.data` has the same for programs.

    Raises:
        NotConnected: there is no deployment yet.

    Example:
        %lg_status
    """
    connection, selection = session.connection, session.selection
    deployment, alive = connection.deployment, connection.is_alive()
    lacks = _lacks(session) if alive else sorted(connection.lacking)
    ignored = list(connection.capabilities.ignored) if connection.capabilities else []
    live = session.tracker.live()
    thread = session.tracker.thread(selection.thread.id) if selection.thread else None
    facts = [
        ("deployment", f"{deployment.name} at {connection.url}" + ("" if alive else " (does not answer)")),
        ("version", connection.info.version or "it does not say"),
        ("can do", ", ".join(name for name, able in connection.info.flags.items() if able) or "it does not say"),
        ("has no", ", ".join(lacks)),
        ("ignores", ", ".join(ignored)),
        ("protected", "what writes wants --yes" if deployment.protect else ""),
        ("key", f"from {source}" if (source := connection.key_source) else "none sent"),
        ("assistant", assistant_name(session, selection.assistant) or "none"),
        ("thread", f"{thread.shown} “{thread.title}”" if thread else "none"),
        ("next run", "begins a new thread" if selection.begins_thread else ""),
        ("defaults", ", ".join(selection.defaults.words()) or "none"),
        ("live runs", _live_words(live)),
        (
            "live batches",
            "; ".join(f"{each.id}: {each.counted}" for each in session.tracker.batches() if not each.is_settled),
        ),
        ("crons", _crons(session) if alive and "crons" not in lacks else ""),
    ]
    if session.local:
        facts.insert(1, ("embedded server", f"process {session.local.pid}, log in {session.local.log}"))
        if key_file := session.local.key_file:
            facts.insert(2, ("needs", f"the header {KEY_HEADER}, from {key_file}"))
    data = {
        "url": connection.url,
        "is_alive": alive,
        "is_protected": deployment.protect,
        "lacks": lacks,
        "ignores": ignored,
        "assistant": selection.assistant,
        "live": [run.run_id for run in live],
        "crons": [made.id for made in session.crons.left(now_utc(), connection.url)],
    }
    return Facts(
        "Status",
        tuple((label, words) for label, words in facts if words),
        warning="" if alive else "The deployment does not answer.",
        data=data,
        chip="protected" if deployment.protect else "",
    )


def _lacks(session: Session) -> list[str]:
    """What the deployment has no call for, in words; what is known of it where it does not answer just now."""
    try:
        return lacking(session.connection)
    except DeploymentError:
        return sorted(session.connection.lacking)


def _live_words(live: Sequence[Run]) -> str:
    """Each with its status; of many how many are in which."""
    if len(live) <= NAMED:
        return ", ".join(f"{run.number} {run.status}" for run in live) or "none"
    counted = Counter(run.status for run in live)
    return f"{len(live):,}: " + ", ".join(f"{count:,} {word}" for word, count in counted.items())


def _crons(session: Session) -> str:
    """The crons that this session made and that go on, as the deployment has them now."""
    if not session.crons.left(now_utc(), session.connection.url):
        return "none of this session"
    try:
        crons_here(session, metadata={SESSION: session.id})
    except DeploymentError as problem:
        return problem.message
    made = session.crons.left(now_utc(), session.connection.url)
    if not made:
        return "none of this session"
    if len(made) > NAMED:
        return f"{len(made):,} of this session: %lg_crons --mine"
    return "; ".join(f"{each.shown}: {each.words}" for each in made)
