"""The lines as text, and as benchmarks/RESULTS.md with the kind of machine and the versions. Names no host.

The page is read back, so that the topics can be measured one by one: each keeps its own date, machine and versions.
"""

from __future__ import annotations

import os
import platform
import re
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
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
MET = re.compile(r"\| ok \|$", re.MULTILINE)
MISSED = re.compile(r"^\| (?:&emsp;)*(.*?)(?<!\\) \| .*\| \*\*OVER\*\* \|$", re.MULTILINE)


def as_text(lines: Sequence[Line]) -> str:
    """The lines as text in columns."""
    rows = [HEADINGS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_page(
    topics: Mapping[str, Sequence[Line]],
    before: str = "",
    *,
    order: Sequence[str] = (),
    now: datetime | None = None,
) -> str:
    """The page in Markdown: the lines over their limit, then a table for each topic, with what it was measured on.

    Args:
        topics: what was measured now.
        before: the page so far; its other topics are kept as they are.
        order: the order of the topics; one that is not among them is left out of the page. As measured if empty.
        now: when it was measured; this moment otherwise.
    """
    sections = _sections(before) | {topic: _section(lines, now) for topic, lines in topics.items()}
    chosen = {topic: sections[topic] for topic in order or sections if topic in sections}
    whole = "\n".join(chosen.values())
    missed = [name.replace("\\|", "|") for name in MISSED.findall(whole)]
    met = len(MET.findall(whole))
    over = f" Over their limit: {'; '.join(missed)}." if missed else ""
    parts = [INTRODUCTION, f"**{met} of {met + len(missed)} limits are met.**{over}\n"]
    return "\n".join(parts + [f"## {topic}\n\n{section}\n" for topic, section in chosen.items()])


def _sections(page: str) -> dict[str, str]:
    """The topics of a page, each with its text."""
    _, *found = SECTION.split(page)
    return {topic: text.strip() for topic, text in zip(found[::2], found[1::2], strict=True)}


def _section(lines: Sequence[Line], now: datetime | None) -> str:
    measured = f"Measured on {now or datetime.now(UTC):%Y-%m-%d} on {machine()}, with {versions()}.\n"
    rows = ["| | ours | raw SDK | compared | limit | |", "|---|---|---|---|---|---|", *map(_row, lines)]
    return "\n".join([measured, *rows])


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
