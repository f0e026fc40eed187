"""Crons and changes that are refused: the error states why, and the server makes none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, Unpack

import pytest

from lg_magics.commands import crons
from lg_magics.errors import CommandError, InvalidRequest, LgError, NotFound, UnknownReference
from lg_magics.session import Session
from lg_magics.tables.crons import Cron

YEARLY = "0 0 1 1 *"


class Options(TypedDict, total=False):
    """What `made` passes on."""

    thread: str
    timezone: str
    until: str
    keep: bool


def made(session: Session, text: str = "hello", schedule: str = YEARLY, **options: Unpack[Options]) -> Cron:
    return crons.create(session, schedule, text, assistant="agent", **options)


REFUSED: dict[str, tuple[Callable[[Session], object], type[LgError], str]] = {
    "six fields": (lambda s: made(s, schedule="0 0 9 * * 1"), CommandError, "Leave the seconds out"),
    "a bad field": (lambda s: made(s, schedule="0 99 * * *"), CommandError, "'99' is no hour"),
    "a date that never comes": (lambda s: made(s, schedule="0 0 31 2 *"), CommandError, "would never fire"),
    "no quotes": (lambda s: made(s, "9 * * MON-FRI hi all", "0"), CommandError, '"0 9 . . MON-FRI" hi all'),
    "a time zone that is none": (lambda s: made(s, timezone="Berlin"), CommandError, "Did you mean Europe/Berlin"),
    "an empty time zone": (lambda s: made(s, timezone=""), CommandError, "There is no time zone ''. As in Europe"),
    "an end that is past": (lambda s: made(s, until="2020-01-01"), CommandError, "in the past"),
    "nothing to say": (lambda s: made(s, ""), CommandError, "The text is empty"),
    "keep on a thread": (lambda s: made(s, thread="t1", keep=True), CommandError, "crons without a thread"),
    "a thread that nobody has": (lambda s: made(s, thread="t9"), UnknownReference, "No thread 't9'"),
    "an assistant by a typo": (
        lambda s: crons.create(s, YEARLY, "x", assistant="agnet"),
        UnknownReference,
        "Did you mean agent",
    ),
    "an input that the graph cannot take": (
        lambda s: crons.create(s, YEARLY, input={"steps": "many"}, assistant="workbench"),
        CommandError,
        "steps.*--no-check",
    ),
    "a cron that there is not": (lambda s: crons.show(s, "c1"), UnknownReference, "No cron 'c1' on http.*lg_crons"),
    "the last of none": (lambda s: crons.runs(s), UnknownReference, "No cron 'last'"),
    "an id that nobody has": (
        lambda s: crons.pause(s, "00000000-0000-0000-0000-000000000000"),
        NotFound,
        "No cron '00000000",
    ),
    "half a character": (
        lambda s: crons.create(s, "0 9 * * *", "\ud800", assistant="agent"),
        InvalidRequest,
        "cannot be sent as JSON",
    ),
    "a thing that is no cron": (lambda s: crons.resume(s, 3), UnknownReference, "A cron is needed, got an int"),
    "which to delete": (lambda s: crons.delete(s), CommandError, "takes either a cron or --mine"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_before_the_server_sees_it(
    session: Session, own_crons: Callable[[], list[str]], what: str
) -> None:
    do, kind, words = REFUSED[what]
    with pytest.raises(kind, match=words):
        do(session)
    assert own_crons() == []
