"""Writes the repository's address into the files of a release: `python scripts/addresses.py https://HOST/OWNER/NAME v0.1.0`.

The release workflow runs it before it builds, with the address of the repository that it runs in. So a fork publishes its own
address. The README's links become absolute, because package indexes show it without the other files.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RELATIVE = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s]+)(?=\))")


def with_urls(pyproject: str, address: str, tag: str) -> str:
    """pyproject.toml with the table of addresses."""
    urls = {
        "Homepage": address,
        "Source": address,
        "Documentation": f"{address}/tree/{tag}/docs",
        "Issues": f"{address}/issues",
        "Changelog": f"{address}/blob/{tag}/CHANGELOG.md",
    }
    table = "\n".join(f"{name} = {json.dumps(url)}" for name, url in urls.items())
    return pyproject.replace(
        "[project.optional-dependencies]", f"[project.urls]\n{table}\n\n[project.optional-dependencies]", 1
    )


def with_repository(package: str, address: str) -> str:
    """package.json with its repository."""
    found = json.loads(package)
    found |= {"homepage": address, "repository": {"type": "git", "url": f"{address}.git", "directory": "labextension"}}
    return json.dumps(found, indent=2) + "\n"


def with_absolute_links(readme: str, address: str, tag: str) -> str:
    """The README with links that work on any page; pictures need the raw file."""

    def absolute(found: re.Match[str]) -> str:
        return f"{address}/{'raw' if found[1].endswith('.png') else 'blob'}/{tag}/{found[1]}"

    return RELATIVE.sub(absolute, readme)


def main(address: str, tag: str) -> None:
    """Write the files."""
    address = address.removesuffix("/").removesuffix(".git")
    for name, change in {
        "pyproject.toml": lambda text: with_urls(text, address, tag),
        "labextension/package.json": lambda text: with_repository(text, address),
        "README.md": lambda text: with_absolute_links(text, address, tag),
        "CITATION.cff": lambda text: text.rstrip() + f'\nrepository-code: "{address}"\n',
    }.items():
        path = ROOT / name
        path.write_text(change(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
