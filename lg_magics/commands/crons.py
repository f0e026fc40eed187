"""Crons: list, create, change, pause and delete them, and list the runs that they made. Draws nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from lg_magics.actions.crons import (
    assistant_names,
    facts_of_cron,
    facts_of_crons,
    runs_of_cron,
    switch_crons,
    switched,
    update_cron,
)
from lg_magics.actions.input_check import check_nodes, checked_request, way_to_send
from lg_magics.actions.many_writes import ManyWrites, unconfirmed
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.request import request_for
from lg_magics.errors import CommandError, NotFound
from lg_magics.grammar.kinds import Check, Durability, Key, Limit, Multitask, Offset
from lg_magics.grammar.parameters import AsJson, KeyValues, Option, Positional, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.cell import NOTEBOOK, SESSION, Cell
from lg_magics.model.crons import checked_schedule, checked_zone, end_from, schedule_from_line
from lg_magics.model.run_input import input_from
from lg_magics.model.run_request import ALL_NODES, RunRequest, checked_webhook, merged_config
from lg_magics.model.stream_parts import checked_modes, wire_mode
from lg_magics.resolve.assistants import assistant_name, which_assistant, which_assistant_row
from lg_magics.resolve.crons import (
    CRON,
    crons_here,
    is_many,
    listed_cron,
    mine_among,
    now_utc,
    remember_cron,
    which_cron,
    which_crons,
)
from lg_magics.resolve.threads import which_thread
from lg_magics.server.crons import CronOrder, CronSort
from lg_magics.server.deployment import headers_from
from lg_magics.server.threads import MOST
from lg_magics.session import Session
from lg_magics.tables.crons import (
    Cron,
    CronInfo,
    ListedCron,
    cron_from_row,
    crons_table,
    firing_order,
    late_words,
    never_fires_words,
)
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table

__all__ = ["create", "crons", "delete", "pause", "resume", "runs", "show", "update"]

VANISHES = "Each run is deleted with its thread as soon as it ends. --keep keeps both."
KEPT = "Each run leaves a thread, which is not deleted automatically."
OF_A_RUN = (
    *("input", "config", "context", "metadata", "headers", "webhook"),
    *("interrupt_before", "interrupt_after", "multitask_strategy", "durability"),
)
"""The fields that a run's request and a cron share, by the server's names."""
NEVER = "never"
OF_THE_SERVER = ("cron_id", "langgraph_auth_user")
"""The configurable values that the server adds to a cron, and removes before a run."""
CRON_REFERENCE = Positional(completes="cron", value="CRON")
Values = Annotated[Mapping[str, object] | None, KeyValues("-c")]
Input = Annotated[object, Option("-i", value="$object", completes="python"), AsJson()]
Context = Annotated[Mapping[str, object] | None, Option(value="$context", completes="python", everyday=False)]
Zone = Annotated[str | None, Option(value="ZONE")]
Until = Annotated[str | datetime | timedelta | None, Option(value="WHEN")]
Metadata = Annotated[Mapping[str, object] | None, KeyValues()]
Header = Annotated[Mapping[str, object] | None, KeyValues(everyday=False)]
Webhook = Annotated[str | None, Option(value="URL", everyday=False)]
Nodes = Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)]
Modes = Annotated[Sequence[str] | None, Option(value="MODES", everyday=False)]
Durable = Annotated[Durability | None, Option(everyday=False)]


@command("crons", group="Crons")
def crons(
    session: Session,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    mine: bool = False,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant", everyday=False)] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    enabled: Annotated[bool | None, Option(everyday=False)] = None,
    sort: Annotated[CronSort | None, Option(everyday=False)] = None,
    order: Annotated[CronOrder | None, Option(everyday=False)] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the deployment's crons with their next fire times, the next to fire first.

    Args:
        thread: Only those of this thread.
        mine: Only those that this session, or an earlier kernel of this notebook, made.
        assistant: Only those of this assistant.
        metadata: Only those with this metadata, as k=v; may be repeated.
        enabled: Only those that fire; --no-enabled: only those that are paused.
        sort: The field to sort by; the next to fire is first otherwise.
        order: With --sort: the smallest or oldest first (asc), or last (desc).
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.
        open: On a page: choose a row, and pause, resume or delete the cron there; Close leaves the table.

    Returns:
        A table with each cron's schedule in words and its owner; `.df` has the next time as UTC.

    Raises:
        Unsupported: this deployment has no crons, or does not sort them.

    Example:
        %lg_crons
    """
    if order and not sort:
        raise CommandError("--order belongs to --sort.", hint="%lg_crons --sort created_at --order desc")
    wanted = {
        "thread_id": which_thread(session, thread).id if thread else None,
        "metadata": metadata,
        "assistant_id": which_assistant_row(session, assistant).assistant_id if assistant else None,
        "enabled": enabled,
        "sort_by": sort,
        "sort_order": order,
    }
    found = crons_here(session, **{name: value for name, value in wanted.items() if value is not None})
    found = mine_among(session, found) if mine else found
    now = now_utc()
    if sort is None:
        found.sort(key=lambda cron: firing_order(cron, now))
    names = assistant_names(session)
    listed = [listed_cron(session, cron, names) for cron in (found[offset:] if all else found[offset : offset + limit])]
    late = [cron.id for cron in found if cron.state(now) == "overdue"]
    never_fires = [cron.id for cron in found if cron.ends_before_next_fire(now)]
    is_whole = len(listed) == len(found)
    table = crons_table(
        listed,
        now,
        total=len(found),
        is_whole=is_whole,
        more="" if offset + len(listed) >= len(found) else f"--limit N, --offset {offset + limit} or --all",
        note=" ".join(filter(None, (late_words(_those(listed, late)), never_fires_words(_those(listed, never_fires))))),
        attrs={"deployment": session.connection.url},
    )
    again = partial(
        crons,
        session,
        thread=thread,
        mine=mine,
        assistant=assistant,
        metadata=metadata,
        enabled=enabled,
        sort=sort,
        order=order,
        limit=limit,
        offset=offset,
        all=all,
    )
    return replace(table, offset=offset, again=again if open else None)


def _those(listed: Sequence[ListedCron], ids: Sequence[str]) -> list[str]:
    return [each.shown for each in listed if each.cron.id in ids]


@command("cron show", group="Crons")
def show(session: Session, cron: Annotated[object, CRON_REFERENCE] = "last") -> Cron:
    """Show a cron's details.

    Args:
        cron: c1, an id or a part of one, $cron; the last one made otherwise.

    Raises:
        UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron show c1
    """
    return facts_of_cron(session, which_cron(session, cron), "")


@command("cron create", group="Crons")
def create(
    session: Session,
    schedule: Annotated[str, Positional()],
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant")] = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    timezone: Zone = None,
    until: Until = None,
    keep: bool = False,
    disabled: bool = False,
    input: Input = None,
    json: bool = False,
    configurable: Values = None,
    context: Context = None,
    metadata: Metadata = None,
    header: Header = None,
    webhook: Webhook = None,
    multitask: Annotated[Multitask | None, Option(everyday=False)] = None,
    interrupt_before: Nodes = None,
    interrupt_after: Nodes = None,
    durability: Durable = None,
    mode: Modes = None,
    subgraphs: Annotated[bool, Option(everyday=False)] = False,
    yes: bool = False,
    key: Key = None,
    check: Check = True,
) -> Cron:
    """Create a cron: the deployment launches a run at each scheduled time, until the cron is deleted.

    Without --thread, each run has a thread of its own, and both are deleted when the run ends; --keep keeps them.

    Args:
        schedule: Minute, hour, day of the month, month, day of the week, in quotes: "0 9 * * MON-FRI".
        text: The message of each run, verbatim to the end of the line; it becomes one human message.
        assistant: The assistant to run; the current one otherwise. With --thread, one of the thread's graph, as with %lg_run.
        thread: Run on this thread each time. If the thread is deleted, the cron is deleted too.
        timezone: The time zone of the schedule, as Europe/Berlin; UTC otherwise.
        until: The end: 7d, 2027-01-31, "2027-01-31 18:00" (in --timezone, or else in this machine's), or a $datetime.
        keep: Keep each run's thread. The threads pile up until they are deleted.
        disabled: Create it paused; %lg_cron resume lets it fire.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        context: The graph's static context, a mapping.
        metadata: Metadata of the cron, its runs and their threads, as k=v; may be repeated.
        header: A header for the call that creates it, as x-user-id=lance; its value is never shown.
        webhook: An address that the deployment calls when each run has ended.
        multitask: With --thread: what to do while a run is live there, as with %lg_run.
        interrupt_before: Stop each run before these nodes, a,b, or * for each.
        interrupt_after: Stop each run after these nodes, or after each.
        durability: When checkpoints are written: async, sync or exit, as with %lg_run.
        mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
        subgraphs: With --mode: stream the nodes of subgraphs too.
        yes: Also allow it on a protected deployment.
        key: The key of the graph's input that takes the text as a message; otherwise that of its schema (`messages`).
        check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

    Returns:
        The cron: `.cron_id`; `.data` is the server's row.

    Raises:
        CommandError: the schedule is invalid; the message names the field.
        NotFound: no such thread. Unsupported: this deployment has no crons.

    Example:
        %lg_cron create --keep --timezone Europe/Berlin "0 9 * * MON-FRI" What's on my list today?
    """
    _check_metadata(metadata)
    streams = _streams(mode, subgraphs)
    wanted = schedule_from_line(schedule, text)
    zone = checked_zone(timezone) if timezone is not None else ""
    end = end_from(until, session.connection.now(), zone) if until is not None else None
    payload = input_from(text, input, is_json=json)
    if thread and keep:
        raise CommandError("--keep is for crons without a thread: this one leaves all on its thread.")
    if payload is None and not thread:
        raise CommandError("A cron needs text or --input.", hint='%lg_cron create "0 9 * * *" TEXT, or -i $object')
    where = which_thread(session, thread) if thread else None
    settings = {"configurable": configurable, "context": context, "metadata": {**(metadata or {}), **_tags(session)}}
    if multitask and not thread:
        raise CommandError("--multitask is for crons on a thread: the others begin one each time.", hint="-t THREAD")
    if assistant:
        which_assistant(session, assistant, is_fresh=True)  # the cron keeps it
    request = request_for(
        session,
        where,
        assistant=assistant,
        input=payload,
        header=header,
        webhook=checked_webhook(webhook),
        multitask_strategy=multitask or "",
        interrupt_before=interrupt_before or (),
        interrupt_after=interrupt_after or (),
        durability=durability or "",
        **settings,
    )
    if check:
        check_nodes(session, request)
    is_text = payload is not None and input is None and not json
    way = way_to_send("%lg_cron create", assistant, f'"{wanted}"')
    request, unset = checked_request(session, request, is_text=is_text, key=key, check=check, way=way)
    refuse_if_protected(session, "no cron is made", yes=yes)
    given = {
        "schedule": wanted,
        "timezone": zone,
        "on_run_completed": "keep" if keep else "",
        **{name: value for name, value in request.arguments().items() if name in OF_A_RUN},
    }
    what = {name: value for name, value in given.items() if value} | ({"enabled": False} if disabled else {})
    what |= streams
    made = session.connection.crons.create(request.assistant, request.thread_id, what, end=end)
    cron = cron_from_row(made)
    if where:
        session.graphs.share_thread(where.id)
    remember_cron(session, cron, assistant_name(session, request.assistant))
    kept = "" if where else KEPT if keep else VANISHES
    return facts_of_cron(session, cron, "Made cron", warning=" ".join(filter(None, (kept, request.note, unset))))


def _check_metadata(metadata: Mapping[str, object] | None) -> None:
    if taken := {SESSION, CRON, NOTEBOOK}.intersection(metadata or ()):
        raise CommandError(f"--metadata {min(taken)}: lg_magics writes this itself, to find its crons again.")


def _streams(mode: Sequence[str] | None, subgraphs: bool) -> dict[str, object]:
    """The stream settings of a cron, so that the streams of its runs can be replayed."""
    if not mode:
        if subgraphs:
            raise CommandError("--subgraphs requires --mode.", hint="--mode values --subgraphs")
        return {}
    modes = [wire_mode(each) for each in checked_modes(mode)]
    return {"stream_mode": modes, "stream_resumable": True, **({"stream_subgraphs": True} if subgraphs else {})}


def _tags(session: Session) -> dict[str, str]:
    """The metadata by which a cron of this session is found again. Its runs and their threads have it too."""
    return {SESSION: session.id, **Cell(session.notebook()).tags, CRON: uuid.uuid4().hex[:12]}


@command("cron update", group="Crons")
def update(
    session: Session,
    cron: Annotated[object, CRON_REFERENCE],
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    schedule: Annotated[str | None, Option()] = None,
    timezone: Zone = None,
    until: Until = None,
    keep: bool | None = None,
    enabled: bool | None = None,
    input: Input = None,
    json: bool = False,
    configurable: Values = None,
    context: Context = None,
    metadata: Metadata = None,
    header: Header = None,
    webhook: Webhook = None,
    interrupt_before: Nodes = None,
    interrupt_after: Nodes = None,
    durability: Durable = None,
    mode: Modes = None,
    subgraphs: Annotated[bool, Option(everyday=False)] = False,
    yes: bool = False,
    key: Key = None,
    check: Check = True,
) -> Cron:
    """Change a cron. Fields that are not named keep their values.

    Args:
        cron: c1, an id or a part of one, $cron, last.
        text: The message of each run from now on.
        schedule: A new schedule, in quotes: "0 10 * * *".
        timezone: The time zone of the schedule, as Europe/Berlin or UTC.
        until: A new end, as 7d or 2027-01-31; `never` removes it.
        keep: Keep each run's thread, or, with --no-keep, delete it when the run ends.
        enabled: Let it fire, or pause it with --no-enabled.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; merged into those it has.
        context: The graph's static context, a mapping; in place of the one it has.
        metadata: Metadata to add, as k=v; may be repeated.
        header: A header for this call, as x-user-id=lance; its value is never shown.
        webhook: An address that the deployment calls when each run has ended.
        interrupt_before: Stop each run before these nodes, a,b, or * for each.
        interrupt_after: Stop each run after these nodes, or after each.
        durability: When checkpoints are written: async, sync or exit, as with %lg_run.
        mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
        subgraphs: With --mode: stream the nodes of subgraphs too.
        yes: Also allow it on a protected deployment.
        key: The key of the graph's input that takes the text as a message; otherwise that of its schema (`messages`).
        check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

    Raises:
        CommandError: nothing to change, an invalid schedule, or an input that the graph surely cannot take.
        UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron update c1 --schedule "0 10 * * *" --until never
    """
    _check_metadata(metadata)
    streams = _streams(mode, subgraphs)
    found = which_cron(session, cron)
    zone = checked_zone(timezone) if timezone is not None else ""
    if keep is not None and found.thread_id:
        raise CommandError("--keep is for crons without a thread: this one leaves all on its thread.")
    given = {
        "schedule": checked_schedule(schedule) if schedule is not None else None,
        "timezone": zone or None,
        "on_run_completed": None if keep is None else "keep" if keep else "delete",
        "input": input_from(text, input, is_json=json),
        "config": _merged(found, configurable),
        "context": dict(context) if context else None,
        "metadata": {**found.metadata, **metadata} if metadata else None,
        "headers": headers_from(header) or None,
        "webhook": checked_webhook(webhook) or None,
        "interrupt_before": _nodes(interrupt_before),
        "interrupt_after": _nodes(interrupt_after),
        "durability": durability,
    }
    what: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    _check_settings(found, what)
    is_text = "input" in what and input is None and not json
    if key is not None and not is_text:
        raise CommandError("--key belongs to a text.", hint="%lg_cron update c1 --key chat_history TEXT")
    if check or is_text:
        what |= _checked(session, found, what, is_text=is_text, key=key, check=check)
    what |= streams
    if until is not None:
        what["end"] = None if until == NEVER else end_from(until, session.connection.now(), zone or found.zone)
    if enabled is not None:
        what = {**switched(found, enabled), **what}
    if not what.keys() - {"headers"}:
        raise CommandError("%lg_cron update needs what to change.", hint='%lg_cron update c1 --schedule "0 10 * * *"')
    return update_cron(session, found, what, "Changed cron", "is not changed", yes=yes)


def _check_settings(cron: CronInfo, what: Mapping[str, Any]) -> None:
    """Refuse configurable values beside a context: the deployment stores both, and then refuses each run in silence."""
    if {"config", "context"} & set(what):
        config, context = (what.get(name, _payload(cron).get(name)) or {} for name in ("config", "context"))
        values = config.get("configurable") if isinstance(config, Mapping) else None
        kept = (
            {name: each for name, each in values.items() if name not in OF_THE_SERVER}
            if isinstance(values, Mapping)
            else {}
        )
        merged_config(None, {}, kept, context)


def _checked(session: Session, cron: CronInfo, what: Mapping[str, Any], **how: Any) -> dict[str, Any]:
    """Check the changes of the input against the graph of the cron."""
    if not {"input", "config", "context"} & set(what):
        return {}
    config, context = (what.get(name, _payload(cron).get(name)) or {} for name in ("config", "context"))
    request = RunRequest(cron.assistant_id, cron.thread_id, what.get("input"), config, context)
    way = way_to_send("%lg_cron update", None, session.crons.shown(cron.id).split()[0])
    request, _ = checked_request(session, request, way=way, **how)
    return {"input": request.input} if "input" in what else {}


def _payload(cron: CronInfo) -> Mapping[str, Any]:
    payload = cron.row.get("payload")
    return payload if isinstance(payload, Mapping) else {}


def _nodes(names: Sequence[str] | None) -> str | list[str] | None:
    if not names:
        return None
    return ALL_NODES if ALL_NODES in names else list(names)


def _merged(cron: CronInfo, configurable: Mapping[str, object] | None) -> dict[str, Any] | None:
    """The cron's config with these values; the server alone would replace all of them."""
    if not configurable:
        return None
    config = _payload(cron).get("config")
    return merged_config(config if isinstance(config, Mapping) else None, {}, configurable, {})


@command("cron pause", group="Crons")
def pause(session: Session, cron: Annotated[object, CRON_REFERENCE], *, yes: bool = False) -> Facts:
    """Pause a cron, or many: they do not fire until they are resumed. A run that they have launched goes on.

    For a list or a table, it shows the number of crons, and pauses them with --yes.

    Args:
        cron: c1, an id or a part of one, $cron, last; a list, a table or a frame of crons.
        yes: Pause many crons; also allow it on a protected deployment.

    Returns:
        The cron. Of many, those that were paused: `.data["paused"]`; or that would be: `.data["cron_ids"]`.

    Raises:
        UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron pause c1
    """
    if is_many(cron):
        return switch_crons(session, cron, enabled=False, yes=yes)
    found = which_cron(session, cron)
    if not found.is_enabled:
        return facts_of_cron(session, found, "Paused already: cron")
    return update_cron(session, found, switched(found, False), "Paused cron", "is not paused", yes=yes)


@command("cron resume", group="Crons")
def resume(session: Session, cron: Annotated[object, CRON_REFERENCE], *, yes: bool = False) -> Facts:
    """Let a paused cron fire again, or many, from the next time on. Missed runs are not made up.

    For a list or a table, it shows the number of crons, and resumes them with --yes.

    Args:
        cron: c1, an id or a part of one, $cron, last; a list, a table or a frame of crons.
        yes: Resume many crons; also allow it on a protected deployment.

    Returns:
        The cron. Of many, those that were resumed: `.data["resumed"]`; or that would be: `.data["cron_ids"]`.

    Raises:
        UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron resume c1
    """
    if is_many(cron):
        return switch_crons(session, cron, enabled=True, yes=yes)
    found = which_cron(session, cron)
    if found.is_enabled:
        return facts_of_cron(session, found, "Not paused: cron")
    return update_cron(session, found, switched(found, True), "Resumed cron", "is not resumed", yes=yes)


@command("cron delete", group="Crons")
def delete(
    session: Session,
    cron: Annotated[object, CRON_REFERENCE] = None,
    *,
    mine: bool = False,
    yes: bool = False,
) -> Facts:
    """Delete a cron, or many. A run that they have launched goes on.

    For a list or a table, it shows the number of crons, and deletes them with --yes.

    Args:
        cron: c1, an id or a part of one, $cron, last; a list, a table or a frame of crons.
        mine: All crons that this session, or an earlier kernel of this notebook, made.
        yes: Delete many crons; also allow it on a protected deployment.

    Returns:
        The crons that were deleted: `.data["deleted"]`; or that would be: `.data["cron_ids"]`.

    Raises:
        UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron delete --mine
    """
    if mine == (cron is not None):
        raise CommandError(
            "%lg_cron delete takes either a cron or --mine.", hint="%lg_cron delete c1, $table or --mine"
        )
    if is_many(cron):
        found = which_crons(session, cron)
        names = [session.crons.shown(each.id) for each in found]
        ids = {"cron_ids": [each.id for each in found]}
        preview = unconfirmed(session, names, "%lg_cron delete", noun="cron", done="deleted", data=ids, yes=yes)
        return _deleted(session, found) if preview is None else preview
    found = mine_among(session, crons_here(session)) if mine else [which_cron(session, cron)]
    if not found:
        return Facts("No cron of this session or notebook is left here.", data={"deleted": []})
    shown = ", ".join(session.crons.shown(each.id) for each in found)
    refuse_if_protected(session, f"{shown} {'is' if len(found) == 1 else 'are'} not deleted", yes=yes)
    if mine:
        return _deleted(session, found)
    session.connection.crons.delete(found[0].id, shown)
    session.crons.gone(found[0].id)
    return facts_of_crons(session, found, "deleted")


def _deleted(session: Session, crons: Sequence[CronInfo]) -> Facts:
    _delete_all(session, crons)
    return facts_of_crons(session, crons, "deleted")


def _delete_all(session: Session, crons: Sequence[CronInfo]) -> None:
    remove = session.connection.background.crons.delete

    async def delete(cron: CronInfo) -> None:
        with suppress(NotFound):  # another client has deleted it
            await remove(cron.id, session.crons.shown(cron.id))

    writes = ManyWrites(crons, delete, noun="cron", verb="deleted", name=lambda each: session.crons.shown(each.id))
    try:
        writes.run(session)
    finally:
        session.crons.gone(*(each.id for each in writes.done))


@command("cron runs", group="Crons")
def runs(
    session: Session,
    cron: Annotated[object, CRON_REFERENCE] = "last",
    *,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List the runs of a cron, newest first.

    For a cron without a thread and without --keep, only live runs are there.

    Args:
        cron: c1, an id or a part of one, $cron; the last one made otherwise.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.

    Returns:
        A table of runs; `.df` is a pandas frame. %lg_messages -t THREAD shows the messages of one.

    Raises:
        UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron runs c1
    """
    return runs_of_cron(session, which_cron(session, cron), MOST if all else limit, offset)
