"""Every hidden character through every command, in a terminal IPython on a real pty against the real server."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

from hidden_texts import COMMANDS, FORGED, LINES, hostile_deployment
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.model.visible_text import visible_text

# What IPython and the terminal write themselves: colours, cursor, titles of theirs; ours would be any other.
OURS = re.compile(
    "[\x07\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\xad\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\x1b(?!\\[)"
)


def in_a_terminal(lines: list[str], home: Path) -> str:
    """All that a pty gets while a person types these lines."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"]
    environment = {**os.environ, "IPYTHONDIR": str(home), "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    shell = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=child, stderr=child, env=environment)
    os.close(child)
    assert shell.stdin is not None
    shell.stdin.write("".join(f"{line}\n" for line in [*lines, "exit"]).encode())
    shell.stdin.close()
    written, until = b"", time.monotonic() + 90
    while time.monotonic() < until:
        if select.select([parent], [], [], 1)[0]:
            try:
                piece = os.read(parent, 65_536)
            except OSError:
                break
            written += piece
        elif shell.poll() is not None:
            break
    shell.kill()
    shell.wait()
    os.close(parent)
    return written.decode(errors="surrogateescape").replace("\r\n", "\n")


def test_no_hidden_character_reaches_a_terminal(
    server: local.LocalServer, sdk: SyncLangGraphClient, tmp_path: Path
) -> None:
    with hostile_deployment(sdk, tmp_path) as words:
        lines = [f"print('=== {name}')\n{line.format(**words, url=server.url)}" for name, line in LINES.items()]
        written = in_a_terminal(["%load_ext lg_magics", *lines], tmp_path)
    shown = dict(re.findall(r"=== ([\w -]+)\n(.*?)(?==== |\Z)", written, re.S))
    assert list(shown) == list(LINES)
    assert not [name for name, text in shown.items() if re.search("(Name|Type|Attribute|Syntax)Error", text)]
    found = {
        name: sorted({hex(ord(each[0])) for each in OURS.findall(text)})
        for name, text in shown.items()
        if OURS.search(text)
    }
    assert found == {}
    forged = {name: re.findall(rf"^ {{,9}}{FORGED}.*", text, re.M)[:1] for name, text in shown.items()}
    assert {name: lines for name, lines in forged.items() if lines} == {}
    for name in ("messages 1", "state 1", "store search 1", "assistants 1", "store get 1", "stream 1", "batch 2"):
        assert "\\u202e" in shown[name], name
    for name in ("messages 1", "state 1", "store search 1", "assistants 1", "store get 1"):
        assert visible_text("\x1b]52") in shown[name], name


def test_every_command_is_among_the_lines() -> None:
    assert set(COMMANDS) == set(CATALOGUE)
