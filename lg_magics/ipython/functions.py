"""The public functions of lg_magics that are not commands: `lg.client`, `lg.temporary_cron` and `lg.sync`."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Awaitable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast, overload, runtime_checkable

from lg_magics.ipython.current import current
from lg_magics.model.result import Result
from lg_magics.model.visible_text import visible_text

if TYPE_CHECKING:
    from lg_magics.server.remote import LangGraphClient, SyncLangGraphClient
    from lg_magics.tables.crons import Cron

__all__ = ["client", "sync", "temporary_cron"]


@overload
def client(*, sync: Literal[False] = False) -> LangGraphClient: ...
@overload
def client(*, sync: Literal[True]) -> SyncLangGraphClient: ...
def client(*, sync: bool = False) -> LangGraphClient | SyncLangGraphClient:
    """Give the SDK's own client of the current deployment, for calls that have no magic.

    It sends this connection's key and headers, and the headers of `%lg_set`. Its rows and errors are the SDK's, and what it
    starts has no number and no card: `%lg_attach RUN` follows a run that it has launched.

    Args:
        sync: The client whose calls return at once what the others are awaited for.

    Raises:
        NotConnected: there is no deployment yet.

    Example:
        >>> import lg_magics as lg
        >>> await lg.client().threads.prune([thread_id])  # doctest: +SKIP
        >>> lg.client(sync=True).threads.count()  # doctest: +SKIP
    """
    from lg_magics.server.remote import awaited_sdk_client, sdk_client

    session = current()
    made = sdk_client if sync else awaited_sdk_client
    return made(session.connection, session.selection.defaults.headers)


def temporary_cron(schedule: str, text: str | None = None, **options: Any) -> AbstractContextManager[Cron]:
    """Make a cron that is deleted at the end of a `with` block, also on an error or a kernel interrupt.

    If it cannot be deleted, that is an error; if the block has one of its own, that one is raised, and the other printed.

    Args:
        schedule: Minute, hour, day of the month, month, day of the week: "*/5 * * * *".
        text: The message of each run.
        options: Those of `%lg_cron create`: `assistant`, `thread`, `timezone`, `keep`, `input`, `yes`, …

    Example:
        >>> import lg_magics as lg
        >>> with lg.temporary_cron("*/5 * * * *", "hello", assistant="agent") as cron:  # doctest: +SKIP
        ...     lg.cron.runs(cron)
    """
    from lg_magics.actions.crons import temporary_cron as on_session

    return on_session(current(), lambda words: print(visible_text(words), file=sys.stderr), schedule, text, **options)


T = TypeVar("T")


@runtime_checkable
class _Handle(Protocol):
    def wait(self) -> object: ...


def sync(awaitable: Awaitable[T]) -> T:
    """Wait for an awaitable and give back its result, also where a loop is running already, as in every notebook.

    Args:
        awaitable: A run of ours, or any coroutine, task or future.

    Raises:
        KeyboardInterrupt: A kernel interrupt ended the waiting; the awaitable was cancelled (a run goes on).

    Example:
        >>> import asyncio, lg_magics as lg
        >>> lg.sync(asyncio.sleep(0.01, "done"))
        'done'
    """
    if isinstance(awaitable, Result) and isinstance(awaitable, _Handle):
        return cast(T, awaitable.wait())
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_awaited(awaitable))
    _make_reentrant(loop)
    task = asyncio.ensure_future(awaitable, loop=loop)
    try:
        return loop.run_until_complete(task)
    except KeyboardInterrupt:
        task.cancel()
        raise


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _make_reentrant(loop: asyncio.AbstractEventLoop) -> None:
    """Patch the running loop, only when it must be: our own handles wait on the background loop.

    nest_asyncio 1.6 is the fallback: with ipykernel 7 it silently drops the cells that are queued behind the wait, and on
    Python 3.14 it breaks `asyncio.run(loop_factory=…)`.
    """
    if hasattr(loop, "_nest_patched"):  # by either package: a second patch only warns
        return
    try:
        patch = importlib.import_module("nest_asyncio2")
    except ImportError:
        patch = importlib.import_module("nest_asyncio")
    patch.apply(loop)
