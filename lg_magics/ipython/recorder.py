"""Records which cells ran, and the line that each reached. Depends on IPython's events and frames; parses no cell.

`%%lg_serve` at the top of a cell is removed before IPython sees the cell, and `%lg_serve` is added after its last line. So the
cell runs like any other, with `await` and with its own line numbers.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from lg_magics.ipython.host import remove_if_there, unregister

if TYPE_CHECKING:
    from lg_magics.local.notebook.record import Record

__all__ = ["Recorder", "serve_cell"]

MAGIC = "%%lg_serve"
_CELL_MAGIC = "get_ipython().run_cell_magic("
_LINE = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_TIMED_LINE = re.compile(r"File <timed \w+>:(\d+)")
_COLORS = re.compile(r"\x1b\[[0-9;]*m")


class _Cell(NamedTuple):
    """A cell that ran; its attributes are those of `ExecutedCell`, which is imported when it is needed."""

    number: int
    source: str
    stopped_at: int | None
    offset: int
    name: str


class Recorder:
    """Keeps the cells of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._cells: dict[int, _Cell] = {}
        self._running = 0
        self._last = 0

    def install(self) -> None:
        """Record from the next cell on; earlier cells are read from the history."""
        self._shell.events.register("pre_run_cell", self._begin)
        self._shell.events.register("post_run_cell", self._end)
        self._shell.input_transformer_manager.cleanup_transforms.append(serve_cell)
        # This cell runs already: its pre_run_cell event is over, its post_run_cell will come. nbval keeps no history.
        self._running = self._last = max(len(self._shell.history_manager.input_hist_raw) - 1, 1)

    def remove(self) -> None:
        """Unregister from the shell."""
        unregister(self._shell, "pre_run_cell", self._begin)
        unregister(self._shell, "post_run_cell", self._end)
        remove_if_there(self._shell.input_transformer_manager.cleanup_transforms, serve_cell)

    def record(self) -> Record:
        """The notebook as it is now, with the running cell up to the line that it has reached."""
        from lg_magics.local.notebook.cells import ExecutedCell
        from lg_magics.local.notebook.record import Record

        self._take_history()
        cells = [cell for number, cell in sorted(self._cells.items()) if number != self._running]
        line = 0  # also on a request of the side panel, while no cell runs
        if running := self._cells.get(self._running):
            line = self._line(reversed(list(walk_stack(sys._getframe()))), running.source)
            cells.append(running._replace(stopped_at=line or None))
        return Record(
            [ExecutedCell(each.number, each.source, each.stopped_at, each.offset, each.name) for each in cells],
            self._shell.user_ns,
            self._running,
            line,
            self._shell.transform_cell,
            self._folder(),
            dict(os.environ),
        )

    def _begin(self, info: Any) -> None:
        if not self._counts(info):
            return
        # The cell's own number: whether the shell's counter is one higher already depends on IPython's version.
        stored = len(self._shell.history_manager.input_hist_raw) if info.store_history else 0
        self._running = self._last = stored or self._last + 1
        self._cells[self._running] = self._cell(self._running, info.raw_cell, str(info.cell_id or ""))

    def _end(self, result: Any) -> None:
        info = result.info
        if info is None or not self._counts(info):
            return
        cell = self._cells.get(self._running)
        if cell is not None and result.error_before_exec is not None:
            del self._cells[self._running]
        elif cell is not None and result.error_in_exec is not None:
            line = self._line(walk_tb(result.error_in_exec.__traceback__), cell.source)
            self._cells[self._running] = cell._replace(stopped_at=line or 1)
        self._running = 0

    def _counts(self, info: Any) -> bool:
        """Whether a cell is the user's: a front end's own code is silent, or keeps no history while others do."""
        return not info.silent and (info.store_history or len(self._shell.history_manager.input_hist_raw) <= 1)

    def _cell(self, number: int, raw: str, name: str) -> _Cell:
        try:
            source = self._shell.transform_cell(raw)
        except Exception:  # noqa: BLE001 - what IPython cannot rewrite did not run
            source = ""
        offset = len(raw) - len(raw.lstrip("\n"))
        return _Cell(number, source, None, offset, name)

    def _take_history(self) -> None:
        """Add the cells that ran before this was installed."""
        raw: list[str] = list(self._shell.history_manager.input_hist_raw)
        errors = getattr(self._shell.history_manager, "exceptions", None) or {}
        for number, source in enumerate(raw):
            if number and source and number not in self._cells:
                cell = self._cell(number, source, "")
                if number in errors:
                    cell = cell._replace(stopped_at=_line_in_traceback(errors[number], number, cell.source))
                self._cells[number] = cell

    def _line(self, frames: Iterable[tuple[FrameType, int]], source: str) -> int:
        """The line of a cell, from frames with their lines, the outermost first; 0 if no cell is among them.

        The body of `%%time` or `%%capture` is a program of its own, below the cell's first line.
        """
        lines = [line for frame, line in frames if self._is_cell(frame)]
        return sum(lines[: 2 if source.startswith(_CELL_MAGIC) else 1])

    def _is_cell(self, frame: FrameType) -> bool:
        """Whether a frame runs a cell or a timed body, and not a lambda or a comprehension of any cell."""
        is_program = frame.f_code.co_name == "<module>" or frame.f_code.co_name.startswith("<cell line: ")
        return is_program and frame.f_globals is self._shell.user_global_ns

    def _folder(self) -> Path:
        """The notebook's folder, from which its kernel runs unless it was changed."""
        return Path.cwd()


def serve_cell(lines: list[str]) -> list[str]:
    """Rewrite a cell with `%%lg_serve` at its top, so that it runs as it is and then serves the graph that it defined."""
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None or not re.match(rf"{MAGIC}(\s|$)", lines[first]) or lines[first].rstrip().endswith("?"):
        return lines
    options = lines[first][len(MAGIC) :].strip()
    body = lines[first + 1 :]
    if body and not body[-1].endswith("\n"):
        body = [*body[:-1], body[-1] + "\n"]
    call = f"get_ipython().run_line_magic('lg_serve', {f'--cell {options}'.strip()!r})\n"
    return [*lines[:first], f"# {lines[first].strip()}\n", *body, call]


def _line_in_traceback(error: Any, number: int, source: str) -> int:
    """The line at which an earlier cell stopped, from the traceback that IPython keeps."""
    text = _COLORS.sub("", "\n".join(error.get("traceback") or ())) if isinstance(error, dict) else ""
    lines = [int(line) for cell, line in _LINE.findall(text) if int(cell) == number][:1]
    if source.startswith(_CELL_MAGIC):
        lines += map(int, _TIMED_LINE.findall(text)[:1])
    return sum(lines) or 1
