"""What a batch is to do, and how that is written beside its threads so that it can be gone on with from anywhere. Pure.

Each row's thread carries in its metadata which batch, row, assistant and attempt it is of, the row's cells and its input as
JSON texts, and the settings of the whole batch. The server copies a thread's metadata onto each of its runs, and from there
onto every checkpoint (langgraph-api 0.16); so a run is created with the large ones blanked: the run's own word wins.

Threads are written one by one, and a kernel may die meanwhile. So the first one is written first, and holds the rows of the
others too until all are there: as long as it does, a row without a thread has not started; afterwards such a row was deleted.
Where that would be too large for one request, several threads hold them, and the first one is the last of these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from lg_magics.errors import LgError
from lg_magics.model.batch import NOT_STARTED, Entry
from lg_magics.model.batch_rows import Rows, Source, json_of, json_of_cells, json_of_input
from lg_magics.model.batch_values import CONFIGURABLE, filled, merged, option_for, path_words
from lg_magics.model.secrets import Path, hidden_paths, without_secrets

__all__ = ["BATCH", "CANCELLED", "LOST", "REST", "BatchPlan", "entry_from_metadata", "plan_for", "plan_from_metadata"]

T = TypeVar("T")
BATCH, ROW, ASSISTANT, ATTEMPT = "lg_batch", "lg_row", "lg_assistant", "lg_attempt"
CELLS, INPUT, PROBLEM, SETTINGS = "lg_cells", "lg_input", "lg_problem", "lg_settings"
CANCELLED, REST = "lg_cancelled", "lg_rest"
LOST = "Nothing of this row is on the deployment."
BLANKED = {CELLS: "", INPUT: "", SETTINGS: "", REST: ""}
HELD = 250_000
"""How many bytes of other rows one thread holds at most: a careful proxy lets a megabyte through."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch is to do. Headers are not in it, and of its values those that look secret are not written anywhere.

    Attributes:
        id: `k7f2-9qd4`.
        rows: the frame's.
        source: the template, or the column, as it was typed.
        assistants: by the name that each was given, what is sent for it.
        inputs: for each row its input as JSON text; "" where it has none that can be sent,
        problems: and why.
        config, context, metadata: what each run takes with it.
        stateless: whether the runs make their threads themselves, and nothing is written beforehand.
        rests: by the row whose thread holds them, the rows that come after it, as JSON text; {} if all are written.
    """

    id: str
    rows: Rows
    source: str
    assistants: Mapping[str, str]
    inputs: Sequence[str]
    problems: Sequence[str]
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    concurrency: int = 10
    max_tokens: int | None = None
    stateless: bool = False
    rests: Mapping[int, str] = field(default_factory=dict)

    def entries(self) -> list[Entry]:
        """A run for each row and assistant, row by row; one that cannot be sent is an error already."""
        return [
            Entry(
                row, name, status="deleted" if problem == LOST else "error" if problem else NOT_STARTED, error=problem
            )
            for row, problem in enumerate(self.problems)
            for name in self.assistants
        ]

    def sent(self, entry: Entry) -> Any:
        """The input of an entry's run."""
        return json.loads(self.inputs[entry.row])

    def tags(self, entry: Entry) -> dict[str, Any]:
        """What is written on an entry's thread and run, to find it by."""
        return {BATCH: self.id, ROW: entry.row, ASSISTANT: entry.assistant, ATTEMPT: entry.attempt}

    def thread_metadata(self, entry: Entry) -> dict[str, Any]:
        """What is written on an entry's thread: all that is needed to go on with it."""
        problem = self.problems[entry.row]
        return {
            **self.tags(entry),
            CELLS: json_of_cells(self.rows.row(entry.row)),
            INPUT: self.inputs[entry.row],
            SETTINGS: self._settings(entry.row),
            **({PROBLEM: problem} if problem else {}),
            **({REST: self.rests[entry.row]} if self.is_holder(entry) else {}),
        }

    def is_holder(self, entry: Entry) -> bool:
        """Whether an entry's thread holds other rows until they are written."""
        return entry.row in self.rests and entry.attempt == 1 and entry.assistant == next(iter(self.assistants))

    def run_metadata(self, entry: Entry) -> dict[str, Any]:
        """What is written on an entry's run."""
        return {**self.metadata, **self.tags(entry), **({} if self.stateless else BLANKED)}

    def with_values(
        self,
        config: Mapping[str, Any],
        configurable: Mapping[str, Any],
        context: Mapping[str, Any],
        metadata: Mapping[str, Any],
    ) -> BatchPlan:
        """The plan with these values merged in at any depth: for instance those that were not written."""
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
        """The plan with these values where one was not written, and nowhere else."""
        return replace(
            self,
            config=filled(self.config, {CONFIGURABLE: configurable}),
            context=filled(self.context, context),
            metadata=filled(self.metadata, metadata),
        )

    @property
    def unknown_values(self) -> list[str]:
        """The names of values that the runs take and that were not written: `api_key`, `tools[0].token`."""
        return list(dict.fromkeys(path_words(path) for _, path in self._hidden()))

    def values_missing(self) -> LgError:
        """The error of a launch without them; its hint has the options that take them."""
        given = dict.fromkeys(option_for(kind, path) for kind, path in self._hidden())
        return LgError(
            f"The runs of the batch take {', '.join(self.unknown_values)}: "
            "what looks secret is not written down with it, and nothing was launched.",
            hint=f"Give it again: %lg_batch --attach {self.id} {' '.join(given)}",
        )

    def _hidden(self) -> list[tuple[str, Path]]:
        """Where values are hidden, each with what holds it: configurable, config, context or metadata."""
        config = dict(self.config)
        kinds = {
            CONFIGURABLE: config.pop(CONFIGURABLE, None),
            "config": config,
            "context": self.context,
            "metadata": self.metadata,
        }
        return [(kind, path) for kind, held in kinds.items() for path in hidden_paths(held)]

    def _settings(self, row: int) -> str:
        rows = self.rows
        settings = {
            "rows": len(rows),
            "columns": rows.columns,
            "dtypes": rows.dtypes,
            "input": self.source,
            "assistants": dict(self.assistants),
            "concurrency": self.concurrency,
            "max_tokens": self.max_tokens,
            **without_secrets({"config": self.config, "context": self.context, "metadata": self.metadata}),
        }
        if rows.names:
            settings["names"] = rows.names
        if rows.labels is not None:
            settings |= {"label": rows.labels[row], "label_names": rows.label_names}
        return json_of(settings)


def plan_for(rows: Rows, inputs_from: Source, **what: Any) -> BatchPlan:
    """The plan of a new batch; `what` are its other fields."""
    inputs, problems = [], []
    for place in range(len(rows)):
        try:
            text, problem = json_of_input(inputs_from, rows.row(place)), ""
        except ValueError as error:
            text, problem = "", f"Not sent: {error}."
        inputs.append(text)
        problems.append(problem)
    return BatchPlan(rows=rows, inputs=inputs, problems=problems, rests=_rests(rows, inputs, problems), **what)


def _rests(rows: Rows, inputs: Sequence[str], problems: Sequence[str]) -> dict[int, str]:
    """The rows that are held, by the row whose thread holds them: by as few as their size allows."""
    held: dict[int, list[str]] = {0: []}
    holder = size = 0
    for place in range(1, len(rows)):
        label = rows.labels[place] if rows.labels is not None else None
        text = json_of([json_of_cells(rows.row(place)), inputs[place], problems[place], label])
        size += len(text.encode())
        if size > HELD:
            holder, size = place, 0
            held[holder] = []
        else:
            held[holder].append(text)
    return {place: f"[{', '.join(texts)}]" for place, texts in held.items()}


# -- back from the server ---------------------------------------------------------------------------------------


def plan_from_metadata(batch_id: str, threads: Sequence[Mapping[str, Any]]) -> BatchPlan | None:
    """The plan that is written in threads' metadata; None if it is in none of them.

    A row that no thread tells of (it was lost, or deleted) has empty cells, and a problem that says so.
    """
    rows = [each for each in threads if isinstance(each.get(ROW), int)]
    written = {each[ROW]: each for each in rows}
    told = [settings for metadata in written.values() if (settings := _object(metadata.get(SETTINGS)))]
    if not told:
        return None
    rests = {each[ROW]: str(each[REST]) for each in rows if each.get(REST)}
    by_row = {**_held(rests), **written}
    settings = told[0]
    columns = tuple(map(str, settings.get("columns") or ()))
    places = range(int(settings.get("rows") or 0))
    found = [by_row.get(place) for place in places]
    return BatchPlan(
        id=batch_id,
        rows=_rows(settings, columns, found),
        source=str(settings.get("input") or ""),
        assistants={str(name): str(sent) for name, sent in (settings.get("assistants") or {}).items()},
        inputs=[str(metadata.get(INPUT) or "") if metadata else "" for metadata in found],
        problems=[str(metadata.get(PROBLEM) or "") if metadata else LOST for metadata in found],
        config=settings.get("config") or {},
        context=settings.get("context") or {},
        metadata=settings.get("metadata") or {},
        concurrency=int(settings.get("concurrency") or 10),
        max_tokens=settings.get("max_tokens"),
        rests=rests,
    )


def _held(rests: Mapping[int, str]) -> dict[int, dict[str, Any]]:
    """The rows that other rows' threads hold, each as its own thread would."""
    return {
        place: {CELLS: row[0], INPUT: row[1], PROBLEM: row[2], SETTINGS: json_of({"label": row[3]})}
        for holder, text in rests.items()
        for place, row in enumerate(_value(text, list), holder + 1)
        if isinstance(row, list) and len(row) == 4
    }


def _rows(settings: Mapping[str, Any], columns: tuple[str, ...], found: Sequence[Mapping[str, Any] | None]) -> Rows:
    cells = [_object(metadata.get(CELLS)) if metadata else {} for metadata in found]
    labels = None
    if "label" in settings:
        labels = tuple(_object(metadata.get(SETTINGS)).get("label") if metadata else None for metadata in found)
    return Rows(
        columns,
        tuple(tuple(row.get(name) for name in columns) for row in cells),
        tuple(dtype if isinstance(dtype, dict) else str(dtype) for dtype in settings.get("dtypes") or ()),
        labels,
        tuple(settings.get("label_names") or ()),
        tuple(tuple(name) if isinstance(name, list) else name for name in settings.get("names") or ()),
    )


def entry_from_metadata(thread_id: str, metadata: Mapping[str, Any]) -> Entry | None:
    """The entry whose thread this is; None if its metadata is not a batch's."""
    row, assistant, attempt = (metadata.get(name) for name in (ROW, ASSISTANT, ATTEMPT))
    if not isinstance(row, int) or not isinstance(assistant, str):
        return None
    return Entry(row, assistant, attempt if isinstance(attempt, int) else 1, thread_id)


def _object(text: object) -> dict[str, Any]:
    """The object that a JSON text holds; an empty one for anything else."""
    return _value(text, dict)


def _value(text: object, kind: type[T]) -> T:
    """The value of a kind that a JSON text holds; an empty one for anything else."""
    try:
        value = json.loads(str(text or "null"))
    except ValueError:
        return kind()
    return value if isinstance(value, kind) else kind()
