"""Crons that outlive the session, and a cron for the duration of a `with` block. Draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lg_magics.errors import LgError, NotFound
from lg_magics.grammar.functions import bound_function
from lg_magics.grammar.lookup import command_named
from lg_magics.model.crons import MadeCron
from lg_magics.resolve.crons import now_utc
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.crons import Cron

__all__ = ["crons_that_go_on", "temporary_cron", "ways_to_end"]


def crons_that_go_on(session: Session, *, at_exit: bool) -> list[MadeCron]:
    """The crons that this session made and that fire after it, oldest first.

    Args:
        session: the session that ends.
        at_exit: whether this process ends, and an embedded server of its own with it.
    """
    left = [made for made in session.crons.left(now_utc()) if made.is_enabled]
    if at_exit and session.local is not None and left:
        from lg_magics import local

        ending = session.local.url if local.ends_with_this_process(session.local) else ""
        left = [made for made in left if made.url != ending]
    return left


def ways_to_end(left: Sequence[MadeCron]) -> list[str]:
    """The lines that delete these crons in a later session, once it is connected.

    A later session recognizes only crons of its own notebook; others are deleted by the end of their ids.
    """
    if all(made.notebook for made in left):
        return ["%lg_cron delete --mine"]
    return [f"%lg_cron delete {made.shown.rpartition('·')[2]}" for made in left]


@contextmanager
def temporary_cron(
    session: Session, report: Callable[[str], None], schedule: str, text: str | None = None, **options: Any
) -> Iterator[Cron]:
    """Create a cron for a `with` block, and delete it after the block.

    Args:
        session: the session.
        report: called with the error if the cron cannot be deleted and the block raises an error of its own.
        schedule: the schedule in five fields.
        text: the message of each run.
        options: those of `%lg_cron create`.

    Raises:
        DeploymentError: it cannot be made, or deleted.
    """
    create = bound_function(command_named("cron create"), lambda: session)
    cron = create(schedule, text, **options)
    assert isinstance(cron, Cron)
    connection = session.connection  # the block may connect to another
    try:
        yield cron
    except BaseException:
        try:
            _delete(session, connection, cron)
        except LgError as problem:
            report(f"{type(problem).__name__}: {problem}")
        raise
    _delete(session, connection, cron)


def _delete(session: Session, connection: Connection, cron: Cron) -> None:
    shown = session.crons.shown(cron.cron_id)
    try:
        connection.crons.delete(cron.cron_id, shown)
    except NotFound:
        pass  # the block deleted it, or it was deleted with its thread
    except LgError as problem:
        raise type(problem)(
            f"Cron {shown} is not deleted, and may go on: {problem.message}", hint=problem.hint
        ) from problem
    session.crons.gone(cron.cron_id)
    session.events.emit("command", "cron delete")
