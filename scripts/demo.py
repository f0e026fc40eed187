"""Opens JupyterLab on the quickstart, with a token, on this machine only. The last line printed is the address to open."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

PAGE = "lab/tree/notebooks/00_quickstart.ipynb"
LOG = Path(".venv/log/jupyterlab.txt")
STARTS_WITHIN = 300.0  # seconds


def main() -> int:
    """Start JupyterLab, print its address when it answers, and end with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = ["--ip=127.0.0.1", f"--LabApp.default_url=/{PAGE}", "--ServerApp.answer_yes=True", *sys.argv[1:]]
    if hasattr(os, "getuid") and os.getuid() == 0:
        options.append("--allow-root")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        lab = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], stdout=log, stderr=subprocess.STDOUT)
    try:
        address = _address(lab)
        if address is None:
            print(f"JupyterLab did not start. The end of {LOG}:", *_end_of_log(), sep="\n", file=sys.stderr)
            return 1
        print(f"JupyterLab is running. Ctrl+C stops it. Its log is {LOG}. Open:\n{address}", flush=True)
        return lab.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        lab.terminate()
        lab.wait()


def _address(lab: subprocess.Popen[bytes]) -> str | None:
    """Wait until it answers; None if it does not."""
    facts = Path(jupyter_runtime_dir(), f"jpserver-{lab.pid}.json")
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and lab.poll() is None:
        try:
            server = json.loads(facts.read_text("utf-8"))
            urllib.request.urlopen(f"{server['url']}api/status?token={server['token']}", timeout=2).close()
        except (OSError, ValueError):
            time.sleep(0.2)
        else:
            return f"{server['url']}{PAGE}?token={server['token']}"
    return None


def _end_of_log() -> list[str]:
    return LOG.read_text("utf-8", "replace").splitlines()[-20:]


if __name__ == "__main__":
    sys.exit(main())
