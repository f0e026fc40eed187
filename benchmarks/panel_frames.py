"""The longest frame while the side panel lists what fits of a thousand threads: real JupyterLab, real browser. Draws nothing.

JupyterLab is opened in the ways of the browser tests (tests/browser). What is done and measured then is one script on the page:
to have playwright find one button among a thousand rows takes the page longer than to draw them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from benchmarks.bench import ASSISTANT, Bench
from benchmarks.samples import Line, Samples

__all__ = ["lines"]

LIMIT = 50.0  # ms
THREADS = 1_000
ROUNDS = 5
CONNECT = "%load_ext lg_magics\nlg.connect({url!r}, assistant={assistant!r})"
THREADS_SECTION = "#lg-magics-panel .lg-threads"
ACTS = {
    "filtered": """async ({box, type, pause}) => {
      for (let end = 1; end <= 9; end++) { type(box(), 'number 77'.slice(0, end)); await pause(60); }
      for (let end = 8; end >= 0; end--) { type(box(), 'number 77'.slice(0, end)); await pause(60); }
    }""",
    "listed": """async ({rows, more, pause}) => {
      for (let drawn = rows(); more(); drawn = rows()) {
        more().click();
        while (rows() === drawn && more()) await pause(20);
        await pause(60);
      }
    }""",
    "refreshed": """async ({refresh, pause}) => { refresh().click(); await pause(1500); }""",
}

# Does it, and gives the longest time between two frames meanwhile.
LONGEST = """async () => {
  const panel = document.querySelector('#lg-magics-panel');
  const find = name => panel.querySelector(`.lg-threads ${name}`);
  const list = panel.querySelector('.lg-threads').getElementsByClassName('lg-row');
  const page = {
    rows: () => list.length,
    box: () => find('.lg-filter'),
    more: () => find(':is(.lg-more, .lg-show-more)'),
    refresh: () => panel.querySelector('.lg-refresh'),
    type: (box, words) => { box.value = words; box.dispatchEvent(new Event('input', {bubbles: true})); },
    pause: ms => new Promise(next => setTimeout(next, ms)),
  };
  await page.pause(500);
  let [last, longest, goesOn] = [performance.now(), 0, true];
  const frame = () => {
    const now = performance.now();
    [longest, last] = [Math.max(longest, now - last), now];
    if (goesOn) requestAnimationFrame(frame);
  };
  requestAnimationFrame(() => { last = performance.now(); requestAnimationFrame(frame); });
  await (ACT)(page);
  await page.pause(400);
  goesOn = false;
  return longest;
}"""


def lines(bench: Bench) -> list[Line]:
    bench.say(f"panel: {THREADS:,} threads in JupyterLab, {ROUNDS} rounds")
    made = [bench.sdk.threads.create(metadata={"title": f"Number {n}"})["thread_id"] for n in range(THREADS)]
    try:
        taken = _measured(bench)
    finally:
        for thread_id in made:
            bench.sdk.threads.delete(thread_id)
    return [_line(what, Samples(values)) for what, values in taken.items()]


def _line(what: str, longest: Samples) -> Line:
    name = f"panel: {THREADS:,} threads, longest frame when {what}"
    return Line(name, str(longest), limit=f"{LIMIT:g} ms", is_within=longest.median <= LIMIT)


def _measured(bench: Bench) -> dict[str, list[float]]:
    sys.path.append(str(Path(__file__).parents[1]))
    names = ("chromium", "lab_server", "notebook_page", "side_panel")
    chromium, lab_server, notebook_page, side_panel = (import_module(f"tests.browser.{name}") for name in names)
    with (
        TemporaryDirectory() as folder,
        lab_server.lab_server(Path(folder)) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium.CHROMIUM, args=chromium.FLAGS) as browser,
    ):
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        opened = notebook_page.Lab(page, server.url, server.notebooks).new(
            CONNECT.format(url=bench.url, assistant=ASSISTANT)
        )
        opened.run(0)
        side_panel.SidePanel(opened.lab)
        page.locator(f"{THREADS_SECTION} .lg-row").first.wait_for()
        _longest(page, "listed")  # this fetches them
        found = [{what: _longest(page, what) for what in ACTS} for _ in range(ROUNDS)]
        opened.close()
        return {what: [each[what] for each in found] for what in ACTS}


def _longest(page: Page, what: str) -> float:
    return float(page.evaluate(LONGEST.replace("ACT", ACTS[what])))
