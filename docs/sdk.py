"""Writes the tables of from-the-sdk.md from sdk.toml: `python docs/sdk.py`, or `--check` if they are up to date."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from generated import write_or_check

FOLDER = Path(__file__).parent
PAGE, DATA = FOLDER / "from-the-sdk.md", FOLDER / "sdk.toml"
BEGIN, END = (
    "<!-- The tables are generated: `make docs` writes them from sdk.toml. -->\n",
    "<!-- End of the tables. -->\n",
)
HEADINGS = {
    "runs": "Runs",
    "threads": "Threads and state",
    "assistants": "Assistants",
    "store": "Store",
    "crons": "Crons",
}


def tables(data: Mapping[str, Any]) -> str:
    """A table for each resource, and one for the parameters that many methods share."""
    parts = [section(title, resource, data[resource]) for resource, title in HEADINGS.items()]
    shared = [f"| `{name}` | {cell(reason)} |" for name, reason in data["every"].items()]
    return "\n".join([*parts, "## Parameters that have no option\n", "| | |\n|---|---|", *shared]) + "\n"


def section(title: str, resource: str, methods: Mapping[str, Any]) -> str:
    """The methods of one resource: what each is here, and where each of its parameters went."""
    rows = [row for name, method in methods.items() for row in rows_of(resource, name, method)]
    return "\n".join([f"## {title}\n", "| SDK | lg_magics |\n|---|---|", *rows]) + "\n"


def rows_of(resource: str, name: str, method: Mapping[str, Any]) -> Iterator[str]:
    """The rows of one method."""
    reason = f"; {method['reason']}" if "reason" in method else ""
    as_of = f"; parameters as of `{method['by']}`" if "by" in method else ""
    yield f"| `client.{resource}.{name}(…)` | {cell(method['typed'] + reason + as_of)} |"
    options = {each: option_words(words) for each, words in method.get("options", {}).items()}
    sent = {each: f"by itself: {words}" for each, words in method.get("sent", {}).items()}
    without = {each: f"none: {words}" for each, words in method.get("without", {}).items()}
    for words, group in groupby({**options, **sent, **without}.items(), key=lambda each: each[1]):
        yield f"| … {', '.join(f'`{each}`' for each, _ in group)} | {cell(words)} |"


def option_words(words: str) -> str:
    """Options with their code marks: what is text here is between a `;` and a `:`."""
    parts = [part.rpartition(": ") for part in words.split("; ")]
    return "; ".join(
        head + colon + ", ".join(f"`{each}`" for each in options.split(", ")) for head, colon, options in parts
    )


def cell(text: str) -> str:
    """Text that may stand in a table."""
    return text.replace("|", "\\|")


def page(before: str) -> str:
    """The page with its tables as they are to be."""
    head, _, rest = before.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{tables(tomllib.loads(DATA.read_text('utf-8')))}\n{END}{tail}"


if __name__ == "__main__":
    write_or_check(PAGE, page(PAGE.read_text("utf-8")))
