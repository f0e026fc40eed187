"""Magics on several threads at once: each shows its own progress, and leaves the session as it was."""

from __future__ import annotations

import threading

from lg_magics.ipython.display import Display
from lg_magics.ipython.magics import MagicRunner
from lg_magics.session import Session


def test_calls_that_overlap_leave_the_session_as_it_was(shell: object) -> None:
    session = Session()
    runner = MagicRunner(shell, Display(shell), lambda: session, lambda: None)
    before = session.announce, session.progress, session.write
    began, ended = threading.Event(), threading.Event()
    seen: list[object] = []

    def first() -> None:
        with runner._announcing(session):
            began.set()
            ended.wait(10)
            seen.append(session.announce)

    def second() -> None:
        began.wait(10)
        with runner._announcing(session), runner._silent(session):
            ended.set()
            one.join(10)
            seen.append(session.write)

    one, other = threading.Thread(target=first), threading.Thread(target=second)
    for each in (one, other):
        each.start()
    for each in (one, other):
        each.join(10)
    assert (session.announce, session.progress, session.write) == before
    assert before[0] not in seen
    assert before[2] not in seen


def test_what_a_call_shows_is_not_shown_by_another_thread() -> None:
    session = Session()
    shown, elsewhere = list[str](), list[str]()
    session.progress = elsewhere.append
    with session.showing(progress=shown.append):
        session.progress("here")
        other = threading.Thread(target=session.progress, args=("there",))
        inside = threading.Thread(target=lambda: session.progress("on a thread"))
        inside.start()
        inside.join()
        other.start()
        other.join()
        with session.showing(write=lambda result, text: None):
            session.progress("here too")
    session.progress("after")
    assert (shown, elsewhere) == (["here", "there", "here too"], ["on a thread", "after"])
