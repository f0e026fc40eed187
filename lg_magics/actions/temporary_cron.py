"""A cron for as long as a block of code runs. Deletes what it made, whatever becomes of the block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lg_magics.errors import LgError, NotFound
from lg_magics.grammar.functions import bound_function
from lg_magics.grammar.lookup import command_named
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.crons import Cron

__all__ = ["temporary_cron"]


@contextmanager
def temporary_cron(
    session: Session, tell: Callable[[str], None], schedule: str, text: str | None = None, **options: Any
) -> Iterator[Cron]:
    """Make a cron, give it to the block, and delete it behind it.

    Args:
        session: whose.
        tell: is told that it cannot be deleted, when the block has an error of its own, which is raised.
        schedule: in five fields.
        text: what to say each time.
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
            tell(f"{type(problem).__name__}: {problem}")
        raise
    _delete(session, connection, cron)


def _delete(session: Session, connection: Connection, cron: Cron) -> None:
    shown = session.crons.shown(cron.cron_id)
    try:
        connection.crons.delete(cron.cron_id, shown)
    except NotFound:
        pass  # the block did, or it went with its thread
    except LgError as problem:
        raise type(problem)(
            f"Cron {shown} is not deleted, and may go on: {problem.message}", hint=problem.hint
        ) from problem
    session.crons.gone(cron.cron_id)
    session.events.emit("command", "cron delete")
