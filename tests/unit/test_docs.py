"""The pages name what there is: each magic, each link and each file that a page names exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lg_magics.grammar.catalogue import magic_name, nouns

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]


@pytest.mark.parametrize("document", PAGES, ids=lambda each: each.name)
def test_each_magic_that_a_page_names_exists(document: Path) -> None:
    known = {magic_name(noun) for noun in nouns()}
    named = set(re.findall(r"%(lg(?:_[a-z]+)?)\b", document.read_text("utf-8")))
    assert named - known == set()


def test_each_promise_of_security_names_a_test_and_code_that_exist() -> None:
    page = (ROOT / "docs/security.md").read_text("utf-8")
    promises = re.findall(r"^- (.*?)(?=^- |^Limits:)", page, re.MULTILINE | re.DOTALL)
    assert len(promises) > 10
    for promise in promises:
        tests = re.findall(r"`(tests/[a-z_/]+\.py)`", promise)
        code = re.findall(r"`([a-z_]+(?:/[a-z_]+)?\.py)`", promise)
        assert tests, promise
        assert [each for each in tests if not (ROOT / each).is_file()] == []
        assert [each for each in code if not (ROOT / "lg_magics" / each).is_file()] == []


def test_each_output_of_a_notebook_has_its_cells_number() -> None:
    cells = [
        (path.name, cell)
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    assert [
        (name, cell["id"])
        for name, cell in cells
        for output in cell["outputs"]
        if output.get("execution_count", cell["execution_count"]) != cell["execution_count"]
    ] == []


def test_each_package_and_each_file_that_a_page_names_exists() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    code = ROOT / "lg_magics"
    packages = [f"{package.name}/" for package in code.iterdir() if (package / "__init__.py").exists()]
    assert [package for package in packages if f"`{package}`" not in page] == []
    named = re.findall(r"`([a-z_]+/[a-z_/]+(?:\.py|\.ts|/))`", "".join(page.read_text("utf-8") for page in PAGES))
    assert len(named) > 20
    assert [
        name for name in named if not any((top / name).exists() for top in (code, ROOT / "labextension", ROOT))
    ] == []
