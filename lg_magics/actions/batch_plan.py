"""What a batch is to do, from what was typed: rows, inputs, assistants and their versions. Sends nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.actions.dataset import rows_of
from lg_magics.actions.launch import request_for
from lg_magics.errors import CommandError
from lg_magics.model.batch import batch_id_from
from lg_magics.model.batch_plan import BatchPlan, plan_for
from lg_magics.model.batch_rows import Rows, source_from
from lg_magics.model.run_request import RunRequest
from lg_magics.model.template import checked_column, is_missing
from lg_magics.resolve.assistant_versions import Version, version_named
from lg_magics.resolve.assistants import assistant_name, which_assistant
from lg_magics.session import Session

__all__ = ["planned"]


def planned(
    session: Session, frame: object, source: str | None, assistant: Sequence[str] | str | None, **what: Any
) -> tuple[BatchPlan, RunRequest]:
    """The plan of a batch, and the request that all its runs have in common.

    Args:
        session: whose deployment it is for.
        frame: the rows.
        source: the template or the column of the inputs.
        assistant: which assistants run.
        what: the settings of each run, as `request_for` takes them.

    Raises:
        CommandError: something of it does not fit.
    """
    rows, names = _rows(frame, source), _names(assistant)
    column = _column_of(names, rows)
    names = _named_in(rows, column) if column else names
    versions = {name: each for name in names if name and (each := version_named(session, name))}
    first = versions[names[0]].graph if names[0] in versions else names[0]
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
    """The column that names each row's assistant, if `-a {column}` says so; "" otherwise."""
    columns = [name[1:-1] for name in names if name and name.startswith("{") and name.endswith("}")]
    if columns and len(names) > 1:
        raise CommandError(
            "Each row names its assistant, or all run on every row: not both.", hint="-a {column} or -a A,B"
        )
    if columns:
        checked_column(columns[0], rows.columns)
    return columns[0] if columns else ""


def _named_in(rows: Rows, column: str) -> list[str | None]:
    """The assistants that a column names, each once; an empty cell is told with its row."""
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
    sent = {
        name: versions[name].graph if name and name in versions else which_assistant(session, name) for name in names
    }
    return plan_for(
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
