"""The content of a run's card at one moment, as frozen text. Pure; renders nothing.

`run_tree.py` and `card_text.py` render it. `CardMaker` caches the parsed part of a growing answer; everything else follows
from its arguments. Every string in a card is untrusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lg_magics.model.bounds import fitted, saved_size
from lg_magics.model.cell_rerun import CellRerun
from lg_magics.model.node_names import shown_node
from lg_magics.model.run_info import RunInfo
from lg_magics.model.run_view import RunView
from lg_magics.views.card_questions import CardQuestion, question_texts, questions_from_texts
from lg_magics.views.markdown import GrowingMarkdown
from lg_magics.views.node import Node
from lg_magics.views.run_steps import CardStep, card_steps, chips

__all__ = ["CardMaker", "RunCard", "launch_line", "whole_of"]

LARGEST = 50_000  # bytes of a card's texts without its answer
LARGEST_ANSWER = 40_000  # bytes of the parsed answer
STEPS = 40
SETTLED_STEPS = 24
LIVE_TEXT = 12_000
SETTLED_TEXT = 30_000
SUMMARY = 300


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run's card at one moment. Its texts are bounded together; `rest` is the line that shows all of them.

    Attributes:
        info: the run's constant facts.
        view: the run's state.
        title: the run's input.
        note: a few words beside the status.
        is_settled: whether the run can no longer change.
        now: seconds since the epoch; None if no running time is shown.
        facts: the defaults in force, and notes about the choice of assistant and thread.
        answered: the interrupts answered before this run, a line each.
        can_resume: whether it waits, and can be answered on the card.
        again: its place among the runs of its cell, if the cell ran before on the thread.
        steps: the newest steps.
        more_steps: the number of earlier steps left out.
        answer: the answer, parsed.
        answer_cut: the number of its characters left out.
        questions: the interrupts.
        error: the error on one line; "" if there is none.
        whole_error: the full error, with the traceback if known; "" if `error` is complete.
        again_from: the failed nodes that can run again; "" if the run cannot continue.
        code: the run as SDK code.
        rest: the line that shows everything that is cut here.
    """

    info: RunInfo
    view: RunView
    title: str
    note: str
    is_settled: bool
    now: float | None
    facts: tuple[str, ...]
    answered: tuple[str, ...]
    can_resume: bool
    again: CellRerun | None
    steps: tuple[CardStep, ...]
    more_steps: int
    answer: Sequence[str | Node]
    answer_cut: int
    questions: tuple[CardQuestion, ...]
    error: str
    whole_error: str
    again_from: str
    code: str
    rest: str

    @property
    def is_streaming(self) -> bool:
        """Whether the answer is still growing."""
        return self.view.status == "running" and bool(self.view.text) and not self.is_settled

    @property
    def more_questions(self) -> str:
        """How many interrupts are not shown, in words."""
        more = len(self.view.interrupts) - len(self.questions)
        return f"{more} more questions follow when these are answered" if more else ""

    @property
    def can_cancel(self) -> bool:
        """Whether the run can be cancelled."""
        return self.view.is_live and not self.is_settled

    @property
    def step_count(self) -> int:
        """The number of steps."""
        return self.more_steps + sum(step.times for step in self.steps)

    @property
    def cut(self) -> str:
        """How much of the answer is left out, and the line that shows it; "" if nothing is."""
        return f"{self.answer_cut} characters are not shown: {self.rest} has all" if self.answer_cut else ""


class CardMaker:
    """Makes one run's cards, in sequence."""

    def __init__(self, info: RunInfo) -> None:
        self.info = info
        self._markdown = GrowingMarkdown()
        self._code = info.code
        self._title = info.title

    def card(
        self,
        view: RunView,
        *,
        note: str = "",
        settled: bool = False,
        now: float | None = None,
        answered: Sequence[str] = (),
        can_resume: bool = False,
        again: CellRerun | None = None,
        can_run_again: bool = False,
    ) -> RunCard:
        """Make the card of a view; see `RunCard` for the arguments."""
        info = self.info
        steps = chips(view) if info.card == "compact" else card_steps(view)
        most = SETTLED_STEPS if settled and info.card != "compact" else STEPS
        answer, cut = self._answer(view, settled)
        error = _error(view)
        texts = fitted(
            {
                "title": self._title,
                "note": note,
                "facts": [each for each in (*info.defaults, info.choice) if each],
                "answered": list(answered),
                "questions": question_texts(view.interrupts),
                "error": error,
                "whole_error": _whole_error(view, error),
                "again_from": _failed_nodes(view) if can_run_again else "",
                "code": self._code,
            },
            LARGEST,
            whole_of(info),
        )
        return RunCard(
            info=info,
            view=view,
            title=texts["title"],
            note=texts["note"],
            is_settled=settled,
            now=now,
            facts=tuple(texts["facts"]),
            answered=tuple(texts["answered"]),
            can_resume=can_resume,
            again=again,
            steps=tuple(steps[-most:]),
            more_steps=view.steps_dropped + sum(step.times for step in steps[:-most]),
            answer=answer,
            answer_cut=cut,
            questions=tuple(questions_from_texts(view.interrupts, texts["questions"])),
            error=texts["error"],
            whole_error=texts["whole_error"],
            again_from=texts["again_from"],
            code=texts["code"],
            rest=whole_of(info),
        )

    def _answer(self, view: RunView, settled: bool) -> tuple[list[str | Node], int]:
        """Return the answer's nodes, and the number of characters left out: at its beginning while it grows, else at its end."""
        is_whole = settled or len(view.text) <= LIVE_TEXT
        shown = view.text[:SETTLED_TEXT] if is_whole else view.text[-LIVE_TEXT:]
        tree = self._markdown.tree(shown) if shown.strip() else []
        while saved_size(tree) > LARGEST_ANSWER and len(shown) > 1:
            shown = shown[: len(shown) // 2] if is_whole else shown[-(len(shown) // 2) :]
            tree = self._markdown.tree(shown)
        return tree, view.text_length - len(shown)


def whole_of(info: RunInfo) -> str:
    """Return the line that shows everything a run's card cuts: the run, with `.messages`, `.interrupts` and `.error`."""
    return f'lg.attach("{info.number}")'


def _error(view: RunView) -> str:
    if view.status not in ("error", "timeout", "unknown"):
        return ""
    if not view.error:
        return "The server stopped it at its time limit." if view.status == "timeout" else ""
    line = view.whole_error.strip().partition("\n")[0]
    return line if len(line) <= SUMMARY else line[:SUMMARY] + "…"


def _whole_error(view: RunView, error: str) -> str:
    if not error:
        return ""
    return view.traceback or ("" if view.whole_error == error else view.whole_error)


def _failed_nodes(view: RunView) -> str:
    """Return the failed nodes of the graph itself, in words."""
    failed = list(
        dict.fromkeys(shown_node(step.node) for step in view.steps if step.state == "failed" and not step.namespace)
    )
    return ", ".join(failed[:3]) or "where it failed"


def launch_line(info: RunInfo, note: str = "", *, numbered: bool) -> str:
    """Return one line about a run that was just launched; without numbers it is the same on every run."""
    number = f"{info.number} " if numbered else ""
    choice = f"\n{info.choice}" if info.choice else ""
    where = ""
    if not info.is_stateless:
        title = f"“{info.thread.title}”" if info.thread.title else ""
        new = "new thread" if info.makes_thread else "thread"
        where = ", " + " ".join(filter(None, (new, info.thread.number if numbered else "", title)))
    return f"run {number}started on {info.graph}{where}{f' ({note})' if note else ''}{choice}"
