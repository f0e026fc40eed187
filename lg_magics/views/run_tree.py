"""Render a run's card as a tree. Depends on the card and on nodes; reads no clock.

The title is the run's input. While the run is active, its steps are shown; at its end the answer, with the steps folded into
one line. A form takes the answers to interrupts; it has no defaults, and only its one button sends.
"""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.model.duration import duration
from lg_magics.views.frame_tree import action, card, chip, clock, copied_id, fold, head, note, pre, section, state
from lg_magics.views.node import Node, children_of, node, spaced, text_in
from lg_magics.views.question_tree import asked_section
from lg_magics.views.run_card import RunCard
from lg_magics.views.run_rows import row_list, words_of_work
from lg_magics.views.run_steps import CardStep, effect_counts
from lg_magics.views.words import short_id

__all__ = ["run_tree"]

THREAD_TAIL, RUN_TAIL = 6, 5
LONG_ANSWER = 1_600
LONG_LINES = 20
STATES = {"waiting": "waiting for you"}
INLINE = ("strong", "em", "s", "code", "a", "br", "hr")


def run_tree(shown: RunCard, *, with_code: bool = True, is_picture: bool = False) -> Node:
    """Return the card.

    Args:
        shown: The card's content.
        with_code: Whether to include the SDK code.
        is_picture: Whether this is static output of an active run.
    """
    return card(
        shown.view.status,
        f"run {shown.info.number} of {shown.info.graph}",
        _head(shown),
        section("notes", *(note(line) for line in shown.answered), _again(shown), note(shown.note, "note")),
        _work(shown),
        _answer(shown),
        _values(shown),
        asked_section(shown),
        section("error", node("div", shown.error, class_="lg-error")) if shown.error else None,
        _foot(shown, with_code, is_picture),
    )


def _head(shown: RunCard) -> Node:
    info, view = shown.info, shown.view
    thread = None if info.is_stateless else info.thread
    begin = view.created_at if view.created_at is not None else view.started_at
    end = [
        clock("lg-time", view.elapsed(shown.now), None if shown.is_settled else begin),
        _cancel(shown.note) if shown.can_cancel else None,
    ]
    return head(
        shown.title,
        end,
        state(STATES.get(view.status, view.status)),
        node("span", " · ".join(word for word in (info.deployment, info.graph) if word), class_="lg-place"),
        chip("protected", "lg-protected") if info.is_protected else None,
        copied_id("thread", short_id(thread.number, thread.id, THREAD_TAIL), thread.id) if thread else None,
        copied_id("run", short_id(info.number, info.id, RUN_TAIL), info.id),
        node("a", "LangSmith", key="trace", href=info.trace, title="the run's trace") if info.trace else None,
        _turn(shown),
        *(chip(words) for words in shown.facts),
    )


def _cancel(note: str) -> Node:
    if note.startswith("cancelling"):
        return action("cancel", "Cancelling…", class_="lg-cancel", aria_disabled="true")
    return action("cancel", "Cancel", class_="lg-cancel", data_busy="Cancelling…")


def _turn(shown: RunCard) -> Node | None:
    """Return `‹ 2 of 3 ›`, with links to the other runs of the card's cell."""
    again = shown.again
    if again is None or not again.is_rewound:
        return None
    number, count = again.number, len(again.run_ids)
    turns = [
        action(
            "look",
            sign,
            key=name,
            args={"number": to},
            class_="lg-to",
            aria_label=name,
            aria_disabled=False if 1 <= to <= count else "true",
        )
        for name, sign, to in (("previous run", "‹", number - 1), ("next run", "›", number + 1))
    ]
    return node("span", turns[0], f"{number} of {count}", turns[1], class_="lg-turn")


def _again(shown: RunCard) -> Node | None:
    return note(shown.again.words, "again") if shown.again else None


# -- what it did ------------------------------------------------------------------------------------------------


def _work(shown: RunCard) -> Node | None:
    """Return the steps; at the end, one line that expands to them."""
    tokens = shown.view.usage
    used = f"{tokens.input:,} in, {tokens.output:,} out tokens" if tokens and not shown.view.is_live else ""
    if shown.info.card == "compact":
        steps = _steps(shown)
    else:
        steps = row_list(shown.steps, shown.more_steps, is_live=not shown.is_settled, now=shown.now)
    if not shown.is_settled or steps is None:
        return section("work", steps, node("span", used, class_="lg-footnote") if used else None)
    return section("work", fold(words_of_work(shown.step_count, *effect_counts(shown.view), used), steps, key="steps"))


def _steps(shown: RunCard) -> Node | None:
    more = shown.more_steps
    if not shown.steps and not more:
        return None
    earlier = node("li", f"… {more} earlier {'step' if more == 1 else 'steps'}", class_="lg-more") if more else None
    return node("ol", earlier, [_step(step, shown) for step in shown.steps], class_="lg-steps", aria_label="steps")


def _step(step: CardStep, shown: RunCard) -> Node:
    """Return a step's row. Each state but the plain one has a word; `running` is a word for screen readers only."""
    word = node("b", step.state, class_="lg-unseen" if step.state == "running" else "lg-word")
    parts = spaced(
        node("span", f"{step.name} ×{step.times}" if step.times > 1 else step.name),
        word if step.state != "done" else None,
        _took(step, shown),
    )
    return node("li", node("span", parts, class_="lg-box"), key=str(step.place), class_=f"lg-step lg-{step.state}")


def _took(step: CardStep, shown: RunCard) -> Node | None:
    if step.since is None or shown.now is None:
        return node("span", duration(step.seconds), class_="lg-took") if step.seconds is not None else None
    return clock("lg-took", max(0.0, shown.now - step.since), None if shown.is_settled else step.since)


# -- its answer -------------------------------------------------------------------------------------------------


def _answer(shown: RunCard) -> Node | None:
    if not shown.answer and not shown.is_streaming:
        return None
    nodes = _with_caret(shown.answer) if shown.is_streaming else shown.answer
    cut = note(shown.cut, "cut")
    if not shown.is_settled:
        return section("answer", _text_box(nodes, "lg-text lg-live", is_growing=True), cut)
    text = _text_box(nodes, "lg-text")
    if not _is_long(text):
        return section("answer", text, cut)
    all_of_it = node("details", node("summary", "Show all"), key="all")
    return section("answer", node("div", text, all_of_it, class_="lg-long"), cut)


def _text_box(nodes: Sequence[str | Node], name: str, *, is_growing: bool = False) -> Node:
    label = "answer"
    return node("div", nodes, class_=name, role="region", aria_label=label, tabindex=0, data_stick=is_growing)


def _is_long(answer: Node) -> bool:
    text = text_in(answer)
    return len(text) > LONG_ANSWER or len(answer) + text.count("\n") > LONG_LINES


def _with_caret(nodes: Sequence[str | Node]) -> list[str | Node]:
    """Add the caret where the next word will appear: at the end of the last paragraph, item or cell. Copies the nodes."""
    last = nodes[-1] if nodes else ""
    if isinstance(last, list) and last[0] not in INLINE:
        return [*nodes[:-1], [*last[:2], *_with_caret(children_of(last))]]
    return [*nodes, node("i", class_="lg-caret", aria_hidden="true")]


def _values(shown: RunCard) -> Node | None:
    """Return todos, names of files, and a result that has no messages."""
    kept = shown.view.kept
    todos = [
        node("li", f"{'☑' if todo.is_done else '☐'} {todo.content}", class_="lg-is-done" if todo.is_done else "")
        for todo in kept.todos or ()
    ]
    result = shown.view.value if shown.is_settled else ""
    return section(
        "values",
        node("ul", todos, class_="lg-todo", aria_label="todos") if todos else None,
        note(f"files: {', '.join(kept.files)}", "files") if kept.files else None,
        pre(result) if result else None,
    )


# -- the foot ---------------------------------------------------------------------------------------------------


def _foot(shown: RunCard, with_code: bool, is_picture: bool) -> Node | None:
    code = shown.code if with_code else ""
    chunks = f"{shown.view.chunks} chunk{'s' * (shown.view.chunks != 1)}" if shown.view.chunks else ""
    copy = node("button", "Copy code", key="copy", class_="lg-copy", data_copy=True)
    parts = spaced(
        fold("Full traceback" if shown.view.traceback else "Full error", pre(shown.whole_error))
        if shown.whole_error
        else None,
        fold("As SDK code", node("pre", node("code", code), tabindex=0), copy) if code else None,
        node("span", "A picture of a run that had not ended.", class_="lg-snapshot") if is_picture else None,
        node("span", chunks, class_="lg-footnote") if chunks and shown.view.is_live else None,
        action("again", f"Run again from {shown.again_from}", data_busy="Running…") if shown.again_from else None,
    )
    foot = node("div", parts, key="foot", class_="lg-section lg-foot")
    return foot if len(foot) > 2 else None
