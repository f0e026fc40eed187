"""A script that ends while the package still works in the background: nothing is printed about that."""

from __future__ import annotations

import subprocess
import sys

from lg_magics import local

SCRIPT = """
import atexit, sys, time
import lg_magics as lg

atexit.register(time.sleep, 1)  # as long as other libraries take to end
lg.connect(sys.argv[1], timeout=60)
rows = [{"order": {"steps": 1}, "n": n} for n in range(20)]
batch = lg.batch(rows, input="order", assistant=["workbench"])
until = time.monotonic() + 30
while time.monotonic() < until and batch.view.phase == "preparing":
    time.sleep(0.01)
"""


def test_a_script_that_ends_while_a_batch_is_launching_prints_no_traceback(server: local.LocalServer) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, server.url], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
