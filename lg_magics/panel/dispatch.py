"""A request → its answer. Knows which requests there are, and the session; knows no comm, no thread and no page.

Nothing but the sections, a few looks, and the commands of `actions.ALLOWED` can be asked for. No text of a page is run as code
or read as a line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lg_magics import __version__
from lg_magics.errors import CommandError, LgError
from lg_magics.live.protocol import PROTOCOL, Request, answered, id_of, refused, request_from
from lg_magics.session import Session

__all__ = ["SECTIONS", "Dispatch", "Query"]

log = logging.getLogger(__name__)

Query: TypeAlias = "Callable[[Session, Mapping[str, Any]], object]"

SECTIONS = ("deployment", "waiting", "runs", "threads", "store", "crons")
LIMIT = 30
MOST = 1000


class Dispatch:
    """Answers requests on the session of the moment; `more` are requests that need a notebook, by their names."""

    def __init__(self, current: Callable[[], Session], more: Mapping[str, Query] | None = None) -> None:
        self._current = current
        self._queries: Mapping[str, Query] = {
            **(more or {}),
            "hello": _hello,
            "section": _section,
            "checkpoints": _checkpoints,
            "answer": _answer,
        }

    def answer(self, data: object) -> dict[str, Any]:
        """The answer to what came from a page, whatever it was. Takes as long as the deployment takes."""
        try:
            request = request_from(data)
            return answered(request.id, self._result(request))
        except LgError as problem:
            return refused(id_of(data), problem)
        except Exception as problem:
            log.exception("a request of the page failed")
            return refused(id_of(data), problem)

    def _result(self, request: Request) -> object:
        session = self._current()
        query = self._queries.get(request.command)
        return query(session, request.arguments) if query else _command(session, request)


def _hello(session: Session, arguments: Mapping[str, Any]) -> object:
    return {"protocol": PROTOCOL, "version": __version__, "session": session.id}


def _section(session: Session, arguments: Mapping[str, Any]) -> object:
    from lg_magics.panel import lists, sections

    name, limit = arguments.get("name"), _limit(arguments)
    match name:
        case "deployment":
            return sections.deployment(session)
        case "runs":
            return sections.runs(session, limit)
        case "left":
            return sections.left(session)
        case "waiting":
            return lists.waiting(session, limit)
        case "threads":
            return lists.threads(session, limit)
        case "store":
            return lists.store(session, limit)
        case "crons":
            return lists.crons(session, limit)
    raise CommandError(f"There is no section {str(name)[:80]!r}.")


def _limit(arguments: Mapping[str, Any]) -> int:
    limit = arguments.get("limit", LIMIT)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise CommandError(f"A limit goes from 1 to {MOST}.")
    return limit


def _checkpoints(session: Session, arguments: Mapping[str, Any]) -> object:
    from lg_magics.panel.lists import checkpoints

    return checkpoints(session, _text(arguments, "thread"))


def _answer(session: Session, arguments: Mapping[str, Any]) -> object:
    from lg_magics.commands.answer_card import answer_thread

    try:
        run = answer_thread(session, _text(arguments, "thread"), _text(arguments, "mark"), arguments.get("answers"))
    finally:
        session.events.emit("command", "resume")
    return {"said": f"Answered: {run.number} goes on.", "run": run.run_id}


def _text(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value or len(value) > 1_000:
        raise CommandError(f"{name} wants a text.")
    return value


def _command(session: Session, request: Request) -> object:
    from lg_magics.commands.calling import call_command
    from lg_magics.panel.actions import checked_call

    command, spread, named = checked_call(request.command, request.arguments)
    return {"said": said_of(call_command(command, session, spread, named))}


def said_of(result: object) -> str:
    """A result in one line."""
    from lg_magics.model.result import Result
    from lg_magics.views.bundle import bundle

    if not isinstance(result, Result):
        return "Done."
    line = bundle(result)["text/plain"].strip().partition("\n")[0]
    return line[1:-1] if line.startswith("<") else line
