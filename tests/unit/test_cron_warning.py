"""What the page says of crons that outlive the kernel: how many, where, and what ends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lg_magics.model.crons import MadeCron
from lg_magics.panel.notices import known
from lg_magics.session import Session

FAR = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)


def session_with(*crons: MadeCron) -> Session:
    session = Session()
    for each in crons:
        session.crons.remember(each)
    return session


def made(id: str, deployment: str = "local", end: datetime | None = None, notebook: str = "mine.ipynb") -> MadeCron:
    return MadeCron(id, "c1", "http://127.0.0.1:1", deployment, "0 9 * * *", end=end, notebook=notebook)


def left(session: Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = known(session)["left"]
    return found


def words_at(*deployments: str) -> str:
    (found,) = left(session_with(*(made(f"cron-{place}", name) for place, name in enumerate(deployments))))
    assert found["until"] is None
    words: str = found["words"]
    return words.removesuffix(". Once connected again: %lg_cron delete --mine")


def test_a_session_without_crons_leaves_none() -> None:
    assert known(Session()) == {"connected": False, "live": 0, "waiting": 0, "left": []}


@pytest.mark.parametrize(
    ("deployments", "words"),
    [
        (["local"], "1 cron goes on firing on local"),
        (["local", "local"], "2 crons go on firing on local"),
        (["prod", "local", "local"], "3 crons go on firing on local (2), prod (1)"),
        (["a", "b", "c", "c", "d"], "5 crons go on firing on c (2), a (1) and 2 more"),
        (["a\u202eb"], "1 cron goes on firing on a\\u202eb"),
    ],
)
def test_the_warning_says_how_many_go_on_and_where(deployments: list[str], words: str) -> None:
    assert words_at(*deployments) == words


def test_long_names_leave_room_for_what_ends_the_crons() -> None:
    for names in ("x" * 200,), tuple(f"{place}{'x' * 80}" for place in range(3)):
        assert len(words_at(*names)) + len(". Once connected again: %lg_cron delete --mine") <= 140


def test_crons_that_end_first_come_first_and_are_not_in_the_warning_after_that() -> None:
    later = FAR + timedelta(days=1)
    session = session_with(made("ever"), made("soon", end=FAR), made("later", end=later), made("too", end=FAR))
    found = left(session)
    assert [each["ids"] for each in found] == [["soon", "too"], ["later"], ["ever"]]
    assert [each["until"] for each in found] == [FAR.timestamp(), later.timestamp(), None]
    assert [each["words"].partition(" cron")[0] for each in found] == ["4", "2", "1"]


def test_the_line_deletes_what_is_left_or_lists_it() -> None:
    """A later session recognizes only crons of its own notebook."""
    others = [made(f"cron-{n}·{n}", end=FAR, notebook="") for n in range(2)]
    assert [each["line"] for each in left(session_with(*others, made("mine")))] == [
        "%lg_crons",
        "%lg_cron delete --mine",
    ]
    (alone,) = left(session_with(made("4711abcd", notebook="")))
    assert alone["line"].startswith("%lg_cron delete ")
    assert alone["words"].endswith(alone["line"])
