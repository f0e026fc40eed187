"""The plan of a batch: the input and the settings of each row, and what is sent with each run. Pure.

- `batch_written.py` defines how a plan is stored on the deployment, so that any kernel can continue it.
- Settings can use the row: `-c prompt={p}`, `--metadata city={city}`. A value that is exactly `{column}` becomes that cell, of
  any type. In a longer text, `{column}` becomes the cell's text. All other braces stay, since they are common in
  prompts.
- Values that look secret are not stored. They must be given again when another kernel attaches.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lg_magics.errors import CommandError, LgError
from lg_magics.model.batch import NOT_STARTED, Entry
from lg_magics.model.batch_rows import Rows, Source, json_of, json_of_input
from lg_magics.model.conversation import with_text_under
from lg_magics.model.json_text import json_fault
from lg_magics.model.messages import messages_from_input, shortened
from lg_magics.model.scores import ScoredExample, ScoredRun
from lg_magics.model.secrets import HIDDEN, Path, hidden_paths, with_secrets_replaced
from lg_magics.model.template import is_missing, text_of_cell, unknown_column

__all__ = [
    "BATCH",
    "CONFIGURABLE",
    "LOST",
    "BatchPlan",
    "checked_settings",
    "entry_from_metadata",
    "filled",
    "filled_settings",
    "merged",
    "option_for",
    "path_words",
    "plan_for",
]

BATCH, ROW, ASSISTANT, REPEAT, ATTEMPT = "lg_batch", "lg_row", "lg_assistant", "lg_repeat", "lg_attempt"
LOST = "Nothing of this row is on the deployment."
NAMESPACE = uuid.UUID("0d1a3f62-8f0c-5b8e-9a55-3a1f5f0e6b21")


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The plan of a batch. It does not contain headers, and its values that look secret are not stored anywhere.

    Attributes:
        id: `k7f2-9qd4`.
        rows: the frame's rows.
        source: the template, or the column, as typed.
        assistants: what is sent for each assistant, by its name as given.
        inputs: the input of each row as JSON text; "" if it has none that can be sent.
        problems: for each row, why its input cannot be sent.
        config, context, metadata: sent with each run.
        own: the settings of each row as JSON text, "" if it has none: `assistant`, and values beside the batch's
            `configurable`, `context` and `metadata`.
        versions: the version of each assistant, by its name: the assistant's id, and the number.
        version_settings: the config and context of these versions; they are not stored.
        repeat: how often each row runs with each assistant.
        reference: the column whose cells become the scorers' `reference_outputs`; "" if there is none.
        stateless: whether the runs create their threads themselves, and nothing is stored in advance.
        copied_from: the id of the thread that is copied for each run; nothing is stored in advance then either.
        before: that thread's values.
        keys: the graph's key for a text, by the name of an assistant; `messages` for missing ones.
    """

    id: str
    rows: Rows
    source: str
    assistants: Mapping[str, str]
    inputs: Sequence[str]
    problems: Sequence[str]
    own: Sequence[str] = ()
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    versions: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    version_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    repeat: int = 1
    reference: str = ""
    concurrency: int = 10
    per_minute: int | None = None
    max_tokens: int | None = None
    stateless: bool = False
    copied_from: str = ""
    before: Any = field(default=None, repr=False)
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        """Whether it is stored on the deployment, so that any kernel can continue it."""
        return not (self.stateless or self.copied_from)

    def entries(self) -> list[Entry]:
        """Return an entry for each row, assistant and repeat, row by row; one that cannot be sent is an error already."""
        return [
            Entry(
                row,
                name,
                repeat,
                status="deleted" if problem == LOST else "error" if problem else NOT_STARTED,
                error=problem,
            )
            for row, problem in enumerate(self.problems)
            for name in self._assistants_of(row)
            for repeat in range(1, self.repeat + 1)
        ]

    def _assistants_of(self, row: int) -> Iterable[str]:
        own = self.own_settings(row).get("assistant")
        return (own,) if isinstance(own, str) and own in ("", *self.assistants) else self.assistants

    def own_settings(self, row: int) -> dict[str, Any]:
        """Return the settings that only this row's runs have."""
        value = json.loads(self.own[row]) if row < len(self.own) and self.own[row] else {}
        return value if isinstance(value, dict) else {}

    def settings_of(self, entry: Entry) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the config and the context of an entry's run."""
        own = self.own_settings(entry.row)
        values = {CONFIGURABLE: own[CONFIGURABLE]} if own.get(CONFIGURABLE) else {}
        config, context = merged(self.config, values), merged(self.context, own.get("context") or {})
        version = self.version_settings.get(entry.assistant) or {}
        base, base_context = dict(version.get("config") or {}), version.get("context") or {}
        if context:  # the server copies each to the other, and accepts only one
            base.pop(CONFIGURABLE, None)
            return merged(base, config), merged(base_context, context)
        return merged(base, config), {}

    def asked(self, row: int) -> str:
        """Return a row's input as text: its last message, or the whole input as JSON; "" if it has none."""
        text = self.inputs[row]
        messages = messages_from_input(json.loads(text)) if '"content"' in text or '"messages"' in text else ()
        return messages[-1].text if messages else text

    @property
    def title(self) -> str:
        """Return the template, or the first input and the number of others."""
        if self.source not in self.rows.columns:
            return self.source
        first = next((row for row, text in enumerate(self.inputs) if text), None)
        if first is None:
            return self.source
        more = f", and {len(self.rows) - 1:,} more" if len(self.rows) > 1 else ""
        return f"{shortened(self.asked(first))}{more}"

    @property
    def size(self) -> str:
        """Return `50 rows × 2 assistants × 3 repeats`."""
        assistants = 1 if "assistant" in self.own_settings(0) else len(self.assistants)
        counts = ((len(self.rows), "row"), (assistants, "assistant"), (self.repeat, "repeat"))
        parts = [
            f"{count:,} {noun}{'s' * (count != 1)}" for n, (count, noun) in enumerate(counts) if count != 1 or not n
        ]
        return " × ".join(parts)

    def sent(self, entry: Entry) -> Any:
        """Return the input of an entry's run."""
        value = json.loads(self.inputs[entry.row])
        return with_text_under(value, key) if (key := self.keys.get(entry.assistant)) else value

    def has_single_references(self, column: str) -> bool:
        """Return whether a column's references are single values. Its first cell that is not empty decides."""
        if column not in self.rows.columns:
            return False
        at = self.rows.columns.index(column)
        return not _holds_others(next((cells[at] for cells in self.rows.cells if not is_missing(cells[at])), None))

    def given(self, entry: Entry, values: Any, reference_column: str, is_single: bool) -> dict[str, Any]:
        """Return the arguments for an entry's scorers, by name.

        `outputs` holds the values that the run left, as with LangSmith. Where the reference is a text, a number or another single
        value, `outputs` is the `output` instead, so that the two can be compared. Where it is empty, `is_single` decides.
        """
        sent, row = self.sent(entry), self.rows.row(entry.row)
        reference = None if is_missing(cell := row.get(reference_column)) else cell
        is_plain = is_single if reference is None else not _holds_others(reference)
        run = ScoredRun(entry.run_id, sent, values, entry.thread_id, entry.error or None, entry.seconds, entry.tokens)
        return {
            "inputs": sent,
            "outputs": entry.output if is_plain else values,
            "reference_outputs": reference,
            "run": run,
            "example": ScoredExample(sent, {reference_column: reference} if is_plain else reference, row),
            "output": entry.output,
            "row": row,
        }

    def thread_id(self, entry: Entry, claim: int = 0) -> str:
        """Return the id of an entry's thread, equal in every kernel. Each later claim on the entry has another id."""
        place = f"{entry.row}/{entry.assistant}/{entry.repeat}/{entry.attempt}"
        return str(uuid.uuid5(NAMESPACE, f"{self.id}/{place}/{claim}"))

    def tags(self, entry: Entry) -> dict[str, Any]:
        """Return the metadata of an entry's thread and run, by which they are found."""
        return {
            BATCH: self.id,
            ROW: entry.row,
            ASSISTANT: entry.assistant,
            REPEAT: entry.repeat,
            ATTEMPT: entry.attempt,
        }

    def run_metadata(self, entry: Entry) -> dict[str, Any]:
        """Return the metadata of an entry's run."""
        return {**merged(self.metadata, self.own_settings(entry.row).get("metadata") or {}), **self.tags(entry)}

    def with_values(
        self,
        config: Mapping[str, Any],
        configurable: Mapping[str, Any],
        context: Mapping[str, Any],
        metadata: Mapping[str, Any],
    ) -> BatchPlan:
        """Return the plan with these values merged in at any depth, for example those that were not stored."""
        values = {CONFIGURABLE: configurable} if configurable else {}
        return replace(
            self,
            config=merged(merged(self.config, config), values),
            context=merged(self.context, context),
            metadata=merged(self.metadata, metadata),
        )

    def filled_from(
        self, configurable: Mapping[str, Any], context: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> BatchPlan:
        """Return the plan with these values only where one was not stored."""
        return replace(
            self,
            config=filled(self.config, {CONFIGURABLE: configurable}),
            context=filled(self.context, context),
            metadata=filled(self.metadata, metadata),
        )

    @property
    def unknown_values(self) -> list[str]:
        """Return the names of values that the runs need and that were not stored: `api_key`, `tools[0].token`."""
        return list(dict.fromkeys(path_words(path) for _, path in self._hidden()))

    def values_missing(self) -> LgError:
        """Return the error of a launch without these values; its hint has the options that set them."""
        given = dict.fromkeys(option_for(kind, path) for kind, path in self._hidden())
        return LgError(
            f"The runs of the batch take {', '.join(self.unknown_values)}: "
            "what looks secret is not written down with it, and nothing was launched.",
            hint=f"Give it again: %lg_batch --attach {self.id} {' '.join(given)}",
        )

    def _hidden(self) -> list[tuple[str, Path]]:
        """Return the paths of hidden values, each with its place: configurable, config, context or metadata."""
        config = dict(self.config)
        kinds = {
            CONFIGURABLE: config.pop(CONFIGURABLE, None),
            "config": config,
            "context": self.context,
            "metadata": self.metadata,
        }
        return [(kind, path) for kind, held in kinds.items() for path in hidden_paths(held)]


def _holds_others(cell: Any) -> bool:
    """Return whether a cell is not a single value: it is empty, or a mapping, a list, an array."""
    is_text = isinstance(cell, str)
    return cell is None or (isinstance(cell, Collection) and not is_text) or bool(getattr(cell, "shape", ()))


def plan_for(rows: Rows, inputs_from: Source, *, assistant_column: str = "", **what: Any) -> BatchPlan:
    """Make the plan of a new batch.

    Args:
        rows: the rows.
        inputs_from: the source of their inputs.
        assistant_column: the column that names each row's assistant; "" to run each assistant on every row.
        what: the plan's other fields.

    Raises:
        CommandError: a setting uses a column that the rows do not have.
    """
    settings = {
        CONFIGURABLE: (what.get("config") or {}).get(CONFIGURABLE) or {},
        "context": what.get("context") or {},
        "metadata": what.get("metadata") or {},
    }
    checked_settings(settings, rows.columns)
    found = [_planned(rows.row(place), inputs_from, settings, assistant_column) for place in range(len(rows))]
    inputs, own, problems = ([each[n] for each in found] for n in range(3))
    return BatchPlan(rows=rows, inputs=inputs, own=own if any(own) else (), problems=problems, **what)


def _planned(
    row: Mapping[str, Any], inputs_from: Source, settings: Mapping[str, Any], assistant_column: str
) -> tuple[str, str, str]:
    """Return a row's input, its own settings, and why it cannot be sent."""
    named = {}
    try:
        if assistant_column:
            named = {"assistant": ""}  # the run's assistant, even if the row cannot be sent
            named = {"assistant": text_of_cell(assistant_column, row[assistant_column])}
        own = {**filled_settings(settings, row), **named}
        if problem := next(filter(None, (json_fault(value, name) for name, value in own.items())), None):
            raise ValueError(problem.message.rstrip("."))
        return json_of_input(inputs_from, row), json_of(own) if own else "", ""
    except ValueError as error:
        return "", json_of(named) if named else "", f"Not sent: {error}."


def entry_from_metadata(thread_id: str, metadata: Mapping[str, Any]) -> Entry | None:
    """Return the entry of a thread, from its metadata; None if it is not a batch's."""
    row, assistant, repeat, attempt = (metadata.get(name) for name in (ROW, ASSISTANT, REPEAT, ATTEMPT))
    if not isinstance(row, int) or row < 0 or not isinstance(assistant, str):
        return None
    return Entry(row, assistant, _count(repeat), _count(attempt), thread_id)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 1


ONE = re.compile(r"\{([^{}]+)\}")


def checked_settings(settings: Mapping[str, Any], columns: Sequence[str]) -> None:
    """Check that the columns which settings use exist and are not secret: rows are stored on the deployment.

    Raises:
        CommandError: a column does not exist, or the name of the setting looks secret.
    """

    def refused(path: Sequence[str | int], held: Any) -> Any:
        if _takes_any(held, columns):
            name = ".".join(map(str, path))
            raise CommandError(
                f"'{name}' looks secret, and cannot be taken from the row: each row is written on the deployment.",
                hint="A value that is the same for each run is not written: -c NAME=VALUE.",
            )
        return held

    for value in settings.values():
        _check_columns(value, columns)
        with_secrets_replaced(value, refused)


def _check_columns(value: object, columns: Sequence[str]) -> None:
    for held in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
        _check_columns(held, columns)
    whole = ONE.fullmatch(value) if isinstance(value, str) else None
    if whole and whole[1] not in columns and whole[1].isidentifier():
        raise unknown_column(whole[1], columns)


def _takes(value: str, columns: Sequence[str]) -> bool:
    return any(match[1] in columns for match in ONE.finditer(value))


def filled_settings(settings: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that use the row, with its cells filled in; other settings are left out.

    Raises:
        ValueError: a cell is empty; the message names it.
    """
    columns = list(row)
    return {name: _filled(value, row) for name, value in settings.items() if _takes_any(value, columns)}


def _takes_any(value: object, columns: Sequence[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_takes_any(held, columns) for held in value.values())
    if isinstance(value, list | tuple):
        return any(_takes_any(held, columns) for held in value)
    return isinstance(value, str) and _takes(value, columns)


def _filled(value: Any, row: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(held, row) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(held, row) for held in value]
    if not isinstance(value, str):
        return value
    whole = ONE.fullmatch(value)
    if whole and whole[1] in row and not is_missing(row[whole[1]]):
        return row[whole[1]]
    return ONE.sub(lambda match: text_of_cell(match[1], row[match[1]]) if match[1] in row else match[0], value)


CONFIGURABLE = "configurable"


def merged(written: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Merge given values over stored ones; nested mappings are merged too."""
    result = dict(written)
    for name, value in given.items():
        held = result.get(name)
        result[name] = merged(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    return result


def filled(written: Any, known: Any) -> Any:
    """Replace each hidden value of the stored ones by the known value."""
    if isinstance(written, str) and written == HIDDEN:
        return known
    if isinstance(written, Mapping) and isinstance(known, Mapping):
        return {name: filled(held, known[name]) if name in known else held for name, held in written.items()}
    if isinstance(written, list) and isinstance(known, list | tuple) and len(written) == len(known):
        return [filled(held, other) for held, other in zip(written, known, strict=True)]
    return written


def path_words(path: Path) -> str:
    """Return a path as a user writes it: `tools[0].token`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def option_for(kind: str, path: Path) -> str:
    """Return the option that sets a hidden value again; a nested value needs the whole outer value."""
    if kind in ("config", "context"):
        return f"--{kind} ${kind}"
    option, name = "-c" if kind == CONFIGURABLE else "--metadata", path[0]
    return f"{option} {name}=…" if len(path) == 1 else f"{option} {name}:=${name}"
