"""A run's view becomes a card: what is shown, in which words, and what is left out. Pure; draws nothing.

`CardMaker` keeps what parsing a growing answer has found so far; everything else is worked out from its arguments.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from lg_magics.model.again import Again
from lg_magics.model.bounds import fitted, saved_size
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.run_info import RunInfo
from lg_magics.model.run_view import RunView, Step
from lg_magics.model.visible_text import visible_json
from lg_magics.views.card import Card, CardError, CardInterrupt, CardStep, Node
from lg_magics.views.markdown import GrowingMarkdown

__all__ = ["CardMaker", "interrupt_json", "launch_line", "whole_of"]

LARGEST = 70_000  # bytes of a card as JSON
LARGEST_TEXT = 40_000  # of its answer
MOST_ASKED = 20
LONGEST_ARGS = 20_000  # what a person can edit on a card
STEPS = 40
LIVE_TEXT = 12_000
SETTLED_TEXT = 30_000
SUMMARY = 300


class CardMaker:
    """Makes one run's cards, one after the other."""

    def __init__(self, info: RunInfo) -> None:
        self.info = info
        self._markdown = GrowingMarkdown()
        self._code = info.code

    def card(
        self,
        view: RunView,
        *,
        note: str = "",
        settled: bool = False,
        now: float | None = None,
        answered: Sequence[str] = (),
        can_resume: bool = False,
        again: Again | None = None,
    ) -> Card:
        """The card of a view.

        Args:
            view: what can be said of the run.
            note: a few words beside the status.
            settled: whether the last word on the run is spoken.
            now: seconds since the epoch, for the time that a live run has taken.
            answered: what was asked and answered before this run, a line each.
            can_resume: whether it waits, and may be answered on the card.
            again: which of its cell's runs it is, where the cell ran before on the thread.
        """
        info = self.info
        steps = _steps(view.steps, now)
        text, cut = self._text(view, settled)
        card = Card(
            protocol=1,
            status=view.status,
            settled=settled,
            note=note,
            deployment=info.deployment,
            protected=info.is_protected,
            assistant=info.graph,
            thread=None
            if info.is_stateless
            else {"number": info.thread.number, "id": info.thread.id, "title": info.thread.title},
            run={"number": info.number, "id": info.id},
            defaults=[*info.defaults, *([info.choice] if info.choice else [])],
            elapsed=view.elapsed(now),
            steps=steps[-STEPS:],
            more_steps=view.steps_dropped + sum(step["times"] for step in steps[:-STEPS]),
            text=text,
            text_cut=cut,
            streaming=view.status == "running" and bool(view.text) and not settled,
            interrupts=[interrupt_json(each) for each in view.interrupts[:MOST_ASKED]],
            footnote=_footnote(view),
            error=_error(view),
            state="",
            code=self._code,
            command=info.command,
            can_cancel=view.is_live and not settled,
            answered=list(answered),
            can_resume=can_resume and len(view.interrupts) <= MOST_ASKED,
            again=again.words if again else "",
            turn={"number": again.number, "of": len(again.run_ids)} if again and again.is_rewound else None,
            rest=whole_of(info),
        )
        if info.choice:
            card["choice"] = info.choice
        return cast(Card, fitted(card, LARGEST, whole_of(info)))

    def _text(self, view: RunView, settled: bool) -> tuple[list[Node], int]:
        """The answer's tree, and how many characters are left out: at its end, where the eye is, while it grows."""
        is_whole = settled or len(view.text) <= LIVE_TEXT
        shown = view.text[:SETTLED_TEXT] if is_whole else view.text[-LIVE_TEXT:]
        tree = self._markdown.tree(shown) if shown.strip() else []
        while saved_size(tree) > LARGEST_TEXT and len(shown) > 1:
            shown = shown[: len(shown) // 2] if is_whole else shown[-(len(shown) // 2) :]
            tree = self._markdown.tree(shown)
        return tree, view.text_length - len(shown)


def whole_of(info: RunInfo) -> str:
    """What to type for all that a run's card shows in part: the run, with `.messages`, `.interrupts` and `.error`."""
    return f'lg.attach("{info.number}")'


def _steps(steps: Sequence[Step], now: float | None) -> list[CardStep]:
    """The steps, each run of the same node that ended well folded into one."""
    folded: list[CardStep] = []
    for step in steps:
        last = folded[-1] if folded else None
        if last and last["name"] == step.node and last["state"] == step.state == "done":
            last["times"] += 1
            last["seconds"] = (last["seconds"] or 0) + (step.seconds or 0)
        else:
            folded.append({"name": step.node, "state": step.state, "seconds": _seconds(step, now), "times": 1})
    return folded


def _seconds(step: Step, now: float | None) -> float | None:
    """How long a step took, or has taken until now."""
    if step.state != "running" or step.started_at is None or now is None:
        return step.seconds
    return max(0.0, now - step.started_at)


def interrupt_json(interrupt: Interrupt) -> CardInterrupt:
    """A question as a page gets it; arguments that are too long to edit there are left out."""
    args = visible_json(json.dumps(dict(interrupt.args), ensure_ascii=False, indent=2)) if interrupt.args else ""
    return {
        "id": interrupt.id,
        "node": interrupt.node,
        "question": interrupt.question,
        "detail": interrupt.detail,
        "ways": list(interrupt.ways),
        "args": args if len(args) <= LONGEST_ARGS else "",
    }


def _footnote(view: RunView) -> str:
    if view.is_live:
        return f"{view.chunks} chunk{'s' * (view.chunks != 1)}" if view.chunks else ""
    return f"{view.usage.input:,} in · {view.usage.output:,} out tokens" if view.usage else ""


def _error(view: RunView) -> CardError | None:
    if view.status not in ("error", "timeout", "unknown"):
        return None
    if not view.error:
        return (
            {"summary": "The server stopped it at its time limit.", "whole": ""} if view.status == "timeout" else None
        )
    whole = view.whole_error
    summary = whole.strip().partition("\n")[0]
    cut = summary if len(summary) <= SUMMARY else summary[:SUMMARY] + "…"
    return {"summary": cut, "whole": whole if cut != whole else ""}


def launch_line(info: RunInfo, note: str = "", *, numbered: bool) -> str:
    """One line on a run that was just launched; without numbers it is the same each time."""
    number = f"{info.number} " if numbered else ""
    where = ""
    if not info.is_stateless:
        title = f"“{info.thread.title}”" if info.thread.title else ""
        new = "new thread" if info.makes_thread else "thread"
        where = ", " + " ".join(filter(None, (new, info.thread.number if numbered else "", title)))
    choice = f"\n{info.choice}" if info.choice else ""
    return f"run {number}started on {info.graph}{where}{f' ({note})' if note else ''}{choice}"
