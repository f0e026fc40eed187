"""Where the embedded server keeps its data, once its working directory is a notebook's folder."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["keep_data_in"]


def keep_data_in(folder: Path) -> None:
    """Let the in-memory server write its data into the runtime folder, whatever the working directory is.

    It names its files by relative paths (langgraph-runtime-inmem 0.36), and a notebook's graph opens files beside it.
    """
    checkpoint = sys.modules.get("langgraph_runtime_inmem.checkpoint")
    if checkpoint is None or isinstance(getattr(checkpoint, "os", None), _RootedOs):
        return
    vars(checkpoint)["os"] = _RootedOs(folder)
    persistence = importlib.import_module("langgraph_runtime_inmem._persistence")
    kept = [reference() for reference in list(persistence._stores.values())]
    database = importlib.import_module("langgraph_runtime_inmem.database")
    kept += [getattr(database.GLOBAL_RETRY_COUNTER, "_counters", None), getattr(checkpoint, "MEMORY", None)]
    for each in kept:
        if each is not None and not os.path.isabs(each.filename):
            each.filename = str(folder / each.filename)


class _RootedOs:
    """The module `os`, for relative paths below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.path = _RootedPath(root)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def mkdir(self, path: str) -> None:
        os.makedirs(self._root / path, exist_ok=True)


class _RootedPath:
    def __init__(self, root: Path) -> None:
        self._root = root

    def __getattr__(self, name: str) -> Any:
        return getattr(os.path, name)

    def join(self, *parts: str) -> str:
        return str(self._root.joinpath(*parts))

    def exists(self, path: str) -> bool:
        return (self._root / path).exists()
