"""The pages name what there is: each call of the SDK has its line, and each magic that a page names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from langgraph_sdk import get_sync_client

from lg_magics.commands.catalogue import magic_name, nouns

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]
RESOURCES = ("assistants", "threads", "runs", "crons", "store")


def test_each_call_of_the_sdk_has_its_line() -> None:
    page = (ROOT / "docs/from-the-sdk.md").read_text("utf-8")
    with get_sync_client(url="http://127.0.0.1:9", api_key=None) as client:
        calls = [
            f"client.{resource}.{name}"
            for resource in RESOURCES
            for name in dir(getattr(client, resource))
            if not name.startswith("_") and callable(getattr(getattr(client, resource), name))
        ]
    assert len(calls) > 35
    assert [call for call in calls if f"{call}(" not in page] == []


@pytest.mark.parametrize("document", PAGES, ids=lambda each: each.name)
def test_each_magic_that_a_page_names_exists(document: Path) -> None:
    known = {magic_name(noun) for noun in nouns()}
    named = set(re.findall(r"%(lg(?:_[a-z]+)?)\b", document.read_text("utf-8")))
    assert named - known == set()
