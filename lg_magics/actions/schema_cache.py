"""Caches the schemas of assistants for each connection. Depends on the session; checks nothing.

The server takes 0.1 s to describe a graph of messages, so the schemas are read in the background, before they are needed.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from weakref import WeakSet

from lg_magics.errors import LgError, NotFound, Unreachable
from lg_magics.follow.loop import interrupted
from lg_magics.model.assistant_schemas import AssistantSchemas
from lg_magics.model.records import AssistantRecord
from lg_magics.model.references import is_full_id
from lg_magics.server.connection import Connection
from lg_magics.server.waits import note, noted
from lg_magics.session import Session

__all__ = [
    "WAIT_SECONDS",
    "awaited_schemas",
    "begin_schemas",
    "forget_schemas",
    "is_gone",
    "known_schemas",
    "read_schemas",
    "schemas_now",
    "warm_schemas",
]

WARM_AFTER = 1.0  # seconds: it must not delay a cell that connects and launches at once
WAIT_SECONDS = 2.0  # seconds
LONGEST_WAIT = 60.0  # seconds
_slow: WeakSet[Future[AssistantSchemas]] = WeakSet()
"""Reads for which a caller's wait timed out. Only `awaited_schemas` waits for them again."""


def warm_schemas(session: Session, assistant: str | None) -> None:
    """Read an assistant's schemas in the background, after WARM_AFTER seconds."""
    connection = session.connection
    if assistant is not None and assistant not in session.schemas:
        session.loop.later(WARM_AFTER, lambda: _begin_again(session, connection, assistant), contextvars.copy_context())


def _begin_again(session: Session, connection: Connection, assistant: str) -> None:
    """Start to read the schemas if the session is still on this connection. On the loop only."""
    if session.is_connected and session.connection is connection:
        _begin(session, assistant)


def known_schemas(
    session: Session, assistant: str, *, wait: bool, wait_seconds: float = WAIT_SECONDS, gives_up: bool = True
) -> AssistantSchemas | None:
    """An assistant's schemas if they are known, or arrive within `wait_seconds` if `wait`; else None.

    A failed read is not retried. A slow read is not waited for again, unless `gives_up` is False.
    """
    may_wait = wait and not session.loop.is_here
    future = _begin(session, assistant) if may_wait else session.schemas.get(assistant)
    if future is None or not (future.done() or (may_wait and future not in _slow)):
        return None
    try:
        with _one_line():
            return future.result(wait_seconds)
    except (LgError, CancelledError, TimeoutError):
        if gives_up and not future.done():
            _slow.add(future)
        return None


def awaited_schemas(session: Session, assistant: str, wait_seconds: float = WAIT_SECONDS) -> AssistantSchemas | None:
    """Wait for an assistant's schemas, at most LONGEST_WAIT seconds. After `wait_seconds` a note shows what is waited for.

    Returns:
        The schemas; None if the deployment cannot describe the assistant.

    Raises:
        Unreachable: the deployment has not answered.
    """
    if session.loop.is_here:  # the loop's own thread must not block
        return known_schemas(session, assistant, wait=False)
    future = _begin(session, assistant)
    try:
        with _one_line():
            if future not in futures.wait([future], wait_seconds).done:
                note(f"reading the schemas of {assistant}: they name the key of a text")
                with noted(f"the schemas of {assistant}"):
                    futures.wait([future], LONGEST_WAIT)
                note("")
        return future.result(0)
    except (Unreachable, TimeoutError) as problem:
        session.schemas.pop(assistant, None)
        raise Unreachable(
            f"{session.connection.url} has not described {assistant} in time: the key of a text is unknown. Nothing was sent.",
            hint="--key messages sends it at once, under that key.",
        ) from problem
    except (LgError, CancelledError):
        return None


def is_gone(session: Session, assistant: str) -> bool:
    """Whether the last read found that there is no such assistant. Sends nothing."""
    future = session.schemas.get(assistant)
    return future is not None and future.done() and not future.cancelled() and isinstance(future.exception(), NotFound)


def read_schemas(session: Session, assistant: str) -> AssistantSchemas:
    """Read an assistant's current schemas, and cache them.

    Raises:
        NotFound: no such assistant. DeploymentError: the deployment cannot describe it.
    """
    session.schemas.pop(assistant, None)
    with _one_line():
        return _begin(session, assistant).result()


@contextmanager
def _one_line() -> Iterator[None]:
    """Turn a kernel interrupt into its error of one line."""
    try:
        yield
    except KeyboardInterrupt:
        raise interrupted() from None


def schemas_now(session: Session, assistant: str, *, waits: bool = False) -> AssistantSchemas | None:
    """The same, but None if the deployment cannot describe it, or not within WAIT_SECONDS unless `waits`."""
    session.schemas.pop(assistant, None)
    return awaited_schemas(session, assistant) if waits else known_schemas(session, assistant, wait=True)


def forget_schemas(session: Session) -> None:
    """Clear the cache."""
    session.schemas.clear()


def begin_schemas(session: Session, assistant: str, row: AssistantRecord | None = None) -> None:
    """Start to read an assistant's schemas. With its row, this takes one call less."""
    _begin(session, assistant, row)


def _begin(session: Session, assistant: str, row: AssistantRecord | None = None) -> Future[AssistantSchemas]:
    if assistant not in session.schemas:
        session.schemas[assistant] = session.loop.start(_read(session.connection, assistant, row))
    return session.schemas[assistant]


async def _read(connection: Connection, assistant: str, row: AssistantRecord | None) -> AssistantSchemas:
    assistants = connection.background.assistants
    if row is None:  # the schemas need its id
        row = await (assistants.find if is_full_id(assistant) else assistants.of_system)(assistant)
    return AssistantSchemas(row, await assistants.schemas(row.assistant_id, row.name or assistant))
