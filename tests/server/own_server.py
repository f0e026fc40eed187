"""Embedded servers with the graphs of files beside this one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lg_magics import local
from lg_magics.local import embedded, processes

__all__ = ["graphs_of", "own_server"]

HERE = Path(__file__).parent


def graphs_of(file: str, names: Iterable[str]) -> dict[str, str]:
    """The graphs with these names in a file of this folder, as langgraph.json lists them."""
    return {name: f"{HERE / file}:{name}" for name in names}


@contextmanager
def own_server(
    folder: Path,
    graphs: Mapping[str, str],
    *,
    script: str = "",
    on_progress: Callable[[str], None] = lambda words: None,
) -> Iterator[local.LocalServer]:
    """A server of its own with these graphs; its langgraph.json is in `folder`. Its process runs `script`, if there is one."""

    def spawn(command: list[str], **options: Any) -> processes.Process:
        interpreter, *_, place = command
        return processes.spawn([interpreter, "-c", script, place] if script else command, **options)

    config = folder / "langgraph.json"
    config.write_text(json.dumps({"dependencies": [str(HERE)], "graphs": graphs}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "spawn", spawn)
        running = local.start(private=True, config=config, on_progress=on_progress)
    try:
        yield running
    finally:
        local.stop(running)
