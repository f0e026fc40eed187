"""Saves a notebook's graph as a project for `langgraph dev`, `build`, `up` and `deploy`. Writes files; calls no server."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lg_magics.errors import CommandError
from lg_magics.local.modules import named_files
from lg_magics.local.notebook.syntax import called_name
from lg_magics.tables.facts import Facts

if TYPE_CHECKING:
    from lg_magics.local.notebook.collect import Collected
    from lg_magics.local.notebook.record import Record

__all__ = ["save_project"]

_KEYS = {
    "langchain-openai": "OPENAI_API_KEY",
    "langchain-anthropic": "ANTHROPIC_API_KEY",
    "langchain-google-genai": "GOOGLE_API_KEY",
    "langchain-groq": "GROQ_API_KEY",
    "langchain-mistralai": "MISTRAL_API_KEY",
    "langchain-cohere": "COHERE_API_KEY",
    "langchain-tavily": "TAVILY_API_KEY",
}
"""The variable that each provider's package reads. The notebook's code does not name it."""
_TAKES_MODEL = re.compile(r"init_chat_model|create_(\w+_)?agent")
_OURS = b"collected from a notebook by lg_magics"


def save_project(record: Record, collected: Collected, name: str, folder: Path) -> Facts:
    """Write the graph's file, the modules beside the notebook, langgraph.json, requirements.txt and .env.example.

    Args:
        record: The notebook.
        collected: The graph's file.
        name: The graph's name.
        folder: The target, created if it does not exist. An existing project gets this graph beside its others.

    Raises:
        CommandError: The folder holds something else.
    """
    known = _existing(folder)
    tree = _checked(collected.source.text, name)
    beside = list(_modules_beside(tree, record.folder, {}))
    files = {folder / path.relative_to(record.folder): path.read_bytes() for path in beside}
    stem = _stem(name, {path.stem for path in files})
    files[folder / f"{stem}.py"] = collected.source.text.encode()
    _refuse_replacing(folder, files)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    trees = [tree, *(ast.parse(path.read_bytes()) for path in beside)]
    packages = _requirements(trees)
    variables = _variables(collected, packages)
    graphs = {**known.get("graphs", {}), name: f"./{stem}.py:{collected.source.export}"}
    config: dict[str, Any] = {**known, "dependencies": known.get("dependencies") or ["."], "graphs": graphs}
    config["python_version"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    if variables:
        config["env"] = ".env"
    (folder / "langgraph.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    _add_lines(folder / "requirements.txt", {each: f"{each}=={packages[each]}" for each in packages})
    _add_lines(folder / ".env.example", {each: f"{each}=" for each in variables})
    elsewhere = _from_elsewhere(trees, beside, record.folder)
    return _facts_of(folder, name, beside, variables, [*named_files(trees, str(record.folder)), *elsewhere])


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
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return {}
    try:
        content = json.loads((folder / "langgraph.json").read_text("utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise CommandError(f"{folder} holds something else than a LangGraph project.", hint="--save NEW_FOLDER")
    return content


def _stem(name: str, taken: Collection[str]) -> str:
    """The name of the graph's file, which must not shadow a module, as `random.py` would."""
    stem = "".join(each if each.isalnum() else "_" for each in name)
    known = {*taken, *sys.stdlib_module_names, *importlib.metadata.packages_distributions()}
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


def _add_lines(file: Path, lines: Mapping[str, str]) -> None:
    """Write lines, each under its name. Lines of other names in the file are kept."""
    before = file.read_text("utf-8").splitlines() if file.is_file() else []
    kept = [line for line in before if re.split(r"[\s=<>!~\[;@]", line, maxsplit=1)[0] not in lines]
    file.write_text("".join(f"{line}\n" for line in (*kept, *lines.values())), "utf-8")


def _modules_beside(tree: ast.AST, folder: Path, seen: dict[Path, None], package: str = "") -> Iterator[Path]:
    """The files beside the notebook that are imported, and those that they import."""
    for module in _imported(tree, package):
        parts = module.split(".")
        for depth in range(1, len(parts) + 1):
            inside = folder.joinpath(*parts[:depth])
            for path in (inside.with_suffix(".py"), inside / "__init__.py"):
                if path.is_file() and path not in seen:
                    seen[path] = None
                    yield path
                    inner = ".".join(path.parent.relative_to(folder).parts)
                    yield from _modules_beside(ast.parse(path.read_bytes()), folder, seen, inner)


def _imported(tree: ast.AST, package: str = "") -> Iterator[str]:
    """The names of imported modules; `package` is the file's package, for `from .tools import x`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join(filter(None, [*above, node.module or ""]))
            if module:
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)


def _requirements(trees: Sequence[ast.AST]) -> dict[str, str]:
    """The installed packages that are imported, or whose models are named (`openai:gpt-4o`, `gpt-4o`), with their versions."""
    distributions = importlib.metadata.packages_distributions()
    found = {"langgraph"}
    for tree in trees:
        found |= {each for module in _imported(tree) for each in distributions.get(module.partition(".")[0], ())[:1]}
        for provider in _providers(tree):
            found.add(f"langchain-{provider.replace('_', '-')}")
        if _infers_provider(tree):  # LangChain has imported the package of each model that the notebook uses
            found |= {each for each in _KEYS if each.replace("-", "_") in sys.modules}
    versions = {}
    for each in sorted(found, key=str.lower):
        try:
            versions[each] = importlib.metadata.version(each)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _providers(tree: ast.AST) -> Iterator[str]:
    """The named providers of models: `"openai:gpt-4o"`, `model_provider="openai"`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(":") == 1:
            provider = node.value.partition(":")[0]
            if provider.isidentifier():
                yield provider
        elif isinstance(node, ast.keyword) and node.arg == "model_provider" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def _infers_provider(tree: ast.AST) -> bool:
    """Whether a model is named without its provider: `init_chat_model("gpt-4o")`, `create_agent(MODEL)`."""
    texts: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                texts[name] = text
            case _:
                pass
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not _TAKES_MODEL.fullmatch(called_name(call)):
            continue
        given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "model")]
        model = given[0] if given else None
        named = texts.get(model.id) if isinstance(model, ast.Name) else getattr(model, "value", None)
        if ":" not in named if isinstance(named, str) else called_name(call) == "init_chat_model":
            return True
    return False


def _variables(collected: Collected, packages: Mapping[str, str]) -> list[str]:
    known = [_KEYS[each] for each in packages if each in _KEYS]
    return list(dict.fromkeys([*collected.needed, *collected.optional, *known]))


def _from_elsewhere(trees: Sequence[ast.AST], beside: Sequence[Path], folder: Path) -> list[str]:
    """The modules that are neither installed nor beside the notebook: `sys.path.append("..")` found them."""
    known = {*sys.stdlib_module_names, *importlib.metadata.packages_distributions()}
    known |= {path.relative_to(folder).with_suffix("").parts[0] for path in beside}
    named = (
        module.partition(".")[0]
        for tree in trees
        for module in _imported(tree)
        if module.partition(".")[0] not in known
    )
    return [f"module {each}" for each in dict.fromkeys(named) if getattr(sys.modules.get(each), "__file__", None)]


def _facts_of(folder: Path, name: str, beside: Sequence[Path], variables: Sequence[str], files: Sequence[str]) -> Facts:
    facts = [("modules", ", ".join(each.name for each in beside))] if beside else []
    if variables:
        facts.append(("variables", f"{', '.join(variables)}: copy .env.example to .env and fill it in"))
    if files:
        facts.append(("not copied", f"{', '.join(files)}, which the graph may need"))
    return Facts(
        f"saved {name} in {folder}",
        tuple(facts),
        (
            (f"!cd {folder} && langgraph dev", "serve it"),
            (f"%lg_connect local --config {folder}/langgraph.json", "or here"),
        ),
        data={"folder": str(folder), "variables": list(variables)},
    )
