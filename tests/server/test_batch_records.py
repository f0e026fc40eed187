"""What a batch writes of its ends, where some writes fail, and what an attach makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.follow import batch_parts
from lg_magics.model.batch_written import ENDED, parts_of, records_from_parts
from lg_magics.session import Session

from .batches import begun, orders, plan_of, runs_of
from .lacking import Lacking, lacking_server


@pytest.fixture
def between(server: local.LocalServer, session: Session) -> Iterator[Lacking]:
    """A deployment that refuses what the test names; the session is connected to it."""
    with lacking_server(server.url) as found:
        deployment.connect(session, found.url)
        yield found


def recorded(sdk: SyncLangGraphClient, batch_id: str) -> int:
    """How many ends the deployment holds."""
    found = sdk.threads.search(metadata={"lg_batch_plan": batch_id}, limit=100)
    return len(records_from_parts([each["metadata"] or {} for each in found]))


def is_record(call: str, sent: Any) -> bool:
    return call.startswith("PATCH") and any(name.startswith(ENDED) for name in (sent or {}).get("metadata") or {})


@pytest.mark.parametrize("status", [503, 429])
def test_what_could_not_be_written_is_written_at_the_end(
    session: Session, sdk: SyncLangGraphClient, between: Lacking, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(batch_parts, "WRITE_EVERY", 0.1)
    refused: list[str] = []

    def judged(call: str, sent: Any) -> tuple[int, str] | None:
        if is_record(call, sent) and len(refused) < 3:
            refused.append(call)
            return status, "not now"
        return None

    between.judges, between.later = judged, 0.1
    made = begun(session, orders(*[{"seconds": 0.3}] * 6), concurrency=2).wait(60)
    assert len(refused) == 3
    assert recorded(sdk, made.id) == 6


def test_one_part_that_cannot_be_written_keeps_no_other_from_being_written(
    session: Session, sdk: SyncLangGraphClient, between: Lacking
) -> None:
    rows = orders(*[{"x": "y" * 90_000}] * 6)
    between.judges = lambda call, sent: (413, "too large") if is_record(call, sent) and first in call else None
    first = "nothing yet"
    made = begun(session, rows)
    first = parts_of(made.plan)[0].thread_id
    assert made.wait(60).counts == {"success": 6}
    assert recorded(sdk, made.id) == sum(len(part.rows) for part in parts_of(made.plan)[1:])


def test_a_row_that_was_refused_is_read_and_not_launched_again(
    session: Session, other: Session, sdk: SyncLangGraphClient, between: Lacking
) -> None:
    def judged(call: str, sent: Any) -> tuple[int, str] | None:
        is_its = call.endswith("/runs") and ((sent or {}).get("input") or {}).get("grow") == 1
        return (422, "no row like this") if is_its else None

    between.judges = judged
    made = begun(session, orders({}, {"grow": 1}, {})).wait(60)
    assert made.counts == {"success": 2, "error": 1}
    again = begun(other, attach=made.id).wait(60)
    assert again.entries == made.entries
    assert "no row like this" in again.entries[1].error
    assert again.notes == ("attached: 2 had ended, 0 were live, 1 was refused",)
    assert sum(map(len, runs_of(sdk, made))) == 2
    assert again.retry().wait(60).counts == {"success": 3}
    assert begun(session, attach=made.id).wait(60).entries == again.entries
    assert sum(map(len, runs_of(sdk, made))) == 3


def test_only_the_parts_that_failed_are_written_again(session: Session, between: Lacking) -> None:
    plan = plan_of(orders(*[{"x": "y" * 90_000}] * 12))
    parts = parts_of(plan)
    asked: list[str] = []

    def judged(call: str, sent: Any) -> tuple[int, str] | None:
        if call != "POST /threads" or "lg_rows" not in ((sent or {}).get("metadata") or {}):
            return None
        asked.append(sent["thread_id"])
        is_bad = sent["metadata"]["lg_batch_part"] == 1 and asked.count(sent["thread_id"]) == 1
        return (503, "not now") if is_bad else None

    between.judges = judged
    most: list[int] = []
    made = begun(session, orders(*[{"x": "y" * 90_000}] * 12))
    made.observe(lambda batch: most.append(made.view.prepared))
    assert made.wait(60).counts == {"success": 12}
    assert len(asked) == len(parts) + 1
    assert max(most) <= 12


def test_many_ends_are_written_as_several_short_texts(
    session: Session, sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lg_magics.model.batch_written.RECORDED", 400)
    made = begun(session, orders(*[{}] * 8)).wait(60)
    (part,) = sdk.threads.search(metadata={"lg_batch_plan": made.id})
    assert len([name for name in part["metadata"] or {} if name.startswith(ENDED)]) > 2
    assert recorded(sdk, made.id) == 8
