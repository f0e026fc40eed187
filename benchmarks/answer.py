"""How soon an answer is sent: from the click on Resume to the run that goes on, in JupyterLab; and how long a large form takes
to be drawn. Knows the browser tests' ways to a page, and the built view of a card.
"""

from __future__ import annotations

import re
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

import lg_magics
from benchmarks.bench import ASSISTANT, Bench
from benchmarks.samples import Line, Samples
from lg_magics.model.interrupts import Interrupt
from lg_magics.views.card_questions import CardQuestion
from lg_magics.views.node import Node
from lg_magics.views.question_tree import answers_form

__all__ = ["lines"]

SENT_LIMIT, DRAWN_LIMIT = 100.0, 20.0  # ms, medians
ROUNDS, DRAWN, FIELDS = 10, 50, 20
CONNECT = "%load_ext lg_magics\nlg.connect({url!r}, assistant={assistant!r})"
ASK = "run = %lg_run -a approval -t new Book a flight to Oslo\nprint(run.thread_id)"
BUILT = Path(lg_magics.__file__).parent / "widgets" / "static"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CLICKED = "button => { const at = performance.timeOrigin + performance.now(); button.click(); return at; }"

# Draws a tree in a new element and lays it out, some times over; milliseconds of each.
DRAWN_IN = """async ([code, style, tree, times]) => {
  document.head.append(Object.assign(document.createElement('style'), {textContent: style}));
  const built = await import(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})));
  const taken = [];
  for (let n = 0; n < times; n++) {
    const view = {name: `v${n}`, version: 1, at: Date.now() / 1000, tree, lost: {command: 'resume', ids: []}};
    const model = {get: name => ({view, layout: {}})[name], on() {}, off() {}, send() {}, set() {}, save_changes() {}};
    const widget = built.default();
    const el = document.body.appendChild(document.createElement('div'));
    el.className = 'lg-view';
    const began = performance.now();
    widget.initialize?.({model});
    const end = widget.render({model, el});
    el.getBoundingClientRect();
    taken.push(performance.now() - began);
    if (el.querySelectorAll('input, select, textarea').length < FIELDS) throw new Error('no form was drawn');
    end();
    el.remove();
  }
  return taken;
}"""


def lines(bench: Bench) -> list[Line]:
    bench.say(f"answer: {ROUNDS} answers on a card in JupyterLab, and a form of {FIELDS} fields")
    sys.path.append(str(Path(__file__).parents[1] / "tests/browser"))
    chromium = import_module("chromium")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium.CHROMIUM, args=chromium.FLAGS) as browser,
    ):
        sent, drawn = Samples(_sent(bench, browser)), Samples(_drawn(browser))
    return [
        _line("answer: from the click on Resume to the run", sent, SENT_LIMIT),
        _line(f"answer: a form of {FIELDS} fields drawn", drawn, DRAWN_LIMIT),
    ]


def _line(name: str, taken: Samples, limit: float) -> Line:
    return Line(name, str(taken), limit=f"{limit:g} ms", is_within=taken.median <= limit)


def _sent(bench: Bench, browser: Browser) -> list[float]:
    """By the server's clock, which is this machine's: when the run was created that goes on."""
    lab_server, notebook_page = map(import_module, ("lab_server", "notebook_page"))
    with TemporaryDirectory() as folder, lab_server.lab_server(Path(folder)) as server:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(120_000)
        opened = notebook_page.Lab(page, server.url, server.notebooks).new(
            CONNECT.format(url=bench.url, assistant=ASSISTANT), ASK
        )
        opened.run(0)
        taken = [_round(bench, opened) for _ in range(1 + ROUNDS)][1:]
        opened.close()
        return taken


def _round(bench: Bench, opened: Any) -> float:
    opened.run(1)
    card = opened.card(1)
    card.get_by_role("button", name="Approve", exact=True).click()
    resume = card.get_by_role("button", name="Resume", exact=True)
    resume.and_(card.locator(":enabled")).wait_for()
    clicked = float(resume.evaluate(CLICKED))
    opened.page.locator(".lg-pill", has_text="success").last.wait_for()
    thread_id = UUID.findall(opened.text(1))[-1]
    (newest,) = bench.sdk.runs.list(thread_id, limit=1)
    return 1000 * datetime.fromisoformat(str(newest["created_at"])).timestamp() - clicked


def _drawn(browser: Browser) -> list[float]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto("about:blank")
    code = (BUILT / "view.js").read_text("utf-8")
    style = (BUILT / "view.css").read_text("utf-8")
    script = DRAWN_IN.replace("FIELDS", str(FIELDS))
    taken: list[float] = page.evaluate(script, [code, style, _form(), DRAWN])
    return taken[5:]


def _form() -> Node:
    kinds: list[dict[str, Any]] = [
        {"type": "string", "description": "As on the ticket."},
        {"type": "integer", "minimum": 1, "maximum": 40},
        {"enum": ["window", "aisle", "middle"]},
        {"type": "string", "format": "date"},
        {"type": "array", "items": {"type": "string"}},
    ]
    fields = {f"field_{n}": kinds[n % len(kinds)] for n in range(FIELDS)}
    asked = Interrupt("Which?", "i", "ask", {"type": "object", "properties": fields, "required": list(fields)})
    return answers_form([CardQuestion(asked, 0, "ask", "Which?", "", ())])
