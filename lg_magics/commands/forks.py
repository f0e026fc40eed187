"""What if it had gone otherwise: go on from an earlier checkpoint, or write into the state. The old branch stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, overload

from lg_magics.commands.assistant_on_thread import assistant_on
from lg_magics.commands.grammar.kinds import Check
from lg_magics.commands.grammar.parameters import Option, Positional, Tail
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.input_check import check_values, checked_request
from lg_magics.commands.launch import launch, request_for
from lg_magics.commands.protected import refuse_if_protected
from lg_magics.commands.which import which_thread
from lg_magics.commands.which_checkpoint import state_payload, which_checkpoint
from lg_magics.errors import CommandError, LgError, ReferenceError
from lg_magics.follow.run import Run
from lg_magics.model.checkpoints import Checkpoint, checkpoint_from_payload
from lg_magics.model.conversation import conversation_in
from lg_magics.model.run_info import ThreadInfo
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

__all__ = ["fork", "update"]

PLACE = re.compile(r"-?[0-9]{1,9}\Z")


@overload
def fork(
    session: Session,
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: Literal[False] = False,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Facts: ...
@overload
def fork(
    session: Session,
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: Literal[True],
    wait: bool = False,
    card: bool = True,
    assistant: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Run: ...
@overload
def fork(
    session: Session,
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: bool = False,
    wait: bool = False,
    card: bool = True,
    assistant: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Run | Facts: ...
@command("fork", group="State")
def fork(
    session: Session,
    checkpoint: Annotated[str, Positional(value="CHECKPOINT")],
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    values: Annotated[object, Option("-v", value="$values", completes="python")] = None,
    as_node: Annotated[str | None, Option(value="NODE")] = None,
    message: Annotated[str | int | None, Option("-m", value="ID|N")] = None,
    run: bool = False,
    wait: bool = False,
    card: bool = True,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant")] = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
    check: Check = True,
) -> Run | Facts:
    """Go on from an earlier checkpoint of the thread: with other values, or with a message rewritten.

    The head of the thread moves to the new branch, where the next run goes on. The old branch stays: %lg_history shows both.

    Args:
        checkpoint: Where to begin: step:1, b2:4, or an id.
        text: With --message: the message's new text.
        values: What to write into the state there, a mapping; the graph's reducers apply.
        as_node: Write it as if this node had.
        message: Rewrite this message: its id, a part of it, or its place (0 is the first, -1 the last).
        run: Run on from there, without new input.
        wait: With --run: wait until it has ended.
        card: With --run: show a card.
        assistant: With --run: which assistant runs, whatever the thread's graph is; otherwise one of the thread's graph, as
            with %lg_run.
        thread: Whose checkpoint it is; the current thread's otherwise.
        yes: Do it on a protected deployment too.
        check: Hold the values, and with --run the settings, against the graph's schemas first; --no-check sends them whatever
            they are.

    Returns:
        The run, with --run; what is the head now, otherwise.

    Raises:
        ReferenceError: no such checkpoint or message. Conflict: a run is live on the thread.
        CommandError: the values, or a setting, are surely wrong by the graph's schemas.

    Example:
        %lg_fork --run --message 0 step:0 Give me a summary of all ToDos due next week.
    """
    if wait and not run:
        raise CommandError("--wait belongs to --run.", hint="%lg_fork --run --wait step:1")
    if not run and (assistant or not card):
        raise CommandError("--assistant and --no-card belong to --run.", hint="%lg_fork --run -a NAME step:1")
    found = which_thread(session, thread)
    _refuse_if_live(session, found, "fork")
    refuse_if_protected(session, f"the head of {found} stays where it is", yes=yes)
    base = which_checkpoint(session, found, checkpoint)
    rewritten = _rewritten(session, found, base, message, text, values)
    is_replay = rewritten is None and as_node is None and run  # the server makes the new branch itself
    if check and values is not None:
        check_values(session, assistant_on(session, found, assistant).sent, values)
    request = request_for(session, found, assistant=assistant, input=None, checkpoint_id=base.id) if run else None
    unset = checked_request(session, request, is_text=False)[1] if request and check else ""
    start = base.id if is_replay else _write(session, found, rewritten, as_node, base.id)
    if request is None:
        return _head(session, found, checkpoint)
    launched = launch(session, replace(request, checkpoint_id=start), found, card=card, unset=unset)
    if wait:
        session.announce(launched)
        launched.wait()
    return launched


def _refuse_if_live(session: Session, thread: ThreadInfo, doing: str) -> None:
    live = session.tracker.live_on(thread.id)
    if live:
        number = live[0].number
        raise LgError(
            f"{number} is still {live[0].status} on {thread}: cannot {doing} now.",
            hint=f"%lg_wait {number} or %lg_cancel {number}",
        )


def _rewritten(
    session: Session, thread: ThreadInfo, base: Checkpoint, message: str | int | None, text: str | None, values: object
) -> Any:
    """The values to write: those given, or the message with its new text; None for none."""
    if message is None:
        if text:
            raise CommandError("A text belongs to --message.", hint="%lg_fork --message 0 step:0 TEXT")
        return values
    if values is not None or not text:
        raise CommandError(
            "--message wants the message's new text, and no --values.", hint="%lg_fork --message 0 step:0 TEXT"
        )
    held = state_payload(session, thread, base.id).get("values")
    key, payloads = conversation_in(held)
    original = _message(list(payloads), str(message).strip(), thread)
    rewritten = [{**original, "content": text}]
    return {key: rewritten} if key else rewritten


def _message(payloads: list[Any], reference: str, thread: ThreadInfo) -> Mapping[str, Any]:
    named = [each for each in payloads if isinstance(each, Mapping) and each.get("id")]
    if PLACE.match(reference):
        place = int(reference)
        fitting = named[place:][:1] if -len(named) <= place < len(named) else []
    else:
        fitting = [each for each in named if reference in str(each["id"])]
    if len(fitting) == 1:
        return fitting[0]
    what = "No message" if not fitting else f"{len(fitting)} messages"
    where = f"at that checkpoint of {thread}, which has {len(named)}"
    raise ReferenceError(f"{what} '{reference}' {where}.", hint="Its place will do: --message 0")


def _write(session: Session, thread: ThreadInfo, values: Any, as_node: str | None, checkpoint_id: str | None) -> str:
    return session.connection.states.update(
        thread.id, values, as_node=as_node, checkpoint_id=checkpoint_id, shown=thread.shown
    )


def _head(session: Session, thread: ThreadInfo, base: str | None, warning: str = "") -> Facts:
    head = checkpoint_from_payload(state_payload(session, thread))
    after = f", forked from {base}" if base else ""
    then = (("next", ", ".join(head.next)),) if head.next else ()
    lines = (("%lg_fork --run step:" + str(head.step), "run on from here"), ("%lg_history", "see the branches"))
    data = {"checkpoint_id": head.id, "step": head.step, "next": list(head.next)}
    return Facts(f"The head of {thread} is step {head.step} now{after}.", then, lines, warning, data)


@command("state update", group="State")
def update(
    session: Session,
    values: Annotated[object, Positional(completes="python", value="$values")],
    *,
    as_node: Annotated[str | None, Option(value="NODE")] = None,
    at: Annotated[str | None, Option(value="CHECKPOINT")] = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
) -> Facts:
    """Write into a thread's state: a new checkpoint, which is the head from now on.

    Args:
        values: What to write, a mapping or JSON; the graph's reducers apply.
        as_node: Write it as if this node had, which decides what runs next.
        at: Write it after this checkpoint: step:4, b2:4, or an id; the head otherwise.
        thread: Which thread; the current one otherwise.
        yes: Do it on a protected deployment too.

    Raises:
        InvalidRequest: no such node, values that do not fit, or a thread that never ran.
        Conflict: a run is live on the thread.

    Example:
        %lg_state update $values --as-node agent
    """
    found = which_thread(session, thread)
    _refuse_if_live(session, found, "write the state")
    refuse_if_protected(session, f"the state of {found} is not written", yes=yes)
    known = state_payload(session, found).get("values")
    base = which_checkpoint(session, found, at).id if at else None
    _write(session, found, values, as_node, base)
    return _head(session, found, at, _unknown_keys(values, known))


def _unknown_keys(values: object, known: object) -> str:
    """The server takes keys that the graph does not know, and drops them without a word."""
    if not isinstance(values, Mapping) or not isinstance(known, Mapping) or not known:
        return ""
    unknown = [str(key) for key in values if key not in known]
    return (
        f"The state had no {', '.join(unknown)} before: the server drops keys that the graph does not know."
        if unknown
        else ""
    )
