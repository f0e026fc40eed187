"""`python -m benchmarks`: takes the topics in turn and prints one table. Knows which topics there are, measures nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

import benchmarks
from benchmarks import access, answer, batch, card, connect, history, launch, load, many, outcome, panel, serve, tokens
from benchmarks.bench import Bench, open_bench
from benchmarks.samples import Line

TOPICS: Mapping[str, Callable[[Bench], list[Line]]] = {
    "load": load.lines,
    "connect": connect.lines,
    "launch": launch.lines,
    "access": access.lines,
    "card": card.lines,
    "outcome": outcome.lines,
    "tokens": tokens.lines,
    "many": many.lines,
    "history": history.lines,
    "batch": batch.lines,
    "answer": answer.lines,
    "panel": panel.lines,
    "serve": serve.lines,
}
HEADINGS = ("", "ours", "raw SDK", "compared", "limit", "")


def main() -> int:
    chosen = _arguments()
    found: list[Line] = []
    with open_bench(_say) as bench:
        for topic in chosen.topics or TOPICS:
            found += TOPICS[topic](bench)
    print(table(found))
    return 1 if chosen.strict and any(line.is_within is False for line in found) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=benchmarks.__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("topics", nargs="*", metavar="topic", help=", ".join(TOPICS))
    parser.add_argument("--strict", action="store_true", help="exit with 1 if anything is over its limit")
    chosen = parser.parse_args()
    if unknown := [topic for topic in chosen.topics if topic not in TOPICS]:
        parser.error(f"no topic {', '.join(unknown)}: there are {', '.join(TOPICS)}")
    return chosen


def table(lines: Sequence[Line]) -> str:
    """The lines as text in columns."""
    rows = [HEADINGS, *((each.name, each.ours, each.raw, each.compared, each.limit, each.verdict) for each in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
