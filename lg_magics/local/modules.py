"""Imported modules of the embedded server's process whose files are beside a notebook or a graph's file, and data files there."""

from __future__ import annotations

import ast
import os
import sys
import types
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

__all__ = [
    "as_module",
    "fingerprint",
    "fingerprint_of_files",
    "fingerprint_of_named",
    "fresh_modules",
    "local_modules",
    "named_files",
    "prefer",
]


@contextmanager
def as_module(name: str, file: Path) -> Iterator[types.ModuleType]:
    """Create a module that replaces an earlier one if all goes well.

    A thread stores objects by module name. Until the new module is complete, the earlier one provides missing names.
    """
    before = sys.modules.get(name)
    module = types.ModuleType(name)
    module.__file__ = str(file)
    if before is not None:
        vars(module)["__getattr__"] = before.__getattribute__
    sys.modules[name] = module
    try:
        yield module
    except BaseException:
        if sys.modules.get(name) is module:  # an abandoned import may end after a later one
            if before is not None:
                sys.modules[name] = before
            else:
                sys.modules.pop(name, None)
        raise
    finally:
        vars(module).pop("__getattr__", None)


def prefer(folder: str, others: Collection[str]) -> None:
    """Make later imports prefer a notebook's folder over modules of the same name beside another notebook.

    Args:
        folder: The notebook's folder.
        others: Folders of other notebooks.
    """
    places = [place for place, each in enumerate(sys.path) if each in others]
    if places and folder in sys.path and sys.path.index(folder) > places[0]:
        sys.path.remove(folder)
        sys.path.insert(places[0], folder)
    elsewhere = local_modules(sorted(set(others)))
    own = {name.partition(".")[0] for name in local_modules([folder])}
    for top in {name.partition(".")[0] for name in elsewhere} - own:
        inside = Path(folder, top)
        if inside.with_suffix(".py").is_file() or (inside / "__init__.py").is_file():
            for name in [each for each in sys.modules if each == top or each.startswith(f"{top}.")]:
                del sys.modules[name]


def local_modules(folders: Sequence[str]) -> dict[str, types.ModuleType]:
    """Return the imported modules whose files are in one of these folders, and not among the installed packages."""
    roots = tuple(f"{os.path.realpath(each)}{os.sep}" for each in folders if each)
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        path = _real(file) if file else ""
        if path.startswith(roots) and not _is_installed(path):
            found[name] = module
    return found


@lru_cache(20_000)
def _real(file: str) -> str:
    return os.path.realpath(file)


def _is_installed(path: str) -> bool:
    inside = ("site-packages", "dist-packages", f"{os.sep}lg_magics{os.sep}")
    return any(part in path for part in inside) or path.startswith(f"{os.path.realpath(sys.prefix)}{os.sep}")


def fingerprint(modules: Mapping[str, types.ModuleType]) -> dict[str, list[int]]:
    """Return the state of modules' files: [mtime in ns, size]."""
    return fingerprint_of_files(str(module.__file__) for module in modules.values())


def named_files(trees: Iterable[ast.AST], folder: str) -> list[str]:
    """Return the files beside a notebook that a text in its program names, without those that it only opens for writing."""
    texts: dict[str, None] = {}
    written: set[ast.AST] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):  # a call comes before its arguments
        match node:
            case ast.Call(func=ast.Name(id="open"), args=[file, *_]) if _is_for_writing(node):
                written.add(file)
            case ast.Constant(value=str(text)) if node not in written and 0 < len(text) < 200 and "\n" not in text:
                texts[text] = None
            case _:
                pass
    return [text for text in texts if not os.path.isabs(text) and os.path.isfile(os.path.join(folder, text))]


def _is_for_writing(opened: ast.Call) -> bool:
    modes = [*opened.args[1:2], *(each.value for each in opened.keywords if each.arg == "mode")]
    return any(isinstance(each, ast.Constant) and str(each.value).startswith(("w", "a", "x")) for each in modes)


def fingerprint_of_named(trees: Iterable[ast.AST], folder: str) -> dict[str, list[int]]:
    """Return the state of the files that a program names: [mtime in ns, size]."""
    return fingerprint_of_files([os.path.join(folder, each) for each in named_files(trees, folder)])


def fingerprint_of_files(files: Iterator[str] | Sequence[str]) -> dict[str, list[int]]:
    """Return the current state of files; missing ones are left out."""
    found = {}
    for file in files:
        try:
            stat = os.stat(file)
        except OSError:
            continue
        found[file] = [stat.st_mtime_ns, stat.st_size]
    return found


@contextmanager
def fresh_modules(folders: Sequence[str]) -> Iterator[None]:
    """Import modules of these folders again inside; if that raises, the earlier modules are restored."""
    before = local_modules(folders)
    for name in before:
        sys.modules.pop(name, None)
    try:
        yield
    except BaseException:
        for name in local_modules(folders):
            sys.modules.pop(name, None)
        sys.modules.update(before)
        raise
