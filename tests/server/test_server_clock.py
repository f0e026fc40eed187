"""A deployment whose clock is five minutes ahead: every running time is by its clock, which dates its runs."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.ipython.live_card import LiveCard
from lg_magics.session import Session
from lg_magics.views.node import attributes_of, nodes_in, text_in

from .panel_page import page_of
from .proxy import Proxy

AHEAD = 300.0
STEP = {"steps": 1, "seconds": 30}


@pytest.fixture
def ahead(server: local.LocalServer) -> Iterator[Session]:
    """A session with a deployment that says that it is five minutes later than the runs' own times."""
    session = Session()
    with Proxy(server.url) as between:
        between.ahead = AHEAD
        deployment.connect(session, between.url)
        yield session
        session.close()


def test_a_live_run_lasts_as_long_by_the_clock_of_its_deployment(ahead: Session) -> None:
    run = runs.run(ahead, input=STEP, assistant="workbench", thread="new")
    try:
        card = LiveCard(run)
        view = card._live.envelope()
        shown = next(each for each in nodes_in(view["tree"]) if attributes_of(each).get("class") == "lg-time")
        assert text_in(shown).startswith(("4 min 5", "5 min 0"))
        assert view["at"] - float(attributes_of(shown)["data-since"]) == pytest.approx(AHEAD, abs=15)
        assert runs.runs(ahead)[0]["seconds"] == pytest.approx(AHEAD, abs=15)
        with page_of(ahead) as panel:
            panel.until(lambda: "running" in text_in(panel.head("runs")))
            tree, at = panel.head("runs"), panel.live.envelope()["at"]
            assert abs(at - time.time()) < 5, "the panel may show runs of several deployments"
            since = next(given for each in nodes_in(tree) if (given := attributes_of(each).get("data-since")))
            assert at - float(since) == pytest.approx(AHEAD, abs=15)
    finally:
        run.cancel()
        run.wait_quietly()
