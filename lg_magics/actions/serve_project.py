"""Saves a notebook's graph as a project for `langgraph dev`, `build`, `up` and `deploy`. Writes files; calls no server."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lg_magics.actions.serve_needs import imported, requirements, variables
from lg_magics.errors import CommandError, type_phrase
from lg_magics.files import replace_file, text_of_file
from lg_magics.local.modules import named_files
from lg_magics.tables.facts import Facts

if TYPE_CHECKING:
    from lg_magics.local.notebook.collect import Collected
    from lg_magics.local.notebook.record import Record

__all__ = ["save_project"]

_OURS = b"collected from a notebook by lg_magics"


def save_project(record: Record, collected: Collected, name: str, folder: Path) -> Facts:
    """Write the graph's file, the modules beside the notebook, langgraph.json, requirements.txt and .env.example.

    Args:
        record: The notebook.
        collected: The graph's file.
        name: The graph's name.
        folder: The target, created if it does not exist. An existing project gets this graph beside its others; its settings and
            lines stay, and each changed file is kept as `FILE~`.

    Raises:
        CommandError: The folder holds something else, or another graph of this name; or a file cannot be written.
    """
    try:
        return _saved(record, collected, name, folder)
    except OSError as problem:
        why = f"{problem.filename or folder}: {problem.strerror or problem}"
        raise CommandError(f"{name} cannot be saved. {why}.", hint="--save NEW_FOLDER") from problem


def _saved(record: Record, collected: Collected, name: str, folder: Path) -> Facts:
    known = _existing(folder)
    tree = _checked(collected.source.text, name)
    beside = list(_modules_beside(tree, record.folder, {}))
    files = {folder / path.relative_to(record.folder): path.read_bytes() for path in beside}
    installed = importlib.metadata.packages_distributions()  # takes some 0.3 s
    stem = _stem(name, {path.stem for path in files} | {*installed})
    files[folder / f"{stem}.py"] = collected.source.text.encode()
    _refuse_replacing(folder, files)
    trees = [tree, *(ast.parse(path.read_bytes()) for path in beside)]
    packages = requirements(trees, installed)
    needed = variables(collected, packages)
    config = _extended(known, folder, name, f"./{stem}.py:{collected.source.export}", has_variables=bool(needed))
    pins = {each: f"{each}=={version}" for each, version in packages.items()}
    files[folder / "requirements.txt"], kept = _with_lines(folder / "requirements.txt", pins, _package_of)
    if not isinstance(config.get("env"), Mapping):
        example = folder / ".env.example"
        files[example], _ = _with_lines(example, {each: f"{each}=" for each in needed}, _variable_of)
    if config != known:
        files[folder / "langgraph.json"] = f"{json.dumps(config, indent=2, ensure_ascii=False)}\n".encode()
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != content:
            replace_file(path, content)
    facts = [("modules", ", ".join(each.name for each in beside))] if beside else []
    if missing := _not_set(needed, config):
        facts.append(("variables", _where_to_set(missing, config.get("env"))))
    if older := [f"{line}, where this notebook has {packages[each]}" for each, line in kept.items() if "==" in line]:
        facts.append(("kept", f"in requirements.txt: {'; '.join(older)}"))
    elsewhere = [*named_files(trees, str(record.folder)), *_from_elsewhere(trees, beside, record.folder, installed)]
    if elsewhere:
        facts.append(("not copied", f"{', '.join(elsewhere)}, which the graph may need"))
    return _facts_of(folder, name, facts, needed)


def _checked(text: str, name: str) -> ast.Module:
    """Compile the graph's file, which finds errors that reading it does not, and return its tree."""
    try:
        compile(text, f"{name}.py", "exec", dont_inherit=True)
    except SyntaxError as problem:
        line = text.split("\n")[(problem.lineno or 1) - 1].strip()
        raise CommandError(
            f"{name} cannot be saved: {problem.msg}, line {problem.lineno} of its file: {line}",
            hint="Write this statement in another way in its cell, and run the cell again.",
        ) from problem
    return ast.parse(text)


def _existing(folder: Path) -> dict[str, Any]:
    """The content of the folder's langgraph.json; nothing for a new folder."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return {}
    try:
        content = json.loads((folder / "langgraph.json").read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise CommandError(f"{folder} holds something else than a LangGraph project.", hint="--save NEW_FOLDER")
    return content


def _extended(known: Mapping[str, Any], folder: Path, name: str, path: str, *, has_variables: bool) -> dict[str, Any]:
    """The settings of a project with one more graph. Existing settings stay."""
    graphs = {} if known.get("graphs") is None else known["graphs"]
    if not isinstance(graphs, dict):
        where = f'"graphs" in {folder / "langgraph.json"}'
        raise CommandError(f"{where} must be an object, not {type_phrase(graphs)}.", hint="--save NEW_FOLDER")
    before = graphs.get(name)
    place = before.get("path") if isinstance(before, dict) else before
    if name in graphs and not _is_ours(folder, place):
        raise CommandError(
            f"{folder} has another graph {name}, which is at {place}.", hint="--name OTHER_NAME, or --save NEW_FOLDER"
        )
    new = {**before, "path": path} if isinstance(before, dict) else path
    config = {**known, "dependencies": known.get("dependencies") or ["."], "graphs": {**graphs, name: new}}
    if config.get("python_version") is None:
        config["python_version"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    if has_variables and config.get("env") is None:
        config["env"] = ".env"
    return config


def _is_ours(folder: Path, place: object) -> bool:
    """Whether a graph is in a file that this command wrote: `./bot.py:graph`."""
    file = folder / place.rpartition(":")[0] if isinstance(place, str) else folder
    return file.is_file() and _OURS in file.read_bytes().partition(b"\n")[0]


def _stem(name: str, taken: Collection[str]) -> str:
    """The name of the graph's file, which must not shadow a module, as `random.py` would."""
    stem = "".join(each if each.isalnum() else "_" for each in name)
    known = {*taken, *sys.stdlib_module_names}
    return next(each for each in (stem, *(f"{stem}_{word}" for word in ("graph", *range(2, 99)))) if each not in known)


def _refuse_replacing(folder: Path, files: Mapping[Path, bytes]) -> None:
    """Raise if a file that this command did not write would be lost."""
    for path, content in files.items():
        if not path.is_file() or (old := path.read_bytes()) == content:
            continue
        if not (_OURS in old.partition(b"\n")[0] and _OURS in content.partition(b"\n")[0]):
            raise CommandError(
                f"{folder} has another {path.relative_to(folder)}, which would be lost.", hint="--save NEW_FOLDER"
            )


def _with_lines(file: Path, lines: Mapping[str, str], name_of: Callable[[str], str]) -> tuple[bytes, dict[str, str]]:
    """The content of a file with lines added, each under its name. The file's own lines stay.

    Returns:
        The content, and the lines that stay in place of different ones, by name.
    """
    text, before = (text_of_file(file), file.read_bytes()) if file.is_file() else ("", b"")
    own = {name_of(line): line.partition("#")[0].strip() for line in text.splitlines()}
    new = "".join(f"{line}\n" for name, line in lines.items() if name_of(name) not in own)
    is_open = bool(new and before and not before.endswith(b"\n"))
    kept = {name: own[name_of(name)] for name, line in lines.items() if own.get(name_of(name), line) != line}
    return before + b"\n" * is_open + new.encode(), kept


def _package_of(line: str) -> str:
    """The name of a requirement, as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s=<>!~\[(;@]", line.strip(), maxsplit=1)[0]).lower()


def _variable_of(line: str) -> str:
    return line.strip().removeprefix("export ").partition("=")[0].strip()


def _modules_beside(tree: ast.AST, folder: Path, seen: dict[Path, None], package: str = "") -> Iterator[Path]:
    """The files beside the notebook that are imported, and those that they import."""
    for module in imported(tree, package):
        parts = module.split(".")
        for depth in range(1, len(parts) + 1):
            inside = folder.joinpath(*parts[:depth])
            for path in (inside.with_suffix(".py"), inside / "__init__.py"):
                if path.is_file() and path not in seen:
                    seen[path] = None
                    yield path
                    inner = ".".join(path.parent.relative_to(folder).parts)
                    yield from _modules_beside(ast.parse(path.read_bytes()), folder, seen, inner)


def _from_elsewhere(
    trees: Sequence[ast.AST], beside: Sequence[Path], folder: Path, installed: Collection[str]
) -> list[str]:
    """The modules that are neither installed nor beside the notebook: `sys.path.append("..")` found them."""
    known = {*sys.stdlib_module_names, *installed}
    known |= {path.relative_to(folder).with_suffix("").parts[0] for path in beside}
    named = (
        module.partition(".")[0] for tree in trees for module in imported(tree) if module.partition(".")[0] not in known
    )
    return [f"module {each}" for each in dict.fromkeys(named) if getattr(sys.modules.get(each), "__file__", None)]


def _not_set(variables: Sequence[str], config: Mapping[str, Any]) -> list[str]:
    env = config.get("env")
    return [each for each in variables if not isinstance(env, Mapping) or each not in env]


def _where_to_set(variables: Sequence[str], env: object) -> str:
    names = ", ".join(variables)
    if isinstance(env, Mapping):
        return f'{names}: add them to "env" in langgraph.json'
    return f"{names}: copy .env.example to {env} and fill it in"


def _facts_of(folder: Path, name: str, facts: Sequence[tuple[str, str]], variables: Sequence[str]) -> Facts:
    return Facts(
        f"saved {name} in {folder}",
        tuple(facts),
        (
            (f"!cd {folder} && langgraph dev", "serve it"),
            (f"%lg_connect local --config {folder}/langgraph.json", "or here"),
        ),
        data={"folder": str(folder), "variables": list(variables)},
    )
