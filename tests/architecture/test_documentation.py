"""The documentation is whole: links lead to files and headings, each page is in the contents, each view has its pictures."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("notebooks/*.ipynb"))
    if "_build" not in path.parts
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
MEGABYTES = 2_000_000


def prose_of(page: Path) -> str:
    """The text of a page without its code."""
    if page.suffix == ".ipynb":
        cells = nbformat.read(page, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    else:
        text = page.read_text("utf-8")
    return CODE.sub(lambda found: "" if "\n" in found[0] or found[0].startswith("    ") else found[0], text)


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    headings = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for link in LINK.findall(prose_of(page)):
            if not re.match(r"\w+:", link):
                yield page, unquote(link)


def test_every_link_inside_the_repository_leads_to_a_file_and_a_heading() -> None:
    broken = []
    for page, link in links():
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert broken == []
    assert len(list(links())) > 100


def test_every_page_is_in_the_contents() -> None:
    blocks = re.findall(r"```\{toctree\}(.*?)```", (DOCS / "index.md").read_text("utf-8"), re.DOTALL)
    listed = [line for block in blocks for line in block.splitlines() if line and not line.startswith(":")]
    pages = {str(path.relative_to(DOCS).with_suffix("")) for path in PAGES if path.is_relative_to(DOCS)}
    assert sorted(listed) == sorted(pages - {"index"})
    captions = re.findall(r":caption: (.+)", (DOCS / "index.md").read_text("utf-8"))
    assert captions == ["Tutorial", "How to", "Reference", "Explanation"]


def views() -> list[str]:
    """The names in scripts/gallery.py, without running it: it needs a browser."""
    for node in ast.parse((ROOT / "scripts/gallery.py").read_text("utf-8")).body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "VIEWS"
            and isinstance(node.value, ast.Dict)
        ):
            return [ast.literal_eval(key) for key in node.value.keys if key]
    raise AssertionError("scripts/gallery.py has no VIEWS")


def test_the_gallery_shows_every_view_light_and_dark() -> None:
    folder = DOCS / "gallery"
    pictures = [f"{name}-{theme}.png" for name in (*views(), "panel") for theme in ("light", "dark")]
    assert re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (folder / "gallery.md").read_text("utf-8")) == pictures
    assert {path.name for path in folder.glob("*.png")} == set(pictures)


@pytest.mark.parametrize("folder", ["docs/gallery", "docs/images"])
def test_the_pictures_are_small(folder: str) -> None:
    assert 0 < sum(path.stat().st_size for path in (ROOT / folder).glob("*.png")) < MEGABYTES
