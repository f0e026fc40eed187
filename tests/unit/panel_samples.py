"""Sections of the panel as a page gets them, hostile text among them, and the files that the front end's tests read them from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lg_magics.model.answers import mark_of
from lg_magics.model.interrupts import Interrupt
from lg_magics.panel.questions import questions_json
from lg_magics.panel.rows import Section, row
from lg_magics.panel.sections import section

FOLDER = Path(__file__).parents[1] / "panel_fixtures"
HOSTILE = '<img src=x onerror="hacked=1">\u202e $HOME {x}'

ACTION = {
    "action_request": {"action": "book_flight", "args": {"to": "HKG", "price_usd": 640}},
    "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
    "description": "Book the flight for 640 USD?",
}


def samples() -> dict[str, Any]:
    """Every sample by its name."""
    return {
        "waiting": waiting(),
        "runs": runs(),
        "threads": threads(),
        "many": many(),
        "hostile": hostile(),
        "store": section("store", [row("a/b c", word='"a/b c"', text="a/b c", aside="2 items")], "1"),
        "crons": crons(),
    }


def waiting() -> Section:
    flight, plain = Interrupt(ACTION, "i-1", "approve"), Interrupt("Which hotel?", "i-2", "hotel")
    return section(
        "waiting",
        [
            row(
                "th-1",
                word="t1",
                shown="t1 ·b7a4f2",
                text="Book the flight for 640 USD?",
                state="waiting",
                tone="waiting",
                aside="approval",
                cell="cell-1",
                more="Plan a trip",
                asks=questions_json(flight),
                mark=mark_of([flight]),
            ),
            row("th-2", word="th-2", shown="·th-2", text="Which hotel?", asks=questions_json(plain), mark="m-2"),
            row("th-3", word="t3", shown="t3 ·c0ffee", text="stopped before work", mark="m-3"),
        ],
        "3",
    )


def runs() -> Section:
    live = row(
        "run-2",
        word="r2",
        shown="r2 ·0b6bf",
        text="task_maistro",
        state="running",
        tone="running",
        seconds=4.2,
        goes_on=True,
        cell="cell-2",
        thread="th-4",
        without=["batch attach"],
    )
    ended = row(
        "run-1",
        word="r1",
        shown="r1 ·9f001",
        text="agent",
        state="success",
        tone="good",
        seconds=5.1,
        cell="cell-1",
        thread="th-1",
        without=["batch attach", "cancel", "wait"],
    )
    return {**section("runs", [live, ended], "1 live"), "live": 1, "waiting": 0}


def threads() -> Section:
    current = row("th-1", word="t1", shown="t1 ·b7a4f2", text="Add a ToDo to finish…", state="running", tone="running")
    return section(
        "threads",
        [
            {**current, "is_current": True, "without": ["use"]},
            row("th-2", word="t2", shown="t2 ·89df80", text="Give me a summary…", state="idle", tone="quiet"),
        ],
        "2+",
        is_whole=False,
    )


def many() -> Section:
    rows = [
        row(f"th-{place}", word=f"th-{place}", shown=f"·{place:06}", text=f"Thread {place}", state="idle", tone="quiet")
        for place in range(1000)
    ]
    return section("threads", rows, "1000")


def hostile() -> Section:
    bad = row("x", word=HOSTILE, shown=HOSTILE, text=HOSTILE, state=HOSTILE, tone="odd", aside=HOSTILE, more=HOSTILE)
    return section("threads", [bad, bad], HOSTILE, note=HOSTILE)


def crons() -> Section:
    on = row("c-1", word="c1", shown="c1 ·05287", text="0 9 * * MON-FRI  agent", state="enabled", tone="good")
    off = row("c-2", word="c2", shown="c2 ·77aa0", text="*/5 * * * *  agent", state="paused", tone="quiet")
    return section("crons", [{**on, "without": ["resume"]}, {**off, "without": ["pause"]}], "2")


def write() -> None:
    """Write the files anew: `python tests/unit/panel_samples.py`."""
    for name, sample in samples().items():
        text = json.dumps(sample, ensure_ascii=False, indent=None if name == "many" else 1)
        (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
