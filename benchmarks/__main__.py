"""`python -m benchmarks`: takes the topics in turn, prints the table of each as it ends, and writes a page. Measures nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import benchmarks
from benchmarks import access, answer, batch, card, connect, history, launch, load, many, outcome, panel, serve, tokens
from benchmarks.bench import Bench, open_bench
from benchmarks.report import RESULTS, as_page, as_text
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


def main() -> int:
    chosen = _arguments()
    with open_bench(_say) as bench:
        lines = [line for topic in chosen.topics or TOPICS for line in _measured(bench, topic, chosen.write)]
    return 1 if chosen.strict and any(line.is_within is False for line in lines) else 0


def _measured(bench: Bench, topic: str, page: Path | None) -> list[Line]:
    """Measure one topic on a server without threads, print its table, and write it into the page."""
    bench.clear()
    lines = TOPICS[topic](bench)
    print(f"{topic}\n{as_text(lines)}\n", flush=True)
    if page:
        before = page.read_text("utf-8") if page.exists() else ""
        page.write_text(as_page({topic: lines}, before, order=tuple(TOPICS)), "utf-8")
        _say(f"{topic}: written to {page}")
    return lines


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=benchmarks.__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("topics", nargs="*", metavar="topic", help=", ".join(TOPICS))
    parser.add_argument("--strict", action="store_true", help="exit with 1 if anything is over its limit")
    parser.add_argument(
        "--write", nargs="?", type=Path, const=RESULTS, metavar="FILE", help="write the topics into a page, RESULTS.md"
    )
    chosen = parser.parse_args()
    if unknown := [topic for topic in chosen.topics if topic not in TOPICS]:
        parser.error(f"no topic {', '.join(unknown)}: there are {', '.join(TOPICS)}")
    return chosen


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
