"""Crons: change one, pause it, let it fire again, delete it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from lg_magics.actions.input_check import checked_request, way_to_send
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.commands.cron_create import (
    Context,
    Durable,
    Header,
    Input,
    Metadata,
    Modes,
    Nodes,
    Until,
    Values,
    Webhook,
    Zone,
    streamed,
)
from lg_magics.commands.crons import CRON_REFERENCE, facts_of_cron
from lg_magics.commands.runs import checked_address
from lg_magics.errors import CommandError, NotFound
from lg_magics.grammar.kinds import Check, Key
from lg_magics.grammar.parameters import Option, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.cron_schedule import checked_schedule, checked_zone, end_from
from lg_magics.model.run_input import input_from
from lg_magics.model.run_request import ALL_NODES, RunRequest, merged_config
from lg_magics.resolve.assistants import assistant_name
from lg_magics.resolve.crons import crons_here, mine_among, remember_cron, which_cron
from lg_magics.server.deployment import headers_from
from lg_magics.session import Session
from lg_magics.tables.crons import Cron, CronInfo, cron_from_row
from lg_magics.tables.facts import Facts

__all__ = ["delete", "pause", "resume", "update"]

NEVER = "never"


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
    """Change a cron: what is not named stays.

    Args:
        cron: c1, an id or a part of one, $cron, last.
        text: What to say each time from now on.
        schedule: A new schedule, in quotes: "0 10 * * *".
        timezone: The time zone of the schedule, as Europe/Berlin or UTC.
        until: A new end, as 7d or 2027-01-31; never takes it away.
        keep: Keep each run's thread, or, with --no-keep, delete it when the run ends.
        enabled: Let it fire, or pause it with --no-enabled.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; merged into those it has.
        context: The graph's static context, a mapping; in place of the one it has.
        metadata: Metadata to add, as k=v; may be repeated.
        header: A header for this call, as x-user-id=lance; its value is shown nowhere.
        webhook: An address that the deployment calls when each run has ended.
        interrupt_before: Stop each run before these nodes, a,b, or * for each.
        interrupt_after: Stop each run after these nodes, or after each.
        durability: When checkpoints are written: async, sync or exit, as with %lg_run.
        mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
        subgraphs: With --mode: stream the nodes of subgraphs too.
        yes: Do it on a protected deployment too.
        key: The key of the graph's input that takes the text as a message; its schema tells it otherwise (`messages`).
        check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

    Raises:
        CommandError: nothing to change, a schedule that is none, or an input that the graph surely cannot take.
        ReferenceError: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron update c1 --schedule "0 10 * * *" --until never
    """
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
        "webhook": checked_address(webhook) or None,
        "interrupt_before": _nodes(interrupt_before),
        "interrupt_after": _nodes(interrupt_after),
        "durability": durability,
    }
    if subgraphs and not mode:
        raise CommandError("--subgraphs belongs to --mode.", hint="--mode values --subgraphs")
    what: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    is_text = "input" in what and input is None and not json
    if key is not None and not is_text:
        raise CommandError("--key belongs to a text.", hint="%lg_cron update c1 --key chat_history TEXT")
    if check or is_text:
        what |= _checked(session, found, what, is_text=is_text, key=key, check=check)
    what |= streamed(mode, subgraphs)
    if until is not None:
        what["end"] = None if until == NEVER else end_from(until, session.connection.now(), zone or found.zone)
    if enabled is not None:
        what |= _switched(found, enabled)
    if not what.keys() - {"headers"}:
        raise CommandError("Update what?", hint='%lg_cron update c1 --schedule "0 10 * * *"')
    return _updated(session, found, what, "Changed cron", "is not changed", yes=yes)


def _checked(session: Session, cron: CronInfo, what: Mapping[str, Any], **how: Any) -> dict[str, Any]:
    """What is to be changed of the input, held against the graph of the cron."""
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


def _switched(cron: CronInfo, enabled: bool) -> dict[str, Any]:
    """What switches a cron on or off. Switched on, it gets its schedule anew: it would make up at once for what it missed."""
    return {"enabled": True, "schedule": cron.schedule} if enabled else {"enabled": False}


def _updated(session: Session, cron: CronInfo, what: Mapping[str, Any], done: str, not_done: str, *, yes: bool) -> Cron:
    shown = session.crons.shown(cron.id)
    refuse_if_protected(session, f"cron {shown} {not_done}", yes=yes)
    changed = cron_from_row(session.connection.crons.update(cron.id, shown, what))
    if session.crons.is_made_here(cron.id):
        remember_cron(session, changed, assistant_name(session, changed.assistant_id))
    return facts_of_cron(session, changed, done)


@command("cron pause", group="Crons")
def pause(session: Session, cron: Annotated[object, CRON_REFERENCE], *, yes: bool = False) -> Cron:
    """Pause a cron: it does not fire until it is resumed. A run that it has launched goes on.

    Args:
        cron: c1, an id or a part of one, $cron, last.
        yes: Do it on a protected deployment too.

    Raises:
        ReferenceError: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron pause c1
    """
    found = which_cron(session, cron)
    if not found.is_enabled:
        return facts_of_cron(session, found, "Paused already: cron")
    return _updated(session, found, _switched(found, False), "Paused cron", "is not paused", yes=yes)


@command("cron resume", group="Crons")
def resume(session: Session, cron: Annotated[object, CRON_REFERENCE], *, yes: bool = False) -> Cron:
    """Let a paused cron fire again, from its next time on: what it missed is not made up for.

    Args:
        cron: c1, an id or a part of one, $cron, last.
        yes: Do it on a protected deployment too.

    Raises:
        ReferenceError: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron resume c1
    """
    found = which_cron(session, cron)
    if found.is_enabled:
        return facts_of_cron(session, found, "Not paused: cron")
    return _updated(session, found, _switched(found, True), "Resumed cron", "is not resumed", yes=yes)


@command("cron delete", group="Crons")
def delete(
    session: Session,
    cron: Annotated[object, CRON_REFERENCE] = None,
    *,
    mine: bool = False,
    yes: bool = False,
) -> Facts:
    """Delete a cron. A run that it has launched goes on.

    Args:
        cron: c1, an id or a part of one, $cron, last.
        mine: All that this session, or an earlier kernel of this notebook, made.
        yes: Do it on a protected deployment too.

    Raises:
        ReferenceError: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron delete --mine
    """
    if mine == (cron is not None):
        raise CommandError("Delete which one, or all of this session's?", hint="%lg_cron delete c1, or --mine")
    found = mine_among(session, crons_here(session)) if mine else [which_cron(session, cron)]
    names = ", ".join(session.crons.shown(each.id) for each in found)
    if not found:
        return Facts("No cron of this session or notebook is left here.", data={"deleted": []})
    refuse_if_protected(session, f"{names} {'is' if len(found) == 1 else 'are'} not deleted", yes=yes)
    for each in found:
        try:
            session.connection.crons.delete(each.id, session.crons.shown(each.id))
        except NotFound:
            if not mine:
                raise  # somebody was quicker
        session.crons.gone(each.id)
    facts = tuple(
        (session.crons.shown(each.id), f"{each.words}{': ' if each.text else ''}{each.text}") for each in found
    )
    plural = "s" if len(found) > 1 else ""
    return Facts(f"Deleted cron{plural} {names}.", facts, data={"deleted": [each.id for each in found]})
