"""The packages and variables that a notebook's graph needs, read from its code. Must not depend on a project or a server."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lg_magics.local.notebook.syntax import called_name

if TYPE_CHECKING:
    from lg_magics.local.notebook.collect import Collected

__all__ = ["imported", "requirements", "variables"]

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


def imported(tree: ast.AST, package: str = "") -> Iterator[str]:
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


def requirements(trees: Sequence[ast.AST], installed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The packages that are imported, or whose models are named (`openai:gpt-4o`, `gpt-4o`), with their versions.

    Args:
        trees: The files of the graph.
        installed: The packages that hold each module.
    """
    found = {"langgraph"}
    for tree in trees:
        found |= {each for module in imported(tree) for each in installed.get(module.partition(".")[0], ())[:1]}
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


def variables(collected: Collected, packages: Mapping[str, str]) -> list[str]:
    """The variables that the graph reads, and those that its packages read."""
    known = [_KEYS[each] for each in packages if each in _KEYS]
    return list(dict.fromkeys([*collected.needed, *collected.optional, *known]))
