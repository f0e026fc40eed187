"""The crons that a session met and made. Pure: what it remembers is what it was told; asks no server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lg_magics.model.references import Numbering, short_id

__all__ = ["CronMemory", "MadeCron"]


@dataclass(frozen=True, slots=True)
class MadeCron:
    """A cron that this session made and has not deleted: what to say of it when the server is not asked.

    `notebook` is written on it too: the notebook's next kernel knows it by that. A paused one is not `is_enabled`.
    """

    id: str
    number: str
    url: str
    deployment: str
    words: str
    thread_id: str | None = None
    end: datetime | None = None
    notebook: str = ""
    is_enabled: bool = True

    @property
    def shown(self) -> str:
        """With the id's tail: `c1 ·30ac8`."""
        return short_id(self.number, self.id)


class CronMemory:
    """Numbers every cron that is met, c1, c2 …, and keeps those that were made until they are gone.

    `changed` is called whenever those that were made are others than before.
    """

    def __init__(self) -> None:
        self.numbers = Numbering("c")
        self.changed: Callable[[], None] = lambda: None
        self._made: dict[str, MadeCron] = {}

    def shown(self, cron_id: str) -> str:
        """How a cron is shown: `c1 ·30ac8`."""
        return short_id(self.numbers.number(cron_id), cron_id)

    def known_number(self, cron_id: str) -> str:
        """The number of a cron that was met; "" for any other."""
        return self.numbers.number(cron_id) if cron_id in self.numbers.ids() else ""

    def known_numbers(self) -> list[str]:
        """The numbers of all that were met, in the order of meeting."""
        return list(map(self.numbers.number, self.numbers.ids()))

    def remember(self, made: MadeCron) -> None:
        """Keep a cron that was made, or made anew what is known of it."""
        self._keep({**self._made, made.id: made})

    def is_made_here(self, cron_id: str) -> bool:
        """Whether this session made it, and nobody has said that it is gone."""
        return cron_id in self._made

    def gone(self, *cron_ids: str) -> None:
        """These are no more."""
        self._keep({id: made for id, made in self._made.items() if id not in cron_ids})

    def gone_with_thread(self, thread_id: str) -> None:
        """A thread was deleted, and its crons with it."""
        self._keep({id: made for id, made in self._made.items() if made.thread_id != thread_id})

    def gone_with_deployment(self, url: str) -> None:
        """A deployment was stopped with all it held."""
        self._keep({id: made for id, made in self._made.items() if made.url != url})

    def _keep(self, made: dict[str, MadeCron]) -> None:
        """Swapped whole: panels read it on threads of their own."""
        is_news = made != self._made
        self._made = made
        if is_news:
            self.changed()

    def left(self, now: datetime, url: str | None = None) -> list[MadeCron]:
        """What this session made and what may still fire after `now`, oldest first; on one deployment only with `url`."""
        return [
            made for made in self._made.values() if url in (None, made.url) and (made.end is None or made.end > now)
        ]
