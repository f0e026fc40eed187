"""A run for each row of a frame: what is to be done is worked out and shown, or begun. It returns before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal, overload

from lg_magics.actions.batch_attach import attached_batch, begun
from lg_magics.actions.batch_check import checked_plan
from lg_magics.actions.batch_plan import planned
from lg_magics.actions.dataset import REFERENCE
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.errors import CommandError
from lg_magics.follow.batch import Batch
from lg_magics.follow.time_limit import seconds_to_wait
from lg_magics.grammar.kinds import Check, Key, Timeout
from lg_magics.grammar.parameters import AtLeast, AtMost, KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.scores import scorers_from
from lg_magics.model.template import checked_column
from lg_magics.session import Session
from lg_magics.tables.batch_plan import planned_facts
from lg_magics.tables.facts import Facts

__all__ = ["batch"]

AT_A_TIME, MOST_AT_A_TIME = 10, 64
MOST_REPEATS = 1000


@overload
def batch(
    session: Session,
    frame: object = None,
    *,
    input: str | None = None,
    assistant: Sequence[str] | None = None,
    concurrency: int | None = None,
    per_minute: int | None = None,
    repeat: int | None = None,
    score: object = None,
    reference: str | None = None,
    dry_run: Literal[False] = False,
    max_tokens: int | None = None,
    configurable: Mapping[str, object] | None = None,
    wait: bool = False,
    timeout: float | None = None,
    attach: str | None = None,
    yes: bool = False,
    stateless: bool = False,
    keep: bool = False,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    key: str | None = None,
    check: bool = True,
) -> Batch: ...
@overload
def batch(
    session: Session,
    frame: object = None,
    *,
    input: str | None = None,
    assistant: Sequence[str] | None = None,
    concurrency: int | None = None,
    per_minute: int | None = None,
    repeat: int | None = None,
    score: object = None,
    reference: str | None = None,
    dry_run: Literal[True],
    max_tokens: int | None = None,
    configurable: Mapping[str, object] | None = None,
    wait: bool = False,
    timeout: float | None = None,
    attach: str | None = None,
    yes: bool = False,
    stateless: bool = False,
    keep: bool = False,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    key: str | None = None,
    check: bool = True,
) -> Facts: ...
@overload
def batch(
    session: Session,
    frame: object = None,
    *,
    input: str | None = None,
    assistant: Sequence[str] | None = None,
    concurrency: int | None = None,
    per_minute: int | None = None,
    repeat: int | None = None,
    score: object = None,
    reference: str | None = None,
    dry_run: bool = False,
    max_tokens: Annotated[int | None, AtLeast(1)] = None,
    configurable: Mapping[str, object] | None = None,
    wait: bool = False,
    timeout: float | None = None,
    attach: str | None = None,
    yes: bool = False,
    stateless: bool = False,
    keep: bool = False,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    key: str | None = None,
    check: bool = True,
) -> Batch | Facts: ...
@command("batch", group="Runs")
def batch(
    session: Session,
    frame: Annotated[object, Positional(completes="file", value="$frame|FILE")] = None,
    *,
    input: Annotated[str | None, Option("-i", value="TEMPLATE|COLUMN")] = None,
    assistant: Annotated[Sequence[str] | None, Option("-a", value="A,B", completes="assistant")] = None,
    concurrency: Annotated[int | None, AtLeast(1), AtMost(MOST_AT_A_TIME)] = None,
    per_minute: Annotated[int | None, AtLeast(1)] = None,
    repeat: Annotated[int | None, AtLeast(1), AtMost(MOST_REPEATS)] = None,
    score: Annotated[object, Option(value="$f,$g", completes="python")] = None,
    reference: Annotated[str | None, Option(value="COLUMN")] = None,
    dry_run: bool = False,
    max_tokens: Annotated[int | None, AtLeast(1)] = None,
    configurable: Annotated[Mapping[str, object] | None, KeyValues("-c")] = None,
    wait: bool = False,
    timeout: Timeout = None,
    attach: Annotated[str | None, Option(value="ID", completes="batch")] = None,
    yes: bool = False,
    stateless: Annotated[bool, Option(everyday=False)] = False,
    keep: Annotated[bool, Option(everyday=False)] = False,
    config: Annotated[Mapping[str, object] | None, Option(value="$config", completes="python", everyday=False)] = None,
    context: Annotated[
        Mapping[str, object] | None, Option(value="$context", completes="python", everyday=False)
    ] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    header: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    key: Key = None,
    check: Check = True,
) -> Batch | Facts:
    """Launch a run for each row of a frame, and watch them all on one card.

    It returns at once. Each row gets a thread of its own, on which all that is needed to go on is written before the first run
    is launched: after a kernel restart `--attach` goes on, and launches no row twice.

    Args:
        frame: A DataFrame, a list of dicts, a mapping of columns; a file that ends in .csv, .tsv, .json or .jsonl; or, where
            LANGSMITH_API_KEY is set, the name of a LangSmith dataset.
        input: A template, "Weather in {city}?", whose text becomes one human message; or a column, whose dicts and lists
            are the graph's whole input, and whose other cells are messages. Literal braces are doubled.
        assistant: Which assistants run, each on every row; the current one otherwise. NAME@2 is version 2 of one. {column} is
            the one that the row names.
        concurrency: How many runs at a time, at most 64; 10 otherwise.
        per_minute: Launch at most so many in a minute.
        repeat: How often each row runs with each assistant; 1 otherwise.
        score: A function, several, or a mapping from names to functions, called for each good run. It takes any of outputs,
            reference_outputs, inputs, run, example (as LangSmith's evaluators do), output and row, by name, and returns a bool,
            a number, a text, {"key", "score", "comment"}, or a list of those. Each score is a column.
        reference: The column whose cells are the scorers' `reference_outputs`; of a LangSmith dataset its outputs otherwise.
        dry_run: Say what would be run, and send nothing.
        max_tokens: Launch no more rows when the batch has used so many tokens.
        configurable: A configurable value for each run, as user_id=Test or n:=3, or the row's own, as prompt={prompt}; may
            be repeated.
        wait: Wait until all have ended.
        timeout: With --wait: give up waiting after so many seconds. The batch goes on.
        attach: Go on with this batch of the deployment; without a frame. What was not kept because it looks secret is
            given again, with -c, --config, --context or --metadata.
        yes: Do it on a protected deployment too.
        stateless: With --keep: let each run make its thread itself. Such a batch cannot be attached to.
        keep: Keep the threads of stateless runs, from which their results come.
        config: A whole config for each run, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata to keep with each run, as k=v or k={column}; may be repeated.
        header: A header for each launch, as k=v; its value is shown and kept nowhere.
        key: The key of the graph's input that takes a text as a message; its schema tells it otherwise (`messages`).
        check: Hold the first row's input and settings against the graph's schemas first, with --dry-run and --attach too;
            --no-check sends them whatever they are.

    Returns:
        The batch: `.df`, `.wait()`, `.counts`, `.cancel()`, `.retry()`. With --dry-run, what would be done.

    Raises:
        CommandError: the frame has no rows, or no such column; or the graph surely cannot take the first input.
        ReferenceError: no such assistant. NotFound: no such batch.

    Example:
        %lg_batch $values --input "Weather in {city}?" -a agent --dry-run
    """
    session.connection  # noqa: B018 - says so if there is none
    if timeout is not None and not wait:
        raise CommandError("--timeout belongs to --wait.", hint="%lg_batch $frame --input TEMPLATE --wait --timeout 60")
    seconds_to_wait(timeout)
    if attach is not None:
        if frame is not None or any((input, assistant, repeat, dry_run, stateless, keep, key)):
            raise CommandError("A batch that is attached to has its rows already.", hint=f"%lg_batch --attach {attach}")
        refuse_if_protected(session, f"the batch {attach} is not gone on with", yes=yes)
        found = attached_batch(
            session,
            attach,
            config=config,
            configurable=configurable,
            context=context,
            metadata=metadata,
            header=header,
            score=score,
            reference=reference,
            concurrency=concurrency,
            per_minute=per_minute,
            max_tokens=max_tokens,
            check=check,
        )
        return _waited_for(session, found, wait, timeout)
    if stateless != keep:
        raise CommandError("What a stateless run leaves is gone unless it is kept.", hint="--stateless --keep")
    what = {"config": config, "configurable": configurable, "context": context, "metadata": metadata, "header": header}
    plan, request = planned(session, frame, input, assistant, is_kept=keep, **what)
    columns = plan.rows.columns
    reference = reference or (REFERENCE if isinstance(frame, str) and REFERENCE in columns else None)
    checked_column(reference or "", columns)
    scorers = scorers_from(score, has_reference=reference is not None)
    plan = replace(
        plan,
        concurrency=concurrency or AT_A_TIME,
        per_minute=per_minute,
        max_tokens=max_tokens,
        repeat=repeat or 1,
        reference=reference or "",
    )
    plan = checked_plan(session, plan, key=key, check=check)
    if dry_run:
        return planned_facts(plan, session.connection.deployment.name, session.connection.url)
    refuse_if_protected(session, f"{len(plan.entries())} runs are not launched", yes=yes)
    return _waited_for(session, begun(session, plan, request.headers, scorers), wait, timeout)


def _waited_for(session: Session, batch: Batch, wait: bool, timeout: float | None) -> Batch:
    if wait:
        session.announce(batch)
        batch.wait(timeout)
    return batch
