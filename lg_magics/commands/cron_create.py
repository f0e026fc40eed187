"""Crons: make one. Says plainly what becomes of what it runs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from lg_magics.actions.input_check import check_nodes, checked_request, way_to_send
from lg_magics.actions.launch import request_for
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.commands.crons import facts_of_cron
from lg_magics.commands.runs import Durability, Multitask, checked_address
from lg_magics.errors import CommandError
from lg_magics.grammar.kinds import Check, Key
from lg_magics.grammar.parameters import KeyValues, Option, Positional, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.cell import Cell
from lg_magics.model.cron_schedule import checked_schedule, checked_zone, end_from
from lg_magics.model.run_input import input_from
from lg_magics.model.stream_parts import checked_modes, wire_mode
from lg_magics.resolve.assistants import assistant_name
from lg_magics.resolve.crons import CRON, SESSION, remember_cron
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session
from lg_magics.tables.crons import Cron, cron_from_row

__all__ = [
    "Context",
    "Durable",
    "Header",
    "Input",
    "Metadata",
    "Modes",
    "Nodes",
    "Until",
    "Values",
    "Webhook",
    "Zone",
    "create",
    "streamed",
]

VANISHES = "What it runs is deleted, thread and result, as soon as it ends. --keep keeps it."
KEPT = "Each time leaves a thread behind, and nobody deletes them."
OF_A_RUN = (
    *("input", "config", "context", "metadata", "headers", "webhook"),
    *("interrupt_before", "interrupt_after", "multitask_strategy", "durability"),
)

Values = Annotated[Mapping[str, object] | None, KeyValues("-c")]
Input = Annotated[object, Option("-i", value="$object", completes="python")]
Context = Annotated[Mapping[str, object] | None, Option(value="$context", completes="python", everyday=False)]
Zone = Annotated[str | None, Option(value="ZONE")]
Until = Annotated[str | datetime | timedelta | None, Option(value="WHEN")]
Metadata = Annotated[Mapping[str, object] | None, KeyValues()]
Header = Annotated[Mapping[str, object] | None, KeyValues(everyday=False)]
Webhook = Annotated[str | None, Option(value="URL", everyday=False)]
Nodes = Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)]
Modes = Annotated[Sequence[str] | None, Option(value="MODES", everyday=False)]
Durable = Annotated[Durability | None, Option(everyday=False)]


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
    """Let the deployment launch a run again and again, until the cron is deleted.

    Without --thread each run begins on a thread of its own, and is deleted with it when it ends: --keep keeps it.

    Args:
        schedule: Minute, hour, day of the month, month, day of the week, in quotes: "0 9 * * MON-FRI".
        text: What to say each time, verbatim to the end of the line; it becomes one human message.
        assistant: Which assistant runs; the current one otherwise. With --thread, one of the thread's graph, as with %lg_run.
        thread: Run on this thread, which goes on each time; the cron goes with it when it is deleted.
        timezone: The time zone of the schedule, as Europe/Berlin; UTC otherwise.
        until: The end: 7d, 2027-01-31, "2027-01-31 18:00" (in --timezone, or else in this machine's), or a $datetime.
        keep: Keep each run's thread. They pile up until somebody deletes them.
        disabled: Make it paused; %lg_cron resume lets it fire.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        context: The graph's static context, a mapping.
        metadata: Metadata of the cron, its runs and their threads, as k=v; may be repeated.
        header: A header for the call that makes it, as x-user-id=lance; its value is shown nowhere.
        webhook: An address that the deployment calls when each run has ended.
        multitask: With --thread: what to do while a run is live there, as with %lg_run.
        interrupt_before: Stop each run before these nodes, a,b, or * for each.
        interrupt_after: Stop each run after these nodes, or after each.
        durability: When checkpoints are written: async, sync or exit, as with %lg_run.
        mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
        subgraphs: With --mode: stream the nodes of subgraphs too.
        yes: Do it on a protected deployment too.
        key: The key of the graph's input that takes the text as a message; its schema tells it otherwise (`messages`).
        check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

    Returns:
        The cron: `.cron_id`; `.data` is the server's row.

    Raises:
        CommandError: the schedule is none; the message says which field is wrong.
        NotFound: no such thread. Unsupported: this deployment has no crons.

    Example:
        %lg_cron create --keep --timezone Europe/Berlin "0 9 * * MON-FRI" What's on my list today?
    """
    wanted = _schedule(schedule, text)
    zone = checked_zone(timezone) if timezone is not None else ""
    end = end_from(until, session.connection.now(), zone) if until is not None else None
    payload = input_from(text, input, is_json=json)
    if thread and keep:
        raise CommandError("--keep is for crons without a thread: this one leaves all on its thread.")
    if payload is None and not thread:
        raise CommandError("What is it to say each time?", hint='%lg_cron create "0 9 * * *" TEXT, or -i $object')
    where = which_thread(session, thread) if thread else None
    settings = {"configurable": configurable, "context": context, "metadata": {**(metadata or {}), **_tags(session)}}
    if multitask and not thread:
        raise CommandError("--multitask is for crons on a thread: the others begin one each time.", hint="-t THREAD")
    if subgraphs and not mode:
        raise CommandError("--subgraphs belongs to --mode.", hint="--mode values --subgraphs")
    request = request_for(
        session,
        where,
        assistant=assistant,
        input=payload,
        header=header,
        webhook=checked_address(webhook),
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
    what |= streamed(mode, subgraphs)
    made = session.connection.crons.create(request.assistant, request.thread_id, what, end=end)
    cron = cron_from_row(made)
    if where:
        session.graphs.share_thread(where.id)
    remember_cron(session, cron, assistant_name(session, request.assistant))
    kept = "" if where else KEPT if keep else VANISHES
    return facts_of_cron(session, cron, "Made cron", warning=" ".join(filter(None, (kept, request.note, unset))))


def streamed(mode: Sequence[str] | None, subgraphs: bool) -> dict[str, object]:
    """What a cron keeps of the streams of its runs: they can be replayed."""
    if not mode:
        return {}
    modes = [wire_mode(each) for each in checked_modes(mode)]
    return {"stream_mode": modes, "stream_resumable": True, **({"stream_subgraphs": True} if subgraphs else {})}


def _schedule(schedule: str, text: str | None) -> str:
    """The schedule; one that lost its quotes is recognised by what the text begins with."""
    words = [schedule, *(text or "").split()]
    try:
        return checked_schedule(schedule)
    except CommandError as problem:
        if len(schedule.split()) == 1 and len(words) >= 5:
            try:
                meant = checked_schedule(" ".join(words[:5]))
            except CommandError:
                raise problem from None
            raise CommandError(
                "A schedule stands in quotes.", hint=f'"{meant}" {" ".join(words[5:])}'.rstrip()
            ) from None
        raise


def _tags(session: Session) -> dict[str, str]:
    """What a cron made here is found again by; its runs and their threads carry it too."""
    return {SESSION: session.id, **Cell(session.notebook()).tags, CRON: uuid.uuid4().hex[:12]}
