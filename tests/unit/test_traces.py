"""Which address counts as that of a LangSmith project, and when a run is traced."""

from __future__ import annotations

from pathlib import Path

import pytest

from lg_magics.errors import SettingsError
from lg_magics.model.records import RunRecord
from lg_magics.server.settings import read_settings
from lg_magics.server.traces import is_traced, project_from_address

PROJECT = "https://smith.langchain.com/o/0f-1/projects/p/2e-3"
KNOWS = {"langsmith_tracing_session_on_runs": True}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", ""),
        (PROJECT, PROJECT),
        (f" {PROJECT}/ ", PROJECT),
        (f"{PROJECT}?timeModel=%7B%7D&peek=1", PROJECT),
        (f"{PROJECT}/r/1f0c?poll=true#x", PROJECT),
        (
            "https://EU.smith.langchain.com:443/o/a/projects/p/b/t/c",
            "https://eu.smith.langchain.com:443/o/a/projects/p/b",
        ),
        ("https://host.example/langsmith/o/a/projects/p/b", "https://host.example/langsmith/o/a/projects/p/b"),
        ("http://127.0.0.1:1980/o/a/projects/p/b", "http://127.0.0.1:1980/o/a/projects/p/b"),
        ("http://[::1]:1980/o/a/projects/p/b", "http://[::1]:1980/o/a/projects/p/b"),
    ],
)
def test_the_address_of_any_page_of_a_project_is_taken(given: str, read: str) -> None:
    assert project_from_address(given) == read


@pytest.mark.parametrize(
    "given",
    [
        "http://smith.langchain.com/o/a/projects/p/b",
        "javascript:alert(1)//o/a/projects/p/b",
        "smith.langchain.com/o/a/projects/p/b",
        "https:///o/a/projects/p/b",
        "https://smith.langchain.com",
        "https://smith.langchain.com/o/a/datasets/p/b",
        "https://smith.langchain.com/o/a b/projects/p/c",
        'https://x"y.example/o/a/projects/p/b',
        "https://h.example:port/o/a/projects/p/b",
        f"https://h.example/o/{'a' * 400}/projects/p/b",
    ],
)
def test_every_other_address_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="not the address of a LangSmith project"):
        project_from_address(given)


def test_an_address_with_a_key_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError) as refused:
        project_from_address("https://me:sesame@smith.langchain.com/o/a/projects/p/b")
    assert "sesame" not in f"{refused.value}{refused.value.hint}"
    assert "sesame" not in project_from_address(f"{PROJECT}?api_key=sesame")


@pytest.mark.parametrize(
    ("row", "flags", "names_project", "traced"),
    [
        ({"langsmith_session_name": "mine"}, {}, False, True),
        ({"langsmith_session_name": None}, KNOWS | {"langsmith": True}, True, False),
        ({}, {"langsmith": True}, False, True),
        ({}, {}, True, True),
        ({}, {"langsmith": False}, False, False),
        ({}, {}, False, False),
    ],
)
def test_the_row_decides_and_before_it_the_deployment(
    row: dict[str, object], flags: dict[str, bool], names_project: bool, traced: bool
) -> None:
    assert is_traced(RunRecord({"run_id": "r"} | row), flags, names_project=names_project) is traced


def test_settings_may_name_the_project_of_a_deployment(tmp_path: Path) -> None:
    file = tmp_path / "lg_magics.toml"
    entry = '[deployments.prod]\nurl = "https://prod.example.com"\n'
    file.write_text(f'{entry}langsmith = "{PROJECT}?tab=1"\n')
    assert read_settings(tmp_path).deployment("prod").langsmith == PROJECT
    file.write_text(f'{entry}langsmith = "https://example.com"\n')
    with pytest.raises(SettingsError, match="prod"):
        read_settings(tmp_path).deployment("prod")
