"""Writes many objects: asks first, writes several at a time, and reports what was done if it stops early. Draws nothing."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from lg_magics.actions.protected import refuse_if_protected
from lg_magics.errors import DeploymentError, LoadInterrupted
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

__all__ = ["NAMED", "ManyWrites", "counted", "unconfirmed"]

AT_ONCE = 8
PROGRESS_EVERY = 0.1  # seconds
ENDS_WITHIN = 10.0  # seconds to wait for writes under way after a stop
BAR = 20
NAMED = 10
"""The number of objects that a preview names."""

T = TypeVar("T")


def counted(count: int, noun: str) -> str:
    """`3 threads`, `1 item`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def unconfirmed(
    session: Session,
    names: Sequence[str],
    line: str,
    *,
    noun: str,
    done: str,
    data: Mapping[str, object],
    yes: bool,
    written: Iterable[Connection] | None = None,
) -> Facts | None:
    """What a command would do with many objects; None if it may do it, because --yes was given.

    Args:
        session: the session.
        names: the name of each object.
        line: the command: %lg_thread delete.
        noun: the noun for an object: thread.
        done: the participle for the command: deleted.
        data: the ids of the objects, for the result.
        yes: whether --yes was given.
        written: the connections that are written to, if they may be others than the session's.

    Raises:
        LgError: a deployment that is written to is protected, and --yes was not given.
    """
    if not names:
        return Facts(f"No {noun} fits: nothing is {done}.", data=data)
    refuse_if_protected(session, f"{counted(len(names), noun)}: nothing is done", yes=yes, written=written)
    if yes:
        return None
    rest = len(names) - NAMED
    return Facts(
        f"{counted(len(names), noun)} would be {done}. Nothing is {done} yet.",
        ((f"{noun}s", ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")),),
        ((f"{line} … --yes", f"{line.split()[-1]} {'it' if len(names) == 1 else 'them'}"),),
        data=data,
    )


class ManyWrites(Generic[T]):
    """Calls `write` for each of `parts`, on the background loop; the first error stops it.

    Args:
        parts: the parts to write, in order; a part may hold many objects.
        write: writes one part.
        noun: the noun for an object: "item".
        verb: the participle for the write: "written".
        name: returns a part's name for an error: "row 3".
        size: returns the number of objects in a part.
        at_once: the number of parts to write at a time.
    """

    def __init__(
        self,
        parts: Sequence[T],
        write: Callable[[T], Awaitable[object]],
        *,
        noun: str,
        verb: str,
        name: Callable[[T], str],
        size: Callable[[T], int] = lambda _: 1,
        at_once: int = AT_ONCE,
    ) -> None:
        self.done: list[T] = []
        self._left, self._write = iter(parts), write
        self._total = sum(map(size, parts))
        self._noun, self._verb, self._name, self._size, self._at_once = noun, verb, name, size, at_once
        self._failure: tuple[T, DeploymentError] | None = None
        self._is_stopped = False

    def run(self, session: Session) -> None:
        """Write all parts.

        Raises:
            LoadInterrupted: a kernel interrupt; the message has the number of objects written.
            DeploymentError: the deployment does not answer, or refuses a part; the message names it, and has that number.
        """
        future = session.loop.start(self._all())
        try:
            while concurrent.futures.wait([future], PROGRESS_EVERY).not_done:
                session.progress(self._bar())
        except KeyboardInterrupt:
            self._is_stopped = True
            concurrent.futures.wait([future], ENDS_WITHIN)
            raise LoadInterrupted(f"Stopped: {self._so_far()}.") from None
        finally:
            self._is_stopped = True
            session.progress("")
        if self._failure is not None:
            part, problem = self._failure
            stop = "" if problem.message.endswith((".", "!", "?")) else "."
            words = f"{self._name(part)}: {problem.message}{stop} {self._so_far()}."
            raise type(problem)(words, hint=problem.hint, status_code=problem.status_code) from problem
        future.result()

    async def _all(self) -> None:
        await asyncio.gather(*(self._work() for _ in range(self._at_once)))

    async def _work(self) -> None:
        while not self._is_stopped and (part := next(self._left, None)) is not None:
            try:
                await self._write(part)
            except DeploymentError as problem:
                self._failure = self._failure or (part, problem)
                self._is_stopped = True
            except BaseException:
                self._is_stopped = True
                raise
            else:
                self.done.append(part)

    @property
    def _count(self) -> int:
        return sum(map(self._size, self.done))

    def _so_far(self) -> str:
        return f"{self._count:,} of {self._total:,} {self._noun}s were {self._verb}"

    def _bar(self) -> str:
        full = BAR * self._count // max(self._total, 1)
        return f"{'█' * full}{'░' * (BAR - full)} {self._count:,} of {counted(self._total, self._noun)}"
