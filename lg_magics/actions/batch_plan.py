"""Makes the plan of a batch: rows, inputs, assistants and versions, checked against the graphs' schemas. Launches nothing."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lg_magics.actions.input_check import checked_request
from lg_magics.actions.request import request_for
from lg_magics.errors import CommandError
from lg_magics.files import lines_of_file, path_of, text_of_file
from lg_magics.model.batch import Entry, batch_id_from
from lg_magics.model.batch_plan import BatchPlan, plan_for
from lg_magics.model.batch_rows import Rows, source_from
from lg_magics.model.conversation import MESSAGES, is_text_input
from lg_magics.model.json_text import strict_json
from lg_magics.model.run_request import RunRequest
from lg_magics.model.template import checked_column, is_missing
from lg_magics.resolve.assistant_versions import Version, refuse_added, version_named
from lg_magics.resolve.assistants import assistant_name, which_assistants
from lg_magics.server.examples import examples_of
from lg_magics.session import Session
from lg_magics.tables.batch import rows_from_frame
from lg_magics.tables.csv_text import frame_from_csv

__all__ = ["REFERENCE", "check_entries", "checked_plan", "planned", "refuse_mixed_versions", "rows_of"]


def planned(
    session: Session, frame: object, source: str | None, assistant: Sequence[str] | str | None, **what: Any
) -> tuple[BatchPlan, RunRequest]:
    """The plan of a batch, and the request that all its runs have in common.

    Args:
        session: the session with the deployment.
        frame: the rows.
        source: the template or the column of the inputs.
        assistant: the assistants to run.
        what: the settings of each run, as `request_for` takes them.

    Raises:
        CommandError: the rows, the source or the assistants are wrong.
    """
    rows, names = _rows(frame, source), _names(assistant)
    column = _column_of(names, rows)
    names = _named_in(rows, column) if column else names
    versions = {name: each for name in names if name and (each := version_named(session, name))}
    first = versions[names[0]].sent if names[0] in versions else names[0]
    request = request_for(session, None, assistant=first, **what)
    return _plan(session, request, rows, str(source), names, versions, column), request


def _names(assistants: Sequence[str] | str | None) -> list[str | None]:
    """The assistants that were named; [None] is the current one."""
    listed = list(assistants or ())
    if isinstance(assistants, str):
        listed = [name for each in assistants.split(",") if (name := each.strip())]
    if twice := next((name for name in listed if listed.count(name) > 1), None):
        raise CommandError(f"The assistant {twice} is named twice.")
    return [*listed] or [None]


def _rows(frame: object, source: str | None) -> Rows:
    if frame is None or source is None:
        missing = "a frame" if frame is None else "--input"
        raise CommandError(f"%lg_batch needs {missing}.", hint='%lg_batch $frame --input "Weather in {city}?"')
    return rows_of(frame)


def _column_of(names: Sequence[str | None], rows: Rows) -> str:
    """The column that names each row's assistant, for `-a {column}`; "" otherwise."""
    columns = [name[1:-1] for name in names if name and name.startswith("{") and name.endswith("}")]
    if columns and len(names) > 1:
        raise CommandError("Give either a column of assistants or their names, not both.", hint="-a {column} or -a A,B")
    if columns:
        checked_column(columns[0], rows.columns)
    return columns[0] if columns else ""


def _named_in(rows: Rows, column: str) -> list[str | None]:
    """The assistants that a column names, each once. An empty cell is an error of its row."""
    cells = (rows.row(place)[column] for place in range(len(rows)))
    found = dict.fromkeys(str(cell) for cell in cells if not is_missing(cell))
    if not found:
        raise CommandError(f"The column '{column}' names no assistant.")
    return list(found)


def _plan(
    session: Session,
    request: RunRequest,
    rows: Rows,
    source: str,
    names: Sequence[str | None],
    versions: Mapping[str, Version],
    assistant_column: str,
) -> BatchPlan:
    others = which_assistants(session, [name for name in names if name not in versions])
    sent = {name: versions[name].sent if name and name in versions else others[name] for name in names}
    plan = plan_for(
        rows,
        source_from(source, rows.columns),
        assistant_column=assistant_column,
        id=batch_id_from(secrets.randbits(64)),
        source=source,
        assistants={name or assistant_name(session, known): known for name, known in sent.items()},
        versions={name: (each.assistant_id, each.number) for name, each in versions.items()},
        version_settings={name: each.settings for name, each in versions.items()},
        config=request.config,
        context=request.context,
        metadata=request.metadata,
        stateless=request.is_kept,
    )
    refuse_mixed_versions(plan, versions, plan.entries())
    return plan


def refuse_mixed_versions(plan: BatchPlan, versions: Mapping[str, Version], entries: Sequence[Entry]) -> None:
    """Refuse runs of a version to which the server would add settings.

    Raises:
        CommandError: it would add some; the message names them.
    """
    for entry in entries:
        version = versions.get(entry.assistant)
        if version and version.added and plan.inputs[entry.row]:
            refuse_added(version, *plan.settings_of(entry))


MOST = 16
"""The most graphs to check: each costs 0.1 s."""
WAY = "%lg_batch $frame --input COLUMN, with cells like"


def checked_plan(session: Session, plan: BatchPlan, *, key: str | None = None, check: bool = True) -> BatchPlan:
    """Check the plan of a new batch, and set the input key under which each graph takes a text.

    Raises:
        CommandError: the first input, or a setting, is surely wrong for one of its graphs.
    """
    keys = dict.fromkeys(plan.assistants, key) if key else {}
    for graph, entry in _first_entries(session, plan, plan.entries()).items():
        is_text = is_text_input(plan.sent(entry))
        own = key if is_text else None
        request, _ = checked_request(session, _request(plan, entry), is_text=is_text, key=own, check=check, way=WAY)
        found = next(iter(request.input)) if is_text else MESSAGES
        keys |= {name: found for name, sent in plan.assistants.items() if _graph(session, sent) == graph}
    return replace(plan, keys={name: found for name, found in keys.items() if found and found != MESSAGES})


def check_entries(session: Session, plan: BatchPlan, entries: Sequence[Entry]) -> None:
    """Check the runs of an existing batch, as they would be sent now.

    Raises:
        CommandError: the first input, or a setting, is surely wrong for one of its graphs.
    """
    for entry in _first_entries(session, plan, entries).values():
        checked_request(session, _request(plan, entry), is_text=False)


def _first_entries(session: Session, plan: BatchPlan, entries: Sequence[Entry]) -> dict[str, Entry]:
    """The first run of each graph that can be sent."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if plan.inputs[entry.row] and len(found) < MOST:
            found.setdefault(_graph(session, plan.assistants[entry.assistant]), entry)
    return found


def _graph(session: Session, sent: str) -> str:
    return session.graphs.of_assistant(sent) or sent


def _request(plan: BatchPlan, entry: Entry) -> RunRequest:
    config, context = plan.settings_of(entry)
    thread = plan.copied_from or None
    return RunRequest(plan.assistants[entry.assistant], thread, plan.sent(entry), config, context)


REFERENCE = "reference_outputs"
"""The column of a LangSmith dataset with the reference outputs."""
LINES = (".jsonl", ".ndjson")
KINDS = (".csv", ".tsv", ".json", *LINES)


def rows_of(frame: object) -> Rows:
    """The rows of a DataFrame, a list of dicts, a mapping of columns, a CSV or JSON file, or a LangSmith dataset by its name.

    Raises:
        CommandError: it is none of these, or has no rows.
        LgError: LangSmith does not answer, or has no such dataset.
    """
    if not isinstance(frame, str | os.PathLike):
        return rows_from_frame(frame)
    text = os.fspath(frame)
    suffix = Path(text).suffix.lower()
    if suffix in KINDS or isinstance(frame, os.PathLike):
        return rows_from_frame(_records(text, suffix))
    if text.lstrip()[:1] in ("[", "{"):  # typed on the line
        return rows_from_frame(_json(text, "The frame"))
    if os.path.exists(path_of(text)):
        raise CommandError(f"{text} is not a file that has rows.", hint=f"{', '.join(KINDS)}, or a DataFrame.")
    return rows_from_frame(examples_of(text, REFERENCE))


def _records(path: str, suffix: str) -> Any:
    if suffix in LINES:
        lines = ((number, line) for number, line in enumerate(lines_of_file(path), 1) if line.strip())
        return [_object(_json(line, f"Line {number} of {path}"), f"Line {number} of {path}") for number, line in lines]
    text = text_of_file(path)
    if suffix == ".json":
        return _json(text, path)
    if suffix in (".csv", ".tsv"):
        return frame_from_csv(text, path, "\t" if suffix == ".tsv" else ",")
    raise CommandError(f"{path} is not a file that has rows.", hint=f"{', '.join(KINDS)}, or a DataFrame.")


def _json(text: str, where: str) -> Any:
    try:
        return strict_json(text, allow_nan=True)
    except json.JSONDecodeError as problem:
        raise CommandError(f"{where} is not JSON: {problem.msg} at character {problem.pos + 1}.") from None
    except (ValueError, RecursionError) as problem:
        raise CommandError(f"{where} is not JSON: {problem}.") from None


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CommandError(f"{where} is not a JSON object.", hint='{"question": "…", "answer": "…"}')
    return value
