"""How soon a click on Cancel is a request in the kernel: in JupyterLab, with the kernel idle, and while it runs a cell.

JupyterLab is opened in the ways of the browser tests (tests/browser). The page's clock and the kernel's are this machine's.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser

from benchmarks.bench import ASSISTANT, Bench
from benchmarks.samples import Line, Samples

__all__ = ["lines"]

LIMIT = 30.0  # ms, median
ROUNDS = 10
NOTED = """%load_ext lg_magics
import json, time
from lg_magics.live.live_view import LiveView
received, receive = [], LiveView.receive
def noted(view, data):
    if data.get("command") == "cancel":
        received.append(1000 * time.time())
    receive(view, data)
LiveView.receive = noted
"""
CONNECT = "lg.connect({url!r}, assistant={assistant!r})"
LAUNCH = '%lg_run -t new --json {"steps": 1, "seconds": 60}'
BUSY = "print('begun', flush=True)\nend = time.time() + 30\nwhile time.time() < end: time.sleep(0.01)"
SHOWN = "print(json.dumps(received))"
CLICKED = "button => { const at = performance.timeOrigin + performance.now(); button.click(); return at; }"


def lines(bench: Bench, browser: Browser) -> list[Line]:
    bench.say(f"card: {ROUNDS} clicks on Cancel in JupyterLab, idle and busy")
    lab_server, notebook_page = map(import_module, ("lab_server", "notebook_page"))
    with TemporaryDirectory() as folder, lab_server.lab_server(Path(folder)) as server:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(60_000)
        first = NOTED + CONNECT.format(url=bench.url, assistant=ASSISTANT)
        opened = notebook_page.Lab(page, server.url, server.notebooks).new(first, LAUNCH, BUSY, SHOWN)
        opened.run(0)
        found = [_line(state, _taken(opened, is_busy=state == "busy")) for state in ("idle", "busy")]
        opened.close()
        return found


def _line(state: str, taken: Samples) -> Line:
    name = f"from the click on Cancel to the kernel, {state}"
    return Line(name, str(taken), limit=f"{LIMIT:g} ms", is_within=taken.median <= LIMIT)


def _taken(opened: Any, *, is_busy: bool) -> Samples:
    clicked = [_clicked(opened, is_busy=is_busy) for _ in range(1 + ROUNDS)]
    opened.run(3)
    received = json.loads(opened.text(3))[-len(clicked) :]
    return Samples([then - at for at, then in zip(clicked, received, strict=True)][1:])


def _clicked(opened: Any, *, is_busy: bool) -> float:
    """Cancel a run by its card; the time of the click in ms."""
    opened.run(1)
    card = opened.card(1)
    card.locator(".lg-pill", has_text="running").wait_for()
    if is_busy:
        opened.begin(2)
        opened.output(2).get_by_text("begun").wait_for()
    at = float(card.get_by_role("button", name="Cancel").evaluate(CLICKED))
    card.locator(".lg-pill", has_text="cancelled").wait_for()
    if is_busy:
        opened.interrupt()
        opened.finish()
    return at
