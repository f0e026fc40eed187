"""What a run's card shows, and in which words: a frozen picture of one moment. Pure; draws nothing.

`run_tree.py` and `card_text.py` draw it. `CardMaker` keeps what parsing a growing answer has found so far; everything else is
worked out from its arguments. Every string in a card is untrusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lg_magics.model.bounds import fitted, saved_size
from lg_magics.model.cell_rerun import CellRerun
from lg_magics.model.run_info import RunInfo
from lg_magics.model.run_view import RunView
from lg_magics.views.card_questions import MOST_ASKED, CardQuestion, question_texts, questions_from_texts
from lg_magics.views.markdown import GrowingMarkdown
from lg_magics.views.node import Node
from lg_magics.views.run_steps import CardStep, card_steps, chips

__all__ = ["CardMaker", "RunCard", "launch_line", "whole_of"]

LARGEST = 50_000  # bytes of a card's texts beside its answer
LARGEST_ANSWER = 40_000  # bytes of that, parsed
STEPS = 40
SETTLED_STEPS = 24
LIVE_TEXT = 12_000
SETTLED_TEXT = 30_000
SUMMARY = 300


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run's card at one moment. Its texts are bounded together; `rest` is what to type for all of them.

    Attributes:
        info: what does not change about the run.
        view: what is known of it.
        title: what was asked.
        note: a few words beside the status.
        is_settled: nothing about the run will change any more.
        now: seconds since the epoch; None where no time is shown that goes on.
        facts: the defaults in force, and what is to be said of the choice of assistant and thread.
        answered: what was asked and answered before this run, a line each.
        can_resume: it waits, and may be answered on the card.
        again: which of its cell's runs it is, where the cell ran before on the thread.
        steps: the newest steps.
        more_steps: how many steps were left out before them.
        answer: the answer, parsed.
        answer_cut: how many of its characters are left out.
        questions: what is asked.
        error: what went wrong, on one line; "" if nothing did.
        whole_error: all that went wrong, the traceback where it is known; "" if `error` says it.
        again_from: the nodes that failed and may run again; "" if the run cannot go on.
        code: the run as SDK code.
        rest: what to type for all that is shown in part.
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
        """Whether more of the answer is to come."""
        return self.view.status == "running" and bool(self.view.text) and not self.is_settled

    @property
    def can_cancel(self) -> bool:
        """Whether there is something to cancel."""
        return self.view.is_live and not self.is_settled

    @property
    def step_count(self) -> int:
        """How many steps there were."""
        return self.more_steps + sum(step.times for step in self.steps)

    @property
    def cut(self) -> str:
        """How much of the answer is not shown, and what has it; "" if all of it is."""
        return f"{self.answer_cut} characters are not shown: {self.rest} has all" if self.answer_cut else ""


class CardMaker:
    """Makes one run's cards, one after the other."""

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
        """The card of a view; `RunCard` says what the arguments mean."""
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
            can_resume=can_resume and len(view.interrupts) <= MOST_ASKED,
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
        """The answer's nodes, and how many characters are left out: at its beginning while it grows, else at its end."""
        is_whole = settled or len(view.text) <= LIVE_TEXT
        shown = view.text[:SETTLED_TEXT] if is_whole else view.text[-LIVE_TEXT:]
        tree = self._markdown.tree(shown) if shown.strip() else []
        while saved_size(tree) > LARGEST_ANSWER and len(shown) > 1:
            shown = shown[: len(shown) // 2] if is_whole else shown[-(len(shown) // 2) :]
            tree = self._markdown.tree(shown)
        return tree, view.text_length - len(shown)


def whole_of(info: RunInfo) -> str:
    """What to type for all that a run's card shows in part: the run, with `.messages`, `.interrupts` and `.error`."""
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
    """The nodes of the graph itself that failed, as words."""
    failed = list(dict.fromkeys(step.node for step in view.steps if step.state == "failed" and not step.namespace))
    return ", ".join(failed[:3]) or "where it failed"


def launch_line(info: RunInfo, note: str = "", *, numbered: bool) -> str:
    """One line on a run that was just launched; without numbers it is the same each time."""
    number = f"{info.number} " if numbered else ""
    choice = f"\n{info.choice}" if info.choice else ""
    where = ""
    if not info.is_stateless:
        title = f"“{info.thread.title}”" if info.thread.title else ""
        new = "new thread" if info.makes_thread else "thread"
        where = ", " + " ".join(filter(None, (new, info.thread.number if numbered else "", title)))
    return f"run {number}started on {info.graph}{where}{f' ({note})' if note else ''}{choice}"
