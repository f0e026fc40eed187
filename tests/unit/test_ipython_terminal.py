"""In a real terminal IPython: the same lines, plain text, each result once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SHOWN = "lg_magics: not connected"


def typed(lines: list[str], home: Path) -> list[str]:
    """What the terminal shows, split at its prompts; the first piece is what stands before the first prompt."""
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        input="".join(f"{line}\n" for line in [*lines, "exit"]),
        env={**os.environ, "IPYTHONDIR": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [piece.partition("]: ")[2].strip() for piece in done.stdout.split("\nIn [")[1:]]


def test_a_terminal_shows_a_result_once_and_no_empty_output(tmp_path: Path) -> None:
    lines = [
        "%load_ext lg_magics",
        "%lg",
        "r = %lg",
        "r",
        "%lg --quiet",
        "%lg_run what now?",
        "lg.current().is_attended",
    ]
    greeting, magic, assigned, output, quiet, error, attended, *_ = typed(lines, tmp_path)
    assert greeting == "lg_magics 0.1: %lg_connect local to start, %lg for help"
    assert magic.startswith(SHOWN)
    assert assigned.startswith(SHOWN)
    assert output.startswith("Out[4]: \n" + SHOWN)
    assert quiet == ""
    assert error == "NotConnected: Not connected.\n%lg_connect local starts one."
    assert attended == "Out[7]: True"


def test_progress_is_not_written_into_a_file(tmp_path: Path) -> None:
    source = "from lg_magics.ipython.magics import Progress; Progress(get_ipython())('50 of 100')"
    command = [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "-c", source]
    env = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert "50 of 100" not in done.stdout + done.stderr
