"""What a card costs a page: updates and bytes a second while 40 steps stream, the time of each, and how soon a card is painted.

The updates are those of a real kernel; Chromium applies them with the real script, as a page does. How soon a card is painted is
measured in JupyterLab, which is opened in the ways of the browser tests (tests/browser).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

import lg_magics
from benchmarks import card_cancel
from benchmarks.bench import ASSISTANT, Bench
from benchmarks.kernel import open_kernel
from benchmarks.samples import Line, Samples

__all__ = ["lines"]

STEPS, SECONDS, TOKENS = 40, 0.25, 20
UPDATES, KILOBYTES, MILLISECONDS = 20.0, 60.0, 4.0  # a second; a second; for each
PAINTED, FIRST = 70.0, 250.0  # ms
MANY_STEPS, PARALLEL, PARALLEL_MILLISECONDS = 300, 50, 8.0
ROUNDS, KERNELS = 12, 3
CONNECT = "%load_ext lg_magics\nlg.connect({url!r}, assistant={assistant!r})"
STREAM = f'%lg_run -a workbench -t new --wait --json {{"steps": {STEPS}, "seconds": {SECONDS}, "tokens": {TOKENS}}}'
QUICK = '%lg_run -a workbench -t new --json {"steps": 1, "seconds": 0.2}'
STATIC = Path(lg_magics.__file__).parent / "widgets" / "static"

# Draws a view, then applies each change as a model would give it; the milliseconds of each, with the layout that it needs.
APPLY = """async ([script, style, view, updates]) => {
  document.head.append(Object.assign(document.createElement('style'), {textContent: style}));
  const made = await import(URL.createObjectURL(new Blob([script], {type: 'text/javascript'})));
  const [state, listeners] = [{view}, new Map()];
  const model = {
    get: name => state[name],
    on: (event, call) => listeners.set(event, [...(listeners.get(event) ?? []), call]),
    off: () => undefined, send: () => undefined, comm_live: true,
  };
  const {initialize, render} = made.default();
  initialize({model});
  const el = document.body.appendChild(document.createElement('div'));
  render({model, el});
  const taken = [];
  for (const newest of updates) {
    await new Promise(requestAnimationFrame);
    const began = performance.now();
    state.newest = newest;
    for (const call of listeners.get('change:newest')) call();
    el.getBoundingClientRect();
    taken.push(performance.now() - began);
  }
  if (state.view.version !== updates.at(-1).version) throw new Error('the updates do not follow each other');
  return taken;
}"""

# Runs a cell, and gives the milliseconds until its card has been painted.
PAINT = """async index => {
  const {content} = window.panel;
  const {commands} = window.jupyterapp;
  content.activeCellIndex = index;
  await commands.execute('notebook:clear-cell-output');
  const {node} = content.widgets[index];
  const seen = new Promise(next => {
    const watching = new MutationObserver(() => {
      if (!node.querySelector('.lg-card')) return;
      watching.disconnect();
      requestAnimationFrame(() => setTimeout(() => next(performance.now())));
    });
    watching.observe(node, {subtree: true, childList: true});
  });
  const began = performance.now();
  const done = commands.execute('notebook:run-cell');
  const painted = await seen - began;
  await done;
  return painted;
}"""


def lines(bench: Bench) -> list[Line]:
    bench.say(f"card: {STEPS} steps stream, and {ROUNDS} cells in JupyterLab")
    sys.path.append(str(Path(__file__).parents[1] / "tests/browser"))
    chromium = import_module("chromium")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium.CHROMIUM, args=chromium.FLAGS) as browser,
    ):
        return [*_streaming(bench, browser), *_painting(bench, browser), *card_cancel.lines(bench, browser)]


def _streaming(bench: Bench, browser: Browser) -> list[Line]:
    with open_kernel() as kernel:
        kernel.messages(CONNECT.format(url=bench.url, assistant=ASSISTANT))
        updates, taken = _applied(browser, kernel.messages(STREAM))
        kernel.messages("from benchmarks import in_kernel")
        changes, wide = _applied(browser, kernel.messages(f"in_kernel.parallel_card({MANY_STEPS}, {PARALLEL})"))
    assert len(changes) >= STEPS  # as many rows as a card has
    count = _each_second([(at, 1.0) for at, _ in updates])
    size = _each_second([(at, len(json.dumps(newest, ensure_ascii=False).encode()) / 1000) for at, newest in updates])
    name = f"card of {STEPS} steps"
    return [
        _line(f"{name}: updates a second", Samples(count, "/s"), UPDATES, "/s"),
        _line(f"{name}: what they hold", Samples(size, "kB/s"), KILOBYTES, "kB/s"),
        _line(f"{name}: one in Chromium", taken, MILLISECONDS, "ms"),
        _line(f"card of {MANY_STEPS} steps, {PARALLEL} at once: one in Chromium", wide, PARALLEL_MILLISECONDS, "ms"),
    ]


def _applied(browser: Browser, published: Sequence[dict[str, Any]]) -> tuple[list[tuple[float, Any]], Samples]:
    """The updates of a card that a kernel sent, each with its time; and the milliseconds that each takes Chromium."""
    states = [
        (each["header"]["date"].timestamp(), each["content"]["data"]["state"])
        for each in published
        if each["msg_type"] in ("comm_open", "comm_msg") and "state" in each["content"]["data"]
    ]
    view = next(state["view"] for _, state in states if "view" in state)
    updates = [(at, state["newest"]) for at, state in states if state.get("newest")]
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    script, style = ((STATIC / name).read_text("utf-8") for name in ("view.js", "view.css"))
    taken = Samples(page.evaluate(APPLY, [script, style, view, [newest for _, newest in updates]]))
    page.close()
    return updates, taken


def _each_second(found: Sequence[tuple[float, float]]) -> list[float]:
    """The sum of each whole second; the first and the last are not whole."""
    sums: Counter[int] = Counter()
    for at, value in found:
        sums[int(at)] += value  # type: ignore[assignment]
    return [float(sums[second]) for second in range(min(sums) + 1, max(sums))]


def _painting(bench: Bench, browser: Browser) -> list[Line]:
    lab_server, notebook_page = map(import_module, ("lab_server", "notebook_page"))
    connect = CONNECT.format(url=bench.url, assistant=ASSISTANT)
    first, later = [], []
    with TemporaryDirectory() as folder, lab_server.lab_server(Path(folder)) as server:
        lab = notebook_page.Lab(browser.new_page(viewport={"width": 1200, "height": 900}), server.url, server.notebooks)
        opened = lab.new(connect, QUICK, "%lg_wait")
        for number in range(KERNELS):
            if number:
                opened.restart()
            opened.run(0)
            first.append(_painted(opened))
        later = [_painted(opened) for _ in range(ROUNDS)]
        opened.close()
    return [
        _line("from the cell's start to its painted card", Samples(later), PAINTED, "ms"),
        _line("    the first in a kernel", Samples(first), FIRST, "ms"),
    ]


def _painted(opened: Any) -> float:
    taken = float(opened.page.evaluate(PAINT, 1))
    opened.run(2)
    return taken


def _line(name: str, found: Samples, limit: float, unit: str) -> Line:
    return Line(name, str(found), limit=f"{limit:g} {unit}", is_within=found.median <= limit)
