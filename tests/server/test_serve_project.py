"""Projects that are saved beside what a person has: nothing of theirs is lost, and all that the graph imports is there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

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
    assert [line for line in lines if line.startswith("langgraph=")] == []
    assert "langgraph" in lines
    assert "MY_KEY=" in (project / ".env.example").read_text()


SETTINGS: dict[str, Any] = {
    "python_version": "3.12",
    "graphs": {"bot": "./src/bot.py:graph"},
    "env": {"TENANT": "Ä"},
    "dependencies": ["./src"],
}


def project_with(folder: str, content: object) -> Path:
    project = Path(folder)
    project.mkdir()
    (project / "langgraph.json").write_text(json.dumps(content))
    return project


def test_a_project_keeps_its_settings_and_lines(notebook: NotebookShell) -> None:
    notebook.run("import os\n" + graph_cell(body="return {'log': [os.environ['MY_KEY']]}", name="added"))
    project = project_with("settled", SETTINGS)
    requirements = "LangGraph>=0.6,<2  # as in production\nipython==0.1"
    (project / "requirements.txt").write_text(requirements)
    found = notebook.line("%lg_serve added --save settled")
    after = json.loads((project / "langgraph.json").read_text())
    assert after == {**SETTINGS, "graphs": {**SETTINGS["graphs"], "added": "./added.py:added"}}
    assert json.loads((project / "langgraph.json~").read_text()) == SETTINGS
    assert (project / "requirements.txt").read_text().startswith(requirements)
    assert "langgraph==" not in (project / "requirements.txt").read_text()
    assert dict(found.facts)["variables"] == 'MY_KEY: add them to "env" in langgraph.json'
    (project / "langgraph.json").write_text(json.dumps({**after, "env": ".env"}))
    (project / ".env.example").write_text("export MY_KEY=a-value  # why")
    notebook.line("%lg_serve added --save settled")
    assert (project / ".env.example").read_text() == "export MY_KEY=a-value  # why"
    assert not list(project.glob(".env.example~"))


def test_an_older_version_in_a_project_stays_and_is_named(notebook: NotebookShell) -> None:
    notebook.run(graph_cell(name="older"))
    project = project_with("pinned", {})
    (project / "requirements.txt").write_text("langgraph==0.0.1\n")
    found = notebook.line("%lg_serve older --save pinned")
    assert (project / "requirements.txt").read_text().startswith("langgraph==0.0.1\n")
    assert dict(found.facts)["kept"].startswith("in requirements.txt: langgraph==0.0.1, where this notebook has ")


@pytest.mark.parametrize("spec", ["./src/other.py:graph", {"path": "./src/other.py:graph"}, None])
def test_another_graph_of_the_same_name_stays(notebook: NotebookShell, spec: object) -> None:
    notebook.run(graph_cell(name="mine"))
    project = project_with(f"named-{type(spec).__name__}", {"graphs": {"mine": spec}})
    before = (project / "langgraph.json").read_text()
    with pytest.raises(CommandError, match=r"has another graph mine, which is at .* --name OTHER_NAME"):
        notebook.line(f"%lg_serve mine --save {project}")
    assert [path.name for path in project.iterdir()] == ["langgraph.json"]
    assert (project / "langgraph.json").read_text() == before


def test_a_description_of_a_saved_graph_stays(notebook: NotebookShell) -> None:
    notebook.run(graph_cell(name="described"))
    notebook.line("%lg_serve described --save described")
    file = Path("described/langgraph.json")
    content = json.loads(file.read_text())
    content["graphs"]["described"] = {"path": content["graphs"]["described"], "description": "mine"}
    file.write_text(json.dumps(content))
    notebook.line("%lg_serve described --save described")
    assert json.loads(file.read_text()) == content


@pytest.mark.parametrize("graphs", [["a"], "x", 1])
def test_graphs_that_are_no_object_are_refused(notebook: NotebookShell, graphs: object) -> None:
    notebook.run(graph_cell(name="mine"))
    project = project_with(f"odd-{type(graphs).__name__}", {"graphs": graphs})
    with pytest.raises(CommandError, match=r'"graphs" in .*langgraph\.json must be an object, not '):
        notebook.line(f"%lg_serve mine --save {project}")
    assert [path.name for path in project.iterdir()] == ["langgraph.json"]


def test_graphs_that_are_null_are_none(notebook: NotebookShell) -> None:
    notebook.run(graph_cell(name="mine"))
    project = project_with("null", {"graphs": None, "env": None})
    notebook.line("%lg_serve mine --save null")
    assert json.loads((project / "langgraph.json").read_text())["graphs"] == {"mine": "./mine.py:mine"}


def test_a_folder_that_cannot_be_made_is_one_sentence(notebook: NotebookShell) -> None:
    notebook.run(graph_cell(name="mine"))
    Path("a-file").touch()
    for folder in ("a-file/below", "/proc/below", "~nobody-here/below"):
        with pytest.raises(CommandError, match=r"mine cannot be saved\. .*below: |cannot be the name of a file"):
            notebook.line(f"%lg_serve mine --save {folder}")


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
