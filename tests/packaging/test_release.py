"""The files of a release agree: versions, requirements, checks, sections of the changelog, and addresses."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VERSION = PROJECT["version"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_has_the_version_of_pyproject() -> None:
    assert json.loads(text_of("labextension/package.json"))["version"] == VERSION
    assert f"\nversion: {VERSION}\n" in text_of("CITATION.cff")
    assert f'version = "{VERSION}"' in text_of("conda/meta.yaml")
    assert f"\n## {VERSION}" in text_of("CHANGELOG.md")


def test_the_conda_recipe_requires_what_the_wheel_requires() -> None:
    run = text_of("conda/meta.yaml").partition("  run:\n")[2].partition("\ntest:")[0]
    found = [line.strip().removeprefix("- ").replace(" ", "") for line in run.strip().splitlines()]
    assert found == [f"python{PROJECT['requires-python']}", *PROJECT["dependencies"]]


def test_the_classifiers_name_the_versions_that_ci_runs() -> None:
    matrix = re.search(r"python: (\[.*\])", text_of(".github/workflows/test.yml"))
    assert matrix is not None
    found = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if "Python :: 3." in each]
    assert found == json.loads(matrix[1])


def test_pre_commit_makes_the_checks_of_make_check() -> None:
    recipe = text_of("Makefile").partition("\ncheck: setup\n")[2].partition("\n\n")[0]
    hooks = text_of(".pre-commit-config.yaml").replace(".venv/bin/", "").replace("check --fix", "check .")
    hooks = (
        hooks.replace("ruff format", "ruff format --check .")
        .replace("../jlpm", "jlpm")
        .replace("cd labextension", "cd $(LAB)")
    )
    assert len(recipe.splitlines()) == 9
    assert [line for line in recipe.splitlines() if line.strip() not in hooks] == []


def test_the_templates_ask_for_the_doctor() -> None:
    for name in ("ISSUE_TEMPLATE/bug.yml", "pull_request_template.md"):
        assert "%lg_doctor" in text_of(f".github/{name}")


def test_the_changelog_has_sections_and_each_entry_is_one_sentence() -> None:
    notes = script("release_notes").notes_of(VERSION, text_of("CHANGELOG.md"))
    sections = dict(re.findall(r"^### (\w+)\n\n(.*?)(?=\n### |\Z)", notes, re.MULTILINE | re.DOTALL))
    assert list(sections) == ["Added", "Changed", "Fixed"]
    for entries in sections.values():
        groups = re.sub(r"^\*\*.*\*\*$", "", entries, flags=re.MULTILINE)
        for entry in re.split(r"^- ", groups, flags=re.MULTILINE)[1:]:
            prose = re.sub(r"`[^`]*`", "code", " ".join(entry.split()))
            assert re.fullmatch(r"[A-Zc](?:[^.!?]|\.\d)*\.", prose), entry


def test_a_release_states_the_address_that_it_was_built_from() -> None:
    addresses = script("addresses")
    at, tag = "https://host.example/owner/name", f"v{VERSION}"
    project = tomllib.loads(addresses.with_urls(text_of("pyproject.toml"), at, tag))["project"]
    assert project["urls"]["Issues"] == f"{at}/issues"
    assert project["optional-dependencies"] == PROJECT["optional-dependencies"]
    package = json.loads(addresses.with_repository(text_of("labextension/package.json"), at))
    assert package["repository"]["url"] == f"{at}.git"
    assert package["keywords"]
    readme = addresses.with_absolute_links(text_of("README.md"), at, tag)
    assert f"({at}/raw/{tag}/docs/images/quickstart.png)" in readme
    assert f"({at}/blob/{tag}/docs/hosts.md)" in readme
    assert re.findall(r"\]\((?!https://)", readme) == []
