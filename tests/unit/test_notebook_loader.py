"""A version's file is run as a module. A slow statement is not run again, and leaves the same names as if it were."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from lg_magics.local import loader
from lg_magics.local.loader import Cache, Loaded, load
from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import Namespace, collect
from lg_magics.local.versions import Version


class Host:
    """Loads the versions of one notebook in its folder, as the server does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = Cache()
        self.modules: dict[str, list[int]] = {}
        self.number = 0

    def load(self, *cells: str, environment: Mapping[str, str] = {}) -> Loaded:
        self.number += 1
        executed = [ExecutedCell(number, text) for number, text in enumerate(cells, 1)]
        source = collect(executed, "graph", namespace=Namespace(star_names=lambda module: ["helper", "WORD"])).source
        file = self.folder / f"v{self.number}.txt"
        file.write_text(source.text)
        pieces = tuple(asdict(piece) for piece in source.pieces)
        version = Version("n", self.number, "graph", source.is_async, pieces, folder=str(self.folder))
        loaded = load(version, file, "notebook_loader", asyncio.run, self.cache, self.modules, environment)
        self.modules = loaded.modules
        return loaded


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(loader, "SLOW", 0.05)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Host(tmp_path)


def test_a_slow_statement_that_is_not_run_again_leaves_all_names_of_what_it_depends_on(host: Host) -> None:
    (host.folder / "words_beside.py").write_text("WORD = 'word'\ndef helper():\n    return WORD\n")
    cells = [
        "from words_beside import *",
        "import time\ndef setup():\n    global tone\n    tone = 'low'\nsetup()",
        "PROMPT = 'a'\nPROMPT += 'b'",
        "def slow(*given):\n    time.sleep(0.06)\n    return [*given]\nindex = slow(PROMPT, helper(), tone)",
        "graph = [PROMPT, helper(), tone, *index]",
    ]
    first = host.load(*cells)
    again = host.load(*cells[:-1], cells[-1] + "\ngraph.append(WORD)")
    assert first.names["graph"] == ["ab", "word", "low"] * 2
    assert again.names["graph"] == [*first.names["graph"], "word"]
    assert (first.reused, again.reused) == (0, 1)
    assert again.names["index"] is first.names["index"]


def test_what_a_slow_statement_leaves_does_not_depend_on_statements_that_are_no_part_of_it(host: Host) -> None:
    (host.folder / "words_beside.py").write_text("WORD = 'word'\ndef helper():\n    return WORD\n")
    slow = "import time\nfrom words_beside import *\ndef slow(given):\n    time.sleep(0.06)\n    return given\nindex = slow(WORD)"
    host.load("from words_beside import helper", slow, "graph = [helper(), index]")
    again = host.load(slow, "graph = [index, helper()]")
    assert again.names["graph"] == ["word", "word"]
    assert again.reused == 1


BUILD = (
    "import time\nfrom pathlib import Path\ndef build(path):\n    time.sleep(0.06)\n"
    "    with open('log.txt', mode='a') as log:\n        log.write('x')\n    return Path(path).read_text()\n"
    "index = build('data.txt')"
)
CONNECT = "import os, time\ndef connect(url):\n    time.sleep(0.06)\n    return url\ndb = connect(os.environ['DB_URL'])"


def test_a_slow_statement_runs_again_if_a_file_that_it_names_is_edited(host: Host) -> None:
    data, other = host.folder / "data.txt", host.folder / "other.txt"
    data.write_text("one")
    other.write_text("1")
    results = []
    for number in range(4):
        data.write_text("edited") if number == 2 else other.write_text(f"{number} more")
        loaded = host.load(BUILD, f"graph = [index, Path('other.txt').read_text(), {number}]")
        results.append((*loaded.names["graph"][:2], loaded.reused))
    assert results == [("one", "0 more", 0), ("one", "1 more", 1), ("edited", "1 more", 0), ("edited", "3 more", 1)]
    assert (host.folder / "log.txt").read_text() == "xx"


def test_a_slow_statement_runs_again_with_another_environment(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for number, url in enumerate(("one", "one", "two")):
        monkeypatch.setenv("DB_URL", url)
        loaded = host.load(CONNECT, f"graph = [db, {number}]", environment={"DB_URL": url})
        results.append((loaded.names["db"], loaded.reused))
    assert results == [("one", 0), ("one", 1), ("two", 0)]
