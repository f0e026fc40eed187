"""What a user's langgraph.json or graph becomes. Knows paths and content; starts nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lg_magics.errors import LocalServerError
from lg_magics.local.plan import plan_from


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "langgraph.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    for name in ("chat.py", "auth.py", "app.py", "embed.py"):
        (tmp_path / name).write_text("graph = 1\n")
    return tmp_path.resolve()


def test_every_path_of_a_config_becomes_absolute_and_modules_stay(project: Path) -> None:
    content = {
        "dependencies": [".", "./lib", "requests"],
        "graphs": {"a": "./chat.py:graph", "b": {"path": "pack.age:graph", "description": "B"}},
        "env": {"COLOUR": "blue"},
        "auth": {"path": "./auth.py:auth"},
        "http": {"app": "./app.py:app", "configurable_headers": {"include": ["x-*"]}},
        "store": {"index": {"embed": "./embed.py:embed", "dims": 3}},
    }
    plan = plan_from(written(project, content), None)
    assert plan.config == {
        "dependencies": [str(project), str(project / "lib"), "requests"],
        "graphs": {"a": f"{project}/chat.py:graph", "b": {"path": "pack.age:graph", "description": "B"}},
        "env": {"COLOUR": "blue"},
        "auth": {"path": f"{project}/auth.py:auth"},
        "http": {"app": f"{project}/app.py:app", "configurable_headers": {"include": ["x-*"]}},
        "store": {"index": {"embed": f"{project}/embed.py:embed", "dims": 3}},
    }
    assert plan.search_path == (str(project), str(project / "lib"))


def test_a_file_without_a_slash_is_still_a_file(project: Path) -> None:
    plan = plan_from(written(project, {"graphs": {"a": "chat.py:graph"}}), None)
    assert plan.config["graphs"] == {"a": f"{project}/chat.py:graph"}


def test_the_env_file_beside_the_config_is_taken_unless_the_config_names_one(project: Path) -> None:
    config = written(project, {"graphs": {"a": "chat.py:graph"}})
    assert "env" not in plan_from(config, None).config
    (project / ".env").touch()
    assert plan_from(config, None).config["env"] == str(project / ".env")


@pytest.mark.parametrize(
    ("variable", "name"), [("graph", "chat"), ("app", "chat"), ("poet", "poet"), ("make_graph", "chat")]
)
def test_one_graph_is_named_after_its_variable_or_else_its_file(project: Path, variable: str, name: str) -> None:
    plan = plan_from(None, f"{project}/chat.py:{variable}")
    assert plan.config["graphs"] == {name: f"{project}/chat.py:{variable}"}
    assert plan.search_path == (str(project),)


def test_one_graph_of_a_module_is_found_from_the_working_directory(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    plan = plan_from(None, "pack.poet:graph")
    assert plan.config["graphs"] == {"poet": "pack.poet:graph"}
    assert plan.search_path == (str(project),)


def test_the_id_follows_the_content_and_the_folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    config = written(project, {"graphs": {"a": "chat.py:graph"}})
    same = plan_from(config, None).config_id
    assert plan_from(config, None).config_id == same
    written(project, {"graphs": {"b": "chat.py:graph"}})
    assert plan_from(config, None).config_id != same


def test_the_demo_is_served_when_nothing_is_named() -> None:
    assert list(plan_from(None, None).config["graphs"]) == ["task_maistro", "agent", "approval", "workbench"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "has no graphs"),
        ({"graphs": {"a": "gone.py:graph"}}, "Graph 'a': no file .*gone.py"),
        ({"graphs": {"a": "chat.py"}}, "Graph 'a' has no path of the form"),
        ({"graphs": {"a": "chat.py:graph"}, "env": "none.env"}, "No file .*none.env"),
    ],
)
def test_a_config_that_cannot_be_used_is_reported(project: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(LocalServerError, match=message):
        plan_from(written(project, content), None)


@pytest.mark.parametrize(
    ("config", "graph", "message"),
    [
        ("langgraph.json", "chat.py:graph", "A config and a graph"),
        ("gone.json", None, "No file .*gone.json"),
        ("chat.py", None, "is not valid JSON"),
        (None, "chat.py", "does not name a graph"),
        (None, "gone.py:graph", "No file .*gone.py"),
    ],
)
def test_a_wrong_name_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, config: str | None, graph: str | None, message: str
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(LocalServerError, match=message):
        plan_from(Path(config) if config else None, graph)
