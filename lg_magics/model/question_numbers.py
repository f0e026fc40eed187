"""Numbers of a thread's open interrupts. Pure; an answered interrupt's number is not reused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lg_magics.model.interrupts import Interrupt

__all__ = ["MOST_ASKED", "QuestionNumbers", "numbers_of", "summary_of"]

MOST_ASKED = 20
"""Interrupts that a page shows, and answers together. The others follow when these are answered."""


class QuestionNumbers:
    """The numbers of interrupts, by thread. Thread-safe: the stored mapping is replaced as a whole.

    An interrupt keeps its number while another one of its group is open: when the first of three is answered, the
    others are still 2 and 3. An added interrupt gets the next number. When all are new, they start at 1.
    """

    def __init__(self) -> None:
        self._ids: dict[str, tuple[str, ...]] = {}

    def numbered(self, thread_id: str, questions: Sequence[Interrupt]) -> tuple[Interrupt, ...]:
        """Return the open interrupts of a thread with their numbers, in that order."""
        ids = [each.id for each in questions]
        if not all(ids) or len(set(ids)) < len(ids):
            return tuple(
                replace(each, number=place) for place, each in zip(numbers_of(questions), questions, strict=True)
            )
        known = self._ids.get(thread_id, ())
        kept = known if any(each in known for each in ids) else ()
        asked = (*kept, *(each for each in ids if each not in kept))
        if ids:
            self._ids[thread_id] = asked
        places = {each: place for place, each in enumerate(asked, 1)} if len(asked) > 1 else {}
        return tuple(sorted((replace(each, number=places.get(each.id, 0)) for each in questions), key=_number))


def _number(question: Interrupt) -> int:
    return question.number


def numbers_of(questions: Sequence[Interrupt]) -> list[int]:
    """Return the numbers to show, in the order of the interrupts: positions if they have none; 0 for a single one."""
    if len(questions) > 1 and not all(each.number for each in questions):
        return list(range(1, len(questions) + 1))
    return [each.number for each in questions]


def summary_of(questions: Sequence[Interrupt], longest: int | None = None) -> str:
    """Return the questions on one line; numbered if there are several, each cut to `longest` characters."""
    numbered = zip(numbers_of(questions), questions, strict=True)
    return " · ".join(f"{f'{number}: ' if number else ''}{each.summary[:longest]}" for number, each in numbered)
