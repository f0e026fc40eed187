"""Projects that are saved beside what a person has: nothing of theirs is lost, and all that the graph imports is there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lg_magics.actions.serve import collected_source
from lg_magics.actions.serve_project import save_project
from lg_magics.errors import CommandError

from .notebook_shell import IMPORTS, NotebookShell, graph_cell, notebook_shell


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookShell]:
    """A notebook that needs no server."""
    with pytest.MonkeyPatch.context() as patch, notebook_shell(tmp_path_factory.mktemp("notebook"), patch) as shell:
        shell.run(IMPORTS)
        yield shell


def test_a_project_of_somebody_loses_no_file_line_or_graph(notebook: NotebookShell) -> None:
    notebook.run(graph_cell(name="theirs"))
    project = Path("theirs")
    project.mkdir()
    (project / "langgraph.json").write_text('{"dependencies": ["."], "graphs": {"old": "./old.py:graph"}}')
    (project / "requirements.txt").write_text("my-package>=2\nlanggraph\n")
    (project / ".env.example").write_text("MY_KEY=\n")
    (project / "broken.py").write_text("print 'Python 2'\n")
    (project / "theirs.py").write_text("mine = 1\n")
    with pytest.raises(CommandError, match=r"has another theirs\.py, which would be lost"):
        notebook.line("%lg_serve theirs --save theirs")
    assert (project / "theirs.py").read_text() == "mine = 1\n"
    (project / "theirs.py").unlink()
    notebook.line("%lg_serve theirs --save theirs")
    notebook.run(graph_cell(body="return {'log': ['two']}", name="theirs"))
    notebook.line("%lg_serve theirs --save theirs")
    assert "two" in (project / "theirs.py").read_text()
    assert set(json.loads((project / "langgraph.json").read_text())["graphs"]) == {"old", "theirs"}
    lines = (project / "requirements.txt").read_text().splitlines()
    assert lines[0] == "my-package>=2"
    assert len([line for line in lines if line.startswith("langgraph==")]) == 1
    assert "langgraph" not in lines
    assert "MY_KEY=" in (project / ".env.example").read_text()


def test_a_graphs_file_hides_no_module_and_packages_with_relative_imports_are_whole(
    notebook: NotebookShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("random_words.py").write_text("WORD = 'word'\n")
    Path("pack/deep").mkdir(parents=True)
    Path("pack/__init__.py").write_text("from .inner import WORD\nfrom . import deep\n")
    Path("pack/inner.py").write_text("from random_words import WORD\n")
    Path("pack/deep/__init__.py").write_text("from ..other import MORE\n")
    Path("pack/other.py").write_text("MORE = 'more'\n")
    (tmp_path / "of_the_parent.py").write_text("WORD = 'parent'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    notebook.run(
        "import pack, of_the_parent\n"
        + graph_cell(body="return {'log': [pack.deep.MORE, of_the_parent]}", name="random")
    )
    found = notebook.line("%lg_serve random --save packed")
    assert dict(found.facts)["not copied"] == "module of_the_parent, which the graph may need"
    project = Path("packed")
    assert json.loads((project / "langgraph.json").read_text())["graphs"] == {"random": "./random_graph.py:random"}
    (project / "of_the_parent.py").write_text("")
    program = (
        "import random; random.random(); import random_graph; print(random_graph.random.invoke({'log': []})['log'][0])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout == "more\n"


def test_the_package_of_a_model_that_is_named_without_its_provider_is_required(
    notebook: NotebookShell,
) -> None:
    notebook.run(
        "from langchain.agents import create_agent\nfrom langchain.chat_models import init_chat_model\n"
        "from langchain_core.language_models import FakeListChatModel\n"
        "init_chat_model('gpt-4o', api_key='none')\nMODEL = 'gpt-4o'"
    )
    for number, (made, is_needed) in enumerate(
        [
            ("init_chat_model('gpt-4o')", True),
            ("create_agent(model=MODEL)", True),
            ("create_agent(FakeListChatModel(responses=[]))", False),
        ]
    ):
        folder = Path(f"named-{number}")
        notebook.run(graph_cell(body=f"return {{'log': [{made}]}}", name="named"))
        notebook.line(f"%lg_serve named --save {folder}")
        assert ("langchain-openai==" in (folder / "requirements.txt").read_text()) == is_needed, made
        assert ("OPENAI_API_KEY=" in (folder / ".env.example").read_text()) == is_needed, made


def test_a_file_that_python_refuses_is_not_written(notebook: NotebookShell, tmp_path: Path) -> None:
    notebook.run(graph_cell(name="broken"))
    record = notebook.session.record()
    assert record is not None
    collected = collected_source(record, "broken", "broken")
    source = replace(collected.source, text=collected.source.text + "def f():\n    x: int = 1\n    global x\n")
    with pytest.raises(CommandError, match=r"broken cannot be saved: .*, line \d+"):
        save_project(record, replace(collected, source=source), "broken", tmp_path / "broken")
    assert not (tmp_path / "broken").exists()
