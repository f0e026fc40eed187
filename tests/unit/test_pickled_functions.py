"""The Python functions in another process: they are pickled by their names, and copied as they are."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import lg_magics as lg
from lg_magics.grammar.catalogue import CATALOGUE, nouns, verbs


def test_every_function_is_pickled_by_its_name_and_copied_as_it_is() -> None:
    functions = [getattr(lg, noun or "home") for noun in nouns()]
    functions += [getattr(getattr(lg, noun), verb.replace("-", "_")) for noun in nouns() for verb in verbs(noun)]
    assert len(functions) >= len(CATALOGUE)
    for each in functions:
        assert pickle.loads(pickle.dumps(each)) is each
        assert copy.copy(each) is copy.deepcopy(each) is each


SCRIPT = """import multiprocessing
from concurrent.futures import ProcessPoolExecutor
import lg_magics as lg

if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(lg.home).result().data == lg.home().data
        try:
            pool.submit(lg.status).result()
        except lg.NotConnected:
            print("not connected")
"""


def test_another_process_calls_a_function_with_a_session_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "spawning.py").write_text(SCRIPT, "utf-8")
    done = subprocess.run(
        [sys.executable, tmp_path / "spawning.py"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("not connected\n", 0), done.stderr


def test_a_name_of_python_is_no_verb() -> None:
    assert not hasattr(lg.thread, "__wrapped__")
    assert not hasattr(lg.thread, "usee")
