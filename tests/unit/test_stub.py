"""What a type checker knows of `lg_magics`: each function's arguments and its result, by real mypy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import lg_magics as lg

reveal_type(lg.run("x"))
reveal_type(lg.wait())
reveal_type(lg.wait("r7", "r8"))
reveal_type(lg.wait(lg.batch([{"q": 1}], input="{q}")))
reveal_type(lg.cancel(lg.run("x")))
reveal_type(lg.attach())
reveal_type(lg.attach(mine=True))
reveal_type(lg.fork("step:1"))
reveal_type(lg.fork("step:1", run=True))
reveal_type(lg.batch([{"q": 1}], input="{q}"))
reveal_type(lg.batch([{"q": 1}], input="{q}", dry_run=True))
reveal_type(lg.thread.show("t2"))
reveal_type(lg.thread())
reveal_type(lg.state())
reveal_type(lg.assistant.use_version(1))
reveal_type(lg.store.get("notes", "k"))
reveal_type(lg.client())
reveal_type(lg.client(sync=True))
"""
KNOWN = [
    *("Run", "Run", "Run | Table", "Batch", "Run", "Run", "Table", "Facts", "Run", "Batch", "Facts"),
    *("Facts", "Facts", "State", "Facts", "Item", "LangGraphClient", "SyncLangGraphClient"),
]
REFUSED = {
    'lg.run("x", nonsense=1)': 'Unexpected keyword argument "nonsense" for "run"',
    'lg.run("x", stateless="false")': 'Argument "stateless" to "run" has incompatible type "str"',
    'lg.run("x", multitask="bogus")': 'Argument "multitask" to "run" has incompatible type',
    'lg.thread.use("t2", "t3")': 'Too many positional arguments for "use"',
    "lg.nothing()": 'Module has no attribute "nothing"',
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What mypy prints of a script: a line for each thing that it reveals or refuses."""
    script = tmp_path_factory.mktemp("script") / "script.py"
    script.write_text(SCRIPT + "\n".join(REFUSED))
    command = [sys.executable, "-m", "mypy", str(script)]  # as `make check` does, whose cache it shares
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    return done.stdout.splitlines()


def test_the_result_of_each_call_is_known(told: list[str]) -> None:
    revealed = [re.sub(r"[\w.]+\.", "", line.split('"')[1]) for line in told if "Revealed type" in line]
    assert revealed == KNOWN


@pytest.mark.parametrize("call", REFUSED)
def test_a_call_that_cannot_be_is_an_error(told: list[str], call: str) -> None:
    assert [line for line in told if REFUSED[call] in line], told
