"""Batches: launch a run for each row of a frame, and compare two batches. Draws nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, overload

from lg_magics.actions.batch_attach import attached_batch, begun
from lg_magics.actions.batch_plan import REFERENCE, checked_plan, planned
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.errors import (
    CommandError,
    ComparisonFailed,
    UnknownReference,
    WaitInterrupted,
    WaitTimedOut,
    type_phrase,
)
from lg_magics.files import lines_of_file, path_of
from lg_magics.follow.batch import Batch
from lg_magics.follow.waiting import seconds_to_wait
from lg_magics.grammar.kinds import Check, Key, Timeout
from lg_magics.grammar.names import PATH
from lg_magics.grammar.parameters import AtLeast, AtMost, KeyValues, Option, Positional, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.batch_plan import CONFIGURABLE, BatchPlan
from lg_magics.model.compare import NO_CHANGE, Measure, Side, compared
from lg_magics.model.messages import shortened
from lg_magics.model.outcomes import Outcome, outcomes_from_lines
from lg_magics.model.scores import scorers_from
from lg_magics.model.secrets import looks_secret
from lg_magics.model.template import checked_column
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session
from lg_magics.tables.batch import planned_facts
from lg_magics.tables.compare import Compared, missing_words, signed
from lg_magics.tables.facts import Facts

__all__ = ["batch", "compare"]

AT_A_TIME, MOST_AT_A_TIME = 10, 64


MOST_REPEATS = 1000


QUESTION = "question"
SHORT = 40
HINT = "%lg_compare $before $after, %lg_compare baseline.jsonl $batch, %lg_compare $batch -a A,B, or %lg_compare -a A,B TEXT"
Thing = Batch | tuple[str, list[Outcome]]


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

    It returns at once. Each row gets a thread of its own. Before the first run is launched, the whole batch is written to the
    deployment: after a kernel restart, `--attach` resumes it, and launches no row twice.

    Args:
        frame: A DataFrame, a list of dicts, a mapping of columns; a file that ends in .csv, .tsv, .json or .jsonl; or, where
            LANGSMITH_API_KEY is set, the name of a LangSmith dataset.
        input: A template, "Weather in {city}?", whose text becomes one human message; or a column, whose dicts and lists
            are the graph's whole input, and whose other cells are messages. Literal braces are doubled.
        assistant: The assistants, each of which runs on every row; the current one otherwise. NAME@2 is version 2 of one.
            {column} uses the assistant that the row names.
        concurrency: The number of runs at a time, at most 64; 10 otherwise.
        per_minute: Launch at most so many runs per minute.
        repeat: The number of runs of each row with each assistant; 1 otherwise.
        score: A function, several, or a mapping from names to functions, called for each good run. It takes any of outputs,
            reference_outputs, inputs, run, example (as LangSmith's evaluators do), output and row, by name, and returns a bool,
            a number, a text, {"key", "score", "comment"}, or a list of those. Each score is a column.
        reference: The column whose cells are the scorers' `reference_outputs`; of a LangSmith dataset its outputs otherwise.
        dry_run: Show what would be launched, and launch nothing.
        max_tokens: Launch no more rows when the batch has used so many tokens.
        configurable: A configurable value for each run, as user_id=Test or n:=3, or the row's own, as prompt={prompt}; may
            be repeated.
        wait: Wait until all have ended.
        timeout: With --wait: give up waiting after so many seconds. The batch goes on.
        attach: Resume this batch of the deployment; without a frame. Give values that were not kept because they look secret
            again, with -c, --config, --context or --metadata.
        yes: Also allow it on a protected deployment.
        stateless: With --keep: let each run create its own thread. Such a batch cannot be attached to.
        keep: Keep the threads of stateless runs, from which the results are read.
        config: A whole config for each run, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata of each run, as k=v or k={column}; may be repeated.
        header: A header for each launch, as k=v; its value is shown and kept nowhere.
        key: The key of the graph's input that takes a text as a message; otherwise that of its schema (`messages`).
        check: Check the first row's input and settings against the graph's schemas first, also with --dry-run and --attach;
            --no-check sends them unchecked.

    Returns:
        The batch: `.df`, `.wait()`, `.counts`, `.cancel()`, `.retry()`. With --dry-run, what would be done.

    Raises:
        CommandError: the frame has no rows, or no such column; or the graph surely cannot take the first input.
        UnknownReference: no such assistant. NotFound: no such batch.

    Example:
        %lg_batch $values --input "Weather in {city}?" -a agent --dry-run
    """
    session.connection  # noqa: B018 - raises if there is none
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
        raise CommandError(
            "--stateless and --keep go together: results of a stateless run are deleted when it ends.",
            hint="--stateless --keep",
        )
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
        try:
            batch.wait(timeout)
        except (WaitTimedOut, WaitInterrupted) as problem:  # the caller has no variable of it yet
            ways = f"%lg_wait --all waits again, %lg_batch --attach {batch.id} returns it."
            raise type(problem)(problem.message, hint=ways) from None
    return batch


@command("compare", group="Runs")
def compare(
    session: Session,
    before: Annotated[object, Positional(completes="batch", value="BEFORE", unless="assistant")] = None,
    after: Annotated[object, Positional(completes="batch", value="AFTER", unless="assistant")] = None,
    text: Annotated[object, Tail(value="TEXT")] = None,
    *,
    assistant: Annotated[Sequence[str] | None, Option("-a", value="A,B", completes="assistant")] = None,
    fail_below: Annotated[float | None, Option(value="X")] = None,
    repeat: Annotated[int | None, AtLeast(1), AtMost(1000)] = None,
    score: Annotated[object, Option(value="$f,$g", completes="python")] = None,
    thread: Annotated[str | None, Option("-t", completes="thread")] = None,
    yes: bool = False,
    key: Key = None,
    check: Check = True,
) -> Compared:
    """Compare two batches, two assistants of one batch, or a saved file with a batch; or ask two assistants one question.

    Rows are paired by their cells, and runs by row and repeat. It shows for each score both means, the mean difference with its
    95 % interval (a bootstrap over the rows, the same each time), and how many rows are better, worse or the same; then tokens,
    seconds, and the rows that changed, the worst first. It waits for batches that are not over.

    Args:
        before: The baseline: a batch, its id, or a file of batch.save("baseline.jsonl").
        after: The batch to compare: a batch, its id, or a file.
        text: With -a A,B: a question for both assistants. Each run is on its own copy of the current thread.
        assistant: Two assistants, NAME@2 for a version of one; or the one of both batches that is compared.
        fail_below: Raise an error, in one line, if the difference of a score is below this, as -0.02, or a score that was there
            is not there any more, in any row, or its scorer fails.
        repeat: With TEXT: the number of runs of each assistant; 1 otherwise.
        score: With TEXT: the scorers of the answers, as for %lg_batch.
        thread: With TEXT: the thread to copy; the current one otherwise, if there is one.
        yes: Also allow it on a protected deployment.
        key: With TEXT: the key of the graphs' inputs that takes it as a message; otherwise the one of their schemas (`messages`).
        check: With TEXT: refuse a question that one of the graphs surely cannot take; --no-check sends it unchecked.

    Returns:
        The comparison: `.summary`, `.df`, `.changed`.

    Raises:
        ComparisonFailed: a score's difference is below `fail_below`, or the score is missing.
        CommandError: there is nothing to compare, no row that both have, or a graph that takes no messages.

    Example:
        %lg_compare baseline.jsonl $batch --fail-below -0.02
    """
    names = _names(assistant)
    if isinstance(text, str):
        if before is not None or after is not None:
            raise CommandError("A question is put to assistants, not to batches.", hint=HINT)
        _refuse_references(session, text, names)
        batch = _asked(session, text, names, repeat or 1, score, thread, yes, key, check)
        sides = _sides(batch, batch, names)
    elif repeat is not None or score is not None or thread is not None or yes or key or not check:
        raise CommandError("--repeat, --score, --thread, --key, --no-check and --yes are for a question.", hint=HINT)
    else:
        places = (before, after, *(text if isinstance(text, list) else [text]))
        given = [each for each in places if each is not None]
        if not 1 <= len(given) <= 2:
            many = f"At most two batches or files are compared, got {len(given)}"
            raise CommandError(f"{many if given else 'A batch or a file is needed'}.", hint=HINT)
        things = [_thing(session, each) for each in given]
        sides = _sides(things[0], things[-1], names)
    found = Compared(compared(*sides))
    if fail_below is not None:
        _fail(session, found, fail_below)
    return found


def _fail(session: Session, found: Compared, fail_below: float) -> None:
    comparison = found.comparison
    measures = comparison.measures
    hint = "%lg_compare without --fail-below shows the rows."
    if fallen := [each for each in measures if each.difference < fail_below - NO_CHANGE]:
        session.announce(found)
        raise ComparisonFailed(
            f"{found.headline}: {', '.join(map(_fall, fallen))}; at least {signed(fail_below)} is required.", hint=hint
        )
    if lost := [each for each in comparison.missing if each.place]:
        session.announce(found)
        raise ComparisonFailed(f"{found.headline}: {missing_words(lost[0], comparison)}.", hint=hint)


def _fall(measure: Measure) -> str:
    return f"{measure.name} {signed(measure.difference)} ({measure.before:.2f} to {measure.after:.2f})"


def _names(assistants: Sequence[str] | str | None) -> list[str]:
    listed = assistants.split(",") if isinstance(assistants, str) else assistants or ()
    names = [name for each in listed if (name := each.strip())]
    if len(names) > 2 or len(set(names)) < len(names):
        raise CommandError("Two assistants are compared, each named once.", hint="-a A,B")
    return names


def _thing(session: Session, given: object) -> Thing:
    """A batch that is over, or a file's name and outcomes."""
    if isinstance(given, Batch):
        return _ended(session, given)
    if not isinstance(given, str | os.PathLike):
        raise CommandError(f"A batch or a file is needed, not {type_phrase(given)}.", hint=HINT)
    known = next((each for each in reversed(session.tracker.batches()) if each.id == given), None)
    if known:
        return _ended(session, known)
    path = os.fspath(given)
    if not os.path.exists(path_of(path)):
        raise UnknownReference(
            f"There is no batch '{path}' in this session, and no such file.",
            hint=f"%lg_batch --attach {path} brings a batch of the deployment here.",
        )
    return os.path.basename(path), outcomes_from_lines(lines_of_file(path), path)


def _ended(session: Session, batch: Batch) -> Batch:
    if not batch.is_settled:
        session.announce(batch)
    return batch.wait()


def _sides(before: Thing, after: Thing, names: Sequence[str]) -> tuple[Side, Side]:
    """Both sides, each with the runs of one assistant, under different names."""
    things = (before, after)
    outcomes = [each.outcomes if isinstance(each, Batch) else each[1] for each in things]
    wanted: Sequence[str]
    if before is after:
        wanted = names or _assistants(outcomes[0])
        if len(wanted) != 2:
            raise CommandError(
                f"The runs are of {', '.join(_assistants(outcomes[0]))}: two assistants, or two batches, are compared.",
                hint=HINT,
            )
    else:
        wanted = names if len(names) == 2 else [_only(each, names) for each in outcomes]
    for name, runs in zip(wanted, outcomes, strict=True):
        if name not in _assistants(runs):
            raise CommandError(
                f"The batch has no run of '{name}'. Its assistants: {', '.join(_assistants(runs))}.", hint="-a A,B"
            )
    chosen = [
        tuple(each for each in runs if each.assistant == name) for name, runs in zip(wanted, outcomes, strict=True)
    ]
    first, second = _side_names(things, wanted)
    return Side(first, chosen[0]), Side(second, chosen[1])


def _assistants(outcomes: Sequence[Outcome]) -> list[str]:
    return list(dict.fromkeys(each.assistant for each in outcomes))


def _only(outcomes: Sequence[Outcome], names: Sequence[str]) -> str:
    if names:
        return names[0]
    found = _assistants(outcomes)
    if len(found) > 1:
        raise CommandError(
            f"The runs are of {', '.join(found)}: name one, or one for each side.", hint="-a A or -a A,B"
        )
    return found[0]


def _side_names(things: Sequence[Thing], assistants: Sequence[str]) -> tuple[str, str]:
    """The names of both sides: different, and the same on each call."""
    plans = [each.plan if isinstance(each, Batch) else None for each in things]
    files = [each[0] if not isinstance(each, Batch) else "" for each in things]
    ways: list[tuple[str, str]] = [(assistants[0], assistants[1])]
    if any(files):
        ways = (
            [(files[0] or "the batch", files[1] or "the batch")]
            if all(files) or assistants[0] == assistants[1]
            else ways
        )
    elif plans[0] and plans[1]:
        ways.append((f"“{plans[0].source}”", f"“{plans[1].source}”"))
        ways += _setting_names(plans[0].config, plans[1].config)
    return next((each for each in ways if each[0] != each[1]), ("the first", "the second"))


def _setting_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The settings that differ, as names: `prompt “Be brief.”`; never one that looks secret."""
    ours, theirs = (dict(config.get(CONFIGURABLE) or {}) for config in (before, after))
    for name in dict.fromkeys((*ours, *theirs)):
        if ours.get(name) != theirs.get(name) and not looks_secret(name):
            first, second = (f"{name} “{shortened(str(each.get(name)), SHORT)}”" for each in (ours, theirs))
            yield first, second


def _refuse_references(session: Session, text: str, names: Sequence[str]) -> None:
    """Refuse a question that is nothing but the names of batches and files, before its runs are launched."""
    known = {each.id for each in session.tracker.batches()}
    words = text.split()
    if words and all(each in known or PATH.fullmatch(each) or _is_file(each) for each in words):
        hint = f"%lg_compare {' '.join(words)} -a {','.join(names) or 'A,B'}"
        raise CommandError(f"'{' '.join(words)}' is no question: it names batches or files.", hint=hint)


def _is_file(word: str) -> bool:
    try:
        return os.path.isfile(path_of(word))
    except CommandError:
        return False


def _asked(
    session: Session,
    text: str,
    names: Sequence[str],
    repeat: int,
    score: object,
    thread: str | None,
    yes: bool,
    key: str | None,
    check: bool,
) -> Batch:
    """Ask the assistants a question, each run on its own copy of a thread, and wait for the answers."""
    if not text.strip():
        raise CommandError("Text is required.", hint="%lg_compare -a A,B TEXT")
    if len(names) != 2:
        raise CommandError("A question is put to two assistants.", hint="%lg_compare -a A,B TEXT")
    scorers = scorers_from(score, has_reference=False)
    refuse_if_protected(session, f"{2 * repeat} runs are not launched", yes=yes)
    plan = checked_plan(session, _plan(session, text, names, repeat, thread), key=key, check=check)
    batch = begun(session, plan, _headers(session), scorers)
    session.announce(batch)
    return batch.wait()


def _plan(session: Session, text: str, names: Sequence[str], repeat: int, thread: str | None) -> BatchPlan:
    plan, _ = planned(session, [{QUESTION: text}], QUESTION, names, is_kept=False)
    plan = replace(plan, repeat=repeat)
    if thread is None and session.selection.thread is None:
        return plan
    source = session.connection.threads.get(which_thread(session, thread).id)
    if (
        "graph_id" not in source.metadata
    ):  # nothing ran on it: the server cannot run a copy, and there is nothing to copy
        return plan
    return replace(plan, copied_from=source.thread_id, before=source.get("values"))


def _headers(session: Session) -> dict[str, str]:
    return dict(session.selection.defaults.headers)
