"""Runs at moments that their cards must show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lg_magics.model.cell_rerun import CellRerun
from lg_magics.model.interrupts import FailedAnswer, Interrupt
from lg_magics.model.messages import Usage
from lg_magics.model.run_info import Launch, RunInfo, ThreadInfo
from lg_magics.model.run_request import RunRequest
from lg_magics.model.run_steps import Step
from lg_magics.model.run_view import RunView
from lg_magics.views.run_card import CardMaker, RunCard
from lg_magics.views.run_tree import run_tree

__all__ = ["NAMES", "card", "envelope"]

THREAD = "1f0c2b9e-7d40-6a12-8c55-3b9d4c0e7caf"
RUN = "1f0c2b9e-91aa-6f03-b1d2-77a0134bff07"
OTHER_THREAD = "1f0c2b9e-7d40-6a12-8c55-3b9d4c089df8"
OTHER_RUN = "1f0c2b9e-7d40-6a12-8c55-3b9d4c0c11d2"
TEXT = "Add a ToDo to finish booking travel to Hong Kong."
PROJECT = "https://smith.langchain.com/o/my-org/projects/p/my-project"
MARKUP = '<img src=x onerror="alert(1)"><script>alert(1)</script>'
ANSWER = (
    "I've added two ToDos to your list:\n\n1. **Finish booking travel to Hong Kong** (due Friday)\n"
    "2. **Call parents back** about Thanksgiving plans"
)


def launched(text: str, thread: str, assistant: str) -> Launch:
    request = RunRequest(assistant, thread, input={"messages": [{"role": "user", "content": text}]})
    return Launch(request, "http://127.0.0.1:2025")


TODO = RunInfo(
    "r7",
    RUN,
    ThreadInfo("t1", THREAD, "Add a ToDo to finish…"),
    "local",
    "task_maistro",
    ("user_id=Test",),
    launched(TEXT, THREAD, "task_maistro"),
)
TRIP = RunInfo("r8", OTHER_RUN, ThreadInfo("t2", OTHER_THREAD, "Plan a trip"), "local", "approval")
FLIGHT = Interrupt(
    {
        "action_request": {"action": "book_flight", "args": {"price": 640, "to": "HKG"}},
        "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
        "description": "Book the flight for 640 USD?",
    },
    "0" * 32,
    "approve",
)
HOTEL = Interrupt("Which hotel?", "1" * 32, "approve")
FLIGHT_ARGS = {
    "type": "object",
    "properties": {
        "to": {"type": "string", "description": "An airport."},
        "price": {"type": "integer", "minimum": 1},
        "seat": {"enum": ["window", "aisle"], "default": "window"},
    },
    "required": ["to", "price"],
}
CALLS = Interrupt(
    {
        "action_requests": [
            {"name": "book_flight", "args": {"to": "HKG", "price": 640}, "description": "Is the price right?"},
            {
                "name": "send_mail",
                "args": {"to": "ann@example.com", "subject": "Hong Kong"},
                "description": "A mail to Ann.",
            },
        ],
        "review_configs": [
            {
                "action_name": "book_flight",
                "allowed_decisions": ["approve", "edit", "reject"],
                "args_schema": FLIGHT_ARGS,
            },
            {"action_name": "send_mail", "allowed_decisions": ["approve", "edit", "reject", "respond"]},
        ],
    },
    "2" * 32,
    "HumanInTheLoopMiddleware.after_model",
)
SEAT = Interrupt(
    "Which seat?",
    "3" * 32,
    "reserve",
    {
        "title": "Seat",
        "type": "object",
        "properties": {
            "row": {"type": "integer", "minimum": 1, "maximum": 40, "description": "Counted from the front."},
            "side": {"enum": ["window", "aisle"]},
            "vegan": {"type": "boolean", "default": False},
            "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
            "name": {"type": "string", "maxLength": 40},
            "price": {"anyOf": [{"type": "number"}, {"type": "string"}]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["row", "side", "name", "price"],
    },
)
FAILED = replace(HOTEL, failed=FailedAnswer("ValueError('no such hotel')", True, ("send_mail",), "c1"))

STARTED = 1_000.0


def steps(*made: tuple[str, Any, float | None]) -> tuple[Step, ...]:
    """Steps one after the other: (node, state, seconds); None has not ended."""
    at = STARTED
    found: list[Step] = []
    for node, state, seconds in made:
        ended = None if seconds is None else at + seconds
        found.append(Step(node, state, at, ended, f"task-{len(found)}"))
        at = ended or at
    return tuple(found)


def view(status: Any, seconds: float, *made: tuple[str, Any, float | None], text: str = "", **more: Any) -> RunView:
    return RunView(
        status=status,
        created_at=STARTED,
        ended_at=None if status in ("pending", "running") else STARTED + seconds,
        steps=steps(*made),
        text=text,
        text_length=more.pop("text_length", len(text)),
        **more,
    )


WORKED = (("task_mAIstro", "done", 1.2), ("update_todos", "done", 0.8), ("task_mAIstro", "done", 3.1))
WAITED = (("plan", "done", 0.4), ("approve", "waiting", None))
USED = {"usage_by_message": {"m": Usage(837, 124)}}
LONG = "\n\n".join(f"Paragraph {n} of an answer that goes on for a long time, and says little." for n in range(60))

SAMPLES: dict[str, tuple[RunInfo, RunView, dict[str, Any]]] = {
    "answered": (TRIP, view("waiting", 2, *WAITED, interrupts=(FLIGHT, HOTEL)), {"note": "answered"}),
    "approval": (TRIP, view("waiting", 2, *WAITED, interrupts=(CALLS,)), {"can_resume": True}),
    "breakpoint": (
        TRIP,
        view("waiting", 2, *WAITED, text="So far, so good."),
        {"can_resume": True, "answered": ["approve asked: Which hotel? Answered: the small one"]},
    ),
    "cancelled": (TODO, view("cancelled", 2.4, WORKED[0], ("update_todos", "cancelled", 1.1), text="I've added"), {}),
    "cancelling": (TODO, view("running", 5, WORKED[0], ("search", "running", None), chunks=2), {"note": "cancelling…"}),
    "deleted": (TODO, view("deleted", 1, WORKED[0]), {"note": "the run was deleted, or rolled back"}),
    "error": (
        TODO,
        view(
            "error",
            0.6,
            ("plan", "done", 0.4),
            ("search", "failed", 0.2),
            error="ValueError",
            error_message="no results\nat all",
        ),
        {},
    ),
    "hostile": (
        RunInfo(
            "r'\"><i>",
            "</code><b onclick=alert(3)>x",
            ThreadInfo("t<b>3</b>", '"><script>alert(2)</script>', MARKUP),
            MARKUP,
            MARKUP,
            ('user_id=<u>"x"</u>',),
        ),
        view(
            "error",
            4.2,
            (MARKUP, "failed", 0.2),
            ("</li><li>a & b", "done", 0.1),
            text=f"# {MARKUP}\n\n**{MARKUP}** [click](javascript:alert(1)) [y](https://example.org/?q=%22%3E%3Cscript%3E)",
            error=MARKUP,
            error_message=f"{MARKUP}\n{MARKUP}",
            interrupts=(Interrupt(MARKUP, MARKUP, MARKUP),),
        ),
        {"note": MARKUP, "answered": [MARKUP]},
    ),
    "long": (
        TODO,
        view(
            "success",
            7512.5,
            *((f"node_{n}", "done", n / 10) for n in range(40)),
            text=LONG,
            text_length=len(LONG) + 1234,
            steps_dropped=12,
        ),
        {},
    ),
    "pending": (TODO, view("pending", 0), {}),
    "queued": (TODO, view("pending", 0.3), {"note": "queued behind r6"}),
    "rewound": (
        TODO,
        view("success", 5.1, *WORKED, text=ANSWER, **USED),
        {"again": CellRerun(["a", "b", "c"], 2, is_rewound=True, later_cells=3)},
    ),
    "running": (
        TODO,
        view("running", 4.2, *WORKED[:2], ("task_mAIstro", "running", None), text=ANSWER[:60], chunks=38),
        {},
    ),
    "success": (TODO, view("success", 5.1, *WORKED, text=ANSWER, **USED), {}),
    "timeout": (TODO, view("timeout", 187, ("search", "cancelled", 186.4)), {}),
    "traced": (replace(TODO, traced_in=PROJECT), view("success", 5.1, *WORKED, text=ANSWER), {}),
    "typed": (TRIP, view("waiting", 0.8, *WAITED, interrupts=(SEAT,)), {"can_resume": True}),
    "bad answer": (
        TRIP,
        view(
            "error",
            0.6,
            ("approve", "failed", 0.4),
            error="ValueError",
            error_message="no such hotel",
            interrupts=(FAILED,),
        ),
        {"can_resume": True},
    ),
    "unknown": (TODO, view("unknown", 1, WORKED[0]), {"note": "connection lost, trying again"}),
    "waiting": (TRIP, view("waiting", 2, *WAITED, interrupts=(FLIGHT, HOTEL)), {"can_resume": True}),
}
NAMES = sorted(SAMPLES)


def card(name: str, **changes: Any) -> RunCard:
    """The card of a sample at 4.2 seconds after its run began."""
    info, seen, more = SAMPLES[name]
    settled = seen.status not in ("pending", "running")
    return CardMaker(info).card(seen, **{"settled": settled, "now": STARTED + 4.2, **more, **changes})


def envelope(name: str, **changes: Any) -> dict[str, Any]:
    """A sample's card as a page gets it whole."""
    shown = card(name, **changes)
    lost = None if shown.is_settled and not shown.can_resume else {"command": "attach", "ids": [THREAD, RUN]}
    return {"protocol": 1, "name": name, "version": 1, "at": STARTED, "tree": run_tree(shown), "lost": lost}
