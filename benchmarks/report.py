"""The lines as text, and as benchmarks/RESULTS.md with the kind of machine and the versions. Names no host."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from benchmarks.samples import Line

__all__ = ["RESULTS", "as_page", "as_text", "machine", "versions"]

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADINGS = ("", "ours", "raw SDK", "compared", "limit", "")
PACKAGES = ("lg-magics", "langgraph-sdk", "langgraph-api", "jupyterlab", "ipykernel", "ipython", "anywidget", "pandas")
INTRODUCTION = """# Benchmarks

`make bench` writes this page; `python -m benchmarks --help` explains how to read it. Each line is one number: ours, the same
thing done with the raw SDK in the same run, both compared, the limit, and whether it was met. A line without a limit is there
to be watched.
"""


def as_text(lines: Sequence[Line]) -> str:
    """The lines as text in columns."""
    rows = [HEADINGS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_page(topics: Mapping[str, Sequence[Line]], now: datetime | None = None) -> str:
    """The page in Markdown: what was measured where, each topic as a table, and the lines over their limit first."""
    missed = [line.name.strip() for lines in topics.values() for line in lines if line.is_within is False]
    limited = sum(line.is_within is not None for lines in topics.values() for line in lines)
    parts = [
        INTRODUCTION,
        f"Measured on {now or datetime.now(UTC):%Y-%m-%d} on {machine()}, with {versions()}.\n",
        f"**{limited - len(missed)} of {limited} limits are met.**"
        + (f" Over their limit: {'; '.join(missed)}." if missed else "")
        + "\n",
    ]
    for topic, lines in topics.items():
        rows = ["| | ours | raw SDK | compared | limit | |", "|---|---|---|---|---|---|", *map(_row, lines)]
        parts.append(f"## {topic}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def machine() -> str:
    """The kind of this machine: cores, memory, processor and system, without its name."""
    gibibytes = psutil.virtual_memory().total / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {gibibytes:.0f} GiB, {_processor()}, {platform.system()} {platform.machine()}"


def versions() -> str:
    """Python, and the packages that matter, as far as they are installed."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _cells(line: Line) -> tuple[str, ...]:
    return line.name, line.ours, line.raw, line.compared, line.limit, line.verdict


def _row(line: Line) -> str:
    name, *cells = (cell.replace("|", "\\|") for cell in _cells(line))
    indent = "&emsp;" * ((len(name) - len(name.lstrip())) // 4)
    if line.is_within is False:
        cells[-1] = "**OVER**"
    return "| " + " | ".join((indent + name.strip(), *cells)) + " |"
