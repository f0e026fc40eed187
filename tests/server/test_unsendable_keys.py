"""A key or header that HTTP cannot carry, by every way in: one clear error, and nothing of it in a traceback of any kind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lg_magics.local import LocalServer

KEYS = {
    "BAD_KEY": "sesame-schlüssel",
    "NEW_LINE": "sesame\r\nx-other: 1",
    "SPACED": " sesame ",
    "ESC": "sesame\x1b[2J",
}
SETTINGS = """
[deployments.named]
url = "{url}"
api_key_env = "BAD_KEY"
[deployments.other]
url = "{url}"
"""
WAYS = """
%lg_connect {url} --api-key-env BAD_KEY
%lg_connect {url} --api-key-env NEW_LINE
%lg_connect {url} --api-key-env ESC
%lg_connect local --api-key-env BAD_KEY
%lg_connect local --header Authorization:=$bad
%lg_connect named
lg.connect({url!r}, api_key_env=os.environ["BAD_KEY"])
%lg_connect {url} --header Authorization:=$bad
%lg_connect {url} --header Authorization:=$spaced
lg.connect("other", header={{"Authorization": bad}})
lg.connect({url!r}, header={{bad: "x"}})
%lg_set --header Authorization:=$bad
lg.set(header={{"Authorization": new_line}})
%lg_run --header Authorization:=$bad hello
lg.run("hello", header={{"Authorization": new_line}})
%lg_stream --header Authorization:=$bad hello
%lg_batch $frame --input "{{x}}" --header Authorization:=$bad
%lg_batch --attach k7f2-9qd4 --header Authorization:=$bad
open("lg_magics.toml", "w").write(MORE); lg.connect("third")
"""
FOUND = 'os.environ["LANGGRAPH_API_KEY"] = bad; lg.connect({url!r})'
MORE = '[deployments.third]\nurl = "{url}"\nheaders = {{ Authorization = "Bearer $BAD_KEY" }}\n'


def shown_by(ways: list[str], url: str, home: Path) -> list[str]:
    """What a terminal IPython shows for each way, with tracebacks that print every local variable."""
    begin = [
        "import os, lg_magics as lg",
        "%load_ext lg_magics",
        "bad, new_line, spaced = (os.environ[name] for name in ('BAD_KEY', 'NEW_LINE', 'SPACED'))",
        f"frame, MORE = [{{'x': 1}}], {MORE.format(url=url)!r}",
        f"_ = lg.connect({url!r})",
        "%xmode Verbose",
    ]
    (home / "lg_magics.toml").write_text(SETTINGS.format(url=url))
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        input="".join(f"{line}\n" for line in [*begin, *ways, "exit"]),
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("LANG", "JPY"))},
            **KEYS,
            "IPYTHONDIR": str(home),
            "JUPYTER_RUNTIME_DIR": str(home),
            "PYTHONIOENCODING": "utf-8",
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "sesame" not in done.stderr
    return [piece.partition("]: ")[2].strip() for piece in done.stdout.split("\nIn [")][len(begin) + 1 : -1]


def test_what_a_header_cannot_carry_is_one_error_and_is_shown_nowhere(server: LocalServer, tmp_path: Path) -> None:
    ways = WAYS.format(url=server.url).strip().splitlines()
    shown = shown_by([*ways, "%lg_debug on", *ways, FOUND.format(url=server.url)], server.url, tmp_path)
    assert "sesame" not in "".join(shown)
    assert "LANGGRAPH_API_KEY (the key in it has a character" in shown.pop()
    one_line, traceback = shown[: len(ways)], shown[-len(ways) :]
    assert {way: text for way, text in zip(ways, one_line, strict=True) if "Traceback" in text or "File " in text} == {}
    assert [way for way, text in zip(ways, one_line, strict=True) if not text.startswith("SettingsError: ")] == []
    assert [way for way, text in zip(ways, traceback, strict=True) if "errors.SettingsError: " not in text] == []
