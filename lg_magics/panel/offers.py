"""Buttons for a row of the panel or of a list, and their effect when pressed. Depends on commands; renders nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lg_magics.errors import CommandError
from lg_magics.grammar.calling import call_command
from lg_magics.model.result import Result
from lg_magics.panel.actions import ACTIONS, TOOLS, Action, checked_call
from lg_magics.session import Session
from lg_magics.views.bundle import bundle
from lg_magics.views.list_tree import Offer

__all__ = ["do", "do_for_all", "offer", "offers", "summary_line", "tools"]


def offers(session: Session, kind: str, word: str, name: str, without: Collection[str] = ()) -> list[Offer]:
    """Return the actions for a row.

    Args:
        session: The session that performs them.
        kind: The row's kind: a key of `ACTIONS`.
        word: The row's reference, as typed.
        name: The row's name in a question.
        without: The keys of actions to leave out.
    """
    found = ((key, each) for key, each in ACTIONS[kind].items() if key not in without)
    return [offer(session, key, each, word, name) for key, each in found]


def offer(session: Session, key: str, action: Action, word: str = "", name: str = "") -> Offer:
    """Return an action on one object. A protected deployment is named, and needs a confirmation before each write."""
    question = action.ask.replace("{}", name)
    if _needs_yes(session, action):
        what = f"{action.label}: {name}?" if name else f"{action.label}?"
        question = f"{session.connection.deployment.name} is protected. {question or what}"
    return Offer(key, action.label, action.line.replace("{}", word), question, bool(action.command))


def tools(session: Session, section: str) -> list[Offer]:
    """Return the actions on a whole section; the key of each is its position."""
    return [offer(session, str(place), each) for place, each in enumerate(TOOLS.get(section, ()))]


def do(session: Session, kind: str, key: object, identity: str, thread: str = "") -> str:
    """Perform an action on a row; return its result in one line.

    Raises:
        CommandError: there is no such action.
        LgError: the action failed.
    """
    action = ACTIONS[kind].get(str(key))
    if action is None or not action.command:
        raise CommandError("There is no such action here.")
    return _call(session, action, {action.argument: identity, **({action.also: thread} if action.also else {})})


def do_for_all(session: Session, section: str, key: object) -> str:
    """Perform an action on a whole section; return its result in one line."""
    found: Sequence[Action] = TOOLS.get(section, ())
    action = next((each for place, each in enumerate(found) if str(place) == key and each.command), None)
    if action is None:
        raise CommandError("There is no such action here.")
    return _call(session, action, {action.argument: True} if action.argument else {})


def _call(session: Session, action: Action, given: dict[str, object]) -> str:
    yes = {"yes": True} if _needs_yes(session, action) else {}
    command, spread, named = checked_call(action.command, {**given, **yes})
    return summary_line(call_command(command, session, spread, named))


def _needs_yes(session: Session, action: Action) -> bool:
    return session.is_connected and session.connection.deployment.protect and action.writes


def summary_line(result: object) -> str:
    """Return a result in one line."""
    if not isinstance(result, Result):
        return "Done."
    line = bundle(result)["text/plain"].strip().partition("\n")[0]
    return line[1:-1] if line.startswith("<") else line
