"""Crons of a deployment. Must not depend on the meaning of a schedule.

`delete` answers a bare 404 both for an unknown cron and where the deployment lacks the call. So callers search before they
delete.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, Literal

from lg_magics.errors import Unsupported
from lg_magics.model.records import CronRecord, records_of
from lg_magics.server.calls import M, Resource, call
from lg_magics.server.capabilities import CREATE_CRON, CREATE_CRON_ON_THREAD, SEARCH_CRONS
from lg_magics.server.paging import Page

__all__ = ["CronOrder", "CronSort", "Crons"]

CronSort = Literal["next_run_date", "created_at", "updated_at", "end_time", "cron_id", "assistant_id", "thread_id"]
CronOrder = Literal["asc", "desc"]

FEATURE = "crons"
CHECK_WITH = "%lg_crons"
MARK = "lg_made"
"""The metadata key that finds a cron whose response was lost."""
HINT = "%lg_crons lists them."
MAY_BE_IGNORED = ("multitask_strategy", "webhook", "interrupt_before", "interrupt_after", "durability", "stream_mode")
"""Features of crons that some deployments lack. A cron made without them would not do what was requested."""
ODD = timezone(timedelta(minutes=1))
"""A time zone that no server uses: an end that comes back in it was stored as the text that was sent."""


class Crons(Resource[M]):
    """`connection.crons`."""

    async def _page(
        self,
        limit: int,
        offset: int,
        *,
        thread_id: str | None,
        metadata: Mapping[str, Any] | None,
        assistant_id: str | None,
        enabled: bool | None,
        **sorting: Any,
    ) -> Page[CronRecord]:
        return Page(
            await self._ask(
                lambda sdk: sdk.crons.search(
                    thread_id=thread_id,
                    metadata=dict(metadata) if metadata else None,
                    assistant_id=assistant_id,
                    enabled=enabled,
                    limit=limit,
                    offset=offset,
                    **sorting,
                ),
                partial(records_of, CronRecord),
                "list the crons",
                feature=FEATURE,
            )
        )

    async def _search(
        self,
        *,
        thread_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        assistant_id: str | None = None,
        enabled: bool | None = None,
        **sorting: Any,
    ) -> list[CronRecord]:
        fetch = partial(
            self._page, thread_id=thread_id, metadata=metadata, assistant_id=assistant_id, enabled=enabled, **sorting
        )
        rows = (await self._listing(SEARCH_CRONS, fetch, lambda row: row.cron_id, limit=None)).rows
        fitting = [row for row in rows if _carries(row, metadata or {}) and _is_on(row, thread_id)]
        of_it = [
            row for row in fitting if assistant_id is None or row.get("assistant_id", assistant_id) == assistant_id
        ]
        return [row for row in of_it if enabled is None or row.get("enabled", enabled) == enabled]

    @call
    async def search(
        self,
        *,
        thread_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        assistant_id: str | None = None,
        enabled: bool | None = None,
        sort_by: CronSort | None = None,
        sort_order: CronOrder | None = None,
    ) -> list[CronRecord]:
        """Search crons, newest first.

        Args:
            thread_id: only those of this thread.
            metadata: only those that carry all of these.
            assistant_id: only those of this assistant.
            enabled: only those that fire, or only those that are paused.
            sort_by: the field to sort by.
            sort_order: with `sort_by`: the smallest or oldest first, or last.

        Raises:
            Unsupported: the deployment would ignore the order.
            DeploymentError: the deployment does not answer, refuses the request, or has no crons.
        """
        sorting = {}
        if sort_by is not None:
            if not (await self._known()).takes(SEARCH_CRONS, "sort_by"):
                raise Unsupported(f"The search for crons of {self._connection.url} has no sort_by.")
            sorting = {"sort_by": sort_by, "sort_order": sort_order or "asc"}
        return await self._search(
            thread_id=thread_id, metadata=metadata, assistant_id=assistant_id, enabled=enabled, **sorting
        )

    @call
    async def create(
        self, assistant: str, thread_id: str | None, what: Mapping[str, Any], *, end: datetime | None = None
    ) -> CronRecord:
        """Create a cron, on a thread or without one; `what` holds the SDK's other arguments.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, has no crons, or cannot end one.
        """
        known = await self._known()
        call = CREATE_CRON if thread_id is None else CREATE_CRON_ON_THREAD
        if ignored := [name for name in MAY_BE_IGNORED if name in what and not known.takes(call, name)]:
            raise Unsupported(f"A cron of {self._connection.url} takes no {' and no '.join(ignored)}: it is not made.")
        missing = f"assistant '{assistant}'" + (f" or thread {thread_id}" if thread_id else "")
        mark = {MARK: uuid.uuid4().hex[:12]}
        given = {**what, **({"end_time": end.astimezone(ODD)} if end else {})}
        given["metadata"] = {**(what.get("metadata") or {}), **mark}

        async def find() -> CronRecord | None:
            return next(iter(await self._search(metadata=mark)), None)

        made = await self._write(
            lambda sdk: (
                sdk.crons.create(assistant, **given)
                if thread_id is None
                else sdk.crons.create_for_thread(thread_id, assistant, **given)
            ),
            _made_cron,
            "make the cron",
            check_with=CHECK_WITH,
            find=find,
            missing=missing,
            feature=FEATURE,
        )
        row = made or await self._newest_with(mark)
        if _keeps_text(row, end):
            await self._delete(row.cron_id, row.cron_id)
            raise self._no_ends("it is not made")
        return row

    async def _newest_with(self, metadata: Mapping[str, str]) -> CronRecord:
        """Return the cron that was just made, by the metadata that it was made with.

        Raises:
            Unsupported: the deployment does not list it.
        """
        found = await self._search(metadata=metadata) if metadata else []
        if not found:
            raise Unsupported(
                f"This deployment ({self._connection.url}) has taken the cron, and does not list it.",
                hint="%lg_crons lists what there is.",
            )
        return found[0]

    @call
    async def update(self, cron_id: str, shown: str, what: Mapping[str, Any]) -> CronRecord:
        """Update a cron.

        Args:
            cron_id: the cron's id.
            shown: its name in errors.
            what: the SDK's arguments, and `end`: a new end, or None to remove it.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or cannot change crons, or end one.
        """
        end: datetime | None = what.get("end")
        given = {name: value for name, value in what.items() if name != "end"}
        if "end" in what:
            given["end_time"] = end.astimezone(ODD) if end else None
        row = await self._update(cron_id, shown, "change the cron", "changing of crons", **given)
        if _keeps_text(row, end):
            await self._update(cron_id, shown, "take the end away", end_time=None)
            raise self._no_ends(f"{shown} has no end now")
        return row

    async def _update(self, cron_id: str, shown: str, doing: str, feature: str = "", **what: Any) -> CronRecord:
        return await self._write(
            lambda sdk: sdk.crons.update(cron_id, **what),
            CronRecord,
            doing,
            check_with=CHECK_WITH,
            missing=f"cron {shown}",
            hint=HINT,
            feature=feature,
        )

    @call
    async def delete(self, cron_id: str, shown: str) -> None:
        """Delete a cron; `shown` is its name in errors.

        Raises:
            NotFound: there is none. DeploymentError: the deployment does not answer, or refuses the request.
        """
        await self._delete(cron_id, shown)

    async def _delete(self, cron_id: str, shown: str) -> None:
        await self._write(
            lambda sdk: sdk.crons.delete(cron_id),
            lambda _: None,
            "delete the cron",
            check_with=CHECK_WITH,
            missing=f"cron {shown}",
            hint=HINT,
        )

    def _no_ends(self, what_now: str) -> Unsupported:
        return Unsupported(
            f"This deployment ({self._connection.url}) cannot end a cron: its scheduler stops at one with an end, so {what_now}.",
            hint="Leave --until out, and delete it in time.",
        )


def _made_cron(payload: object) -> CronRecord | None:
    """Return the new cron; None if the server answers with its first run (aegra does)."""
    is_run = isinstance(payload, Mapping) and "cron_id" not in payload and "run_id" in payload
    return None if is_run else CronRecord(payload)


def _is_on(row: CronRecord, thread_id: str | None) -> bool:
    return thread_id is None or row.get("thread_id", thread_id) == thread_id


def _carries(row: CronRecord, wanted: Mapping[str, Any]) -> bool:
    """Return whether a cron has this metadata. Servers before 0.9 do not filter by it."""
    return not wanted or wanted.items() <= row.metadata.items()


def _keeps_text(row: CronRecord, end: datetime | None) -> bool:
    """Return whether the server stored an end as the text that was sent.

    LangGraph's in-memory server (langgraph-api 0.16) does. Its scheduler then fails at comparing the end with the time, and no
    cron after it in its list fires any more. In the embedded server this is fixed (`local.server_patches`).
    """
    return end is not None and row.get("end_time") == end.astimezone(ODD).isoformat()
