"""Writes lg_magics/__init__.pyi from the commands' signatures: `python docs/stub.py`, or `--check` if it is up to date.

Type checkers and editors read the stub, because the functions of `lg_magics` are made when they are first asked for.
"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import types
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_overloads

from generated import write_or_check

from lg_magics import errors
from lg_magics.grammar.catalogue import CATALOGUE, default_verb, nouns, verbs
from lg_magics.grammar.functions import HOME
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.parameters import evaluated
from lg_magics.grammar.registry import Command

STUB = Path(__file__).parents[1] / "lg_magics" / "__init__.pyi"
HEAD = '''"""LangGraph in a notebook: each command as a function, with its types. Generated; `make docs` writes it."""

{imports}
from lg_magics import errors as errors
{errors}
from lg_magics.ipython.current import current as current
from lg_magics.ipython.functions import client as client
from lg_magics.ipython.functions import sync as sync
from lg_magics.ipython.functions import temporary_cron as temporary_cron

__version__: str
prices: dict[str, tuple[float, float]]

def load_ipython_extension(shell: Any) -> None: ...
def unload_ipython_extension(shell: Any) -> None: ...
'''


class Written:
    """An annotation as it is written in the stub; `inspect` prints it as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Stub:
    """The stub, and the names that it has to import."""

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = defaultdict(set)
        self.imports["typing"] |= {"Any", "overload"}

    def text(self) -> str:
        """The whole file, not formatted yet."""
        body = "\n".join(part for noun in nouns() for part in self._noun(noun))
        imports = (f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self.imports.items()))
        classes = (f"from lg_magics.errors import {name} as {name}" for name in error_classes())
        return f"{HEAD.format(imports=chr(10).join(imports), errors=chr(10).join(classes))}\n{body}"

    def _noun(self, noun: str) -> Iterator[str]:
        if not verbs(noun):
            yield from self._function(command_named(noun), noun or HOME)
            return
        kind = f"_{noun.capitalize()}"
        yield f"class {kind}:"
        bare = noun if noun in CATALOGUE else f"{noun} {default_verb(noun)}"
        if bare in CATALOGUE:
            yield from indented(self._function(command_named(bare), "__call__", owner="self"))
        for verb in verbs(noun):
            name = verb.replace("-", "_")
            yield from indented(self._function(command_named(f"{noun} {verb}"), name, owner="self"))
        yield f"{noun}: {kind}"

    def _function(self, command: Command, name: str, owner: str = "") -> Iterator[str]:
        function = command.function
        overloads = get_overloads(inspect.unwrap(function))
        words = inspect.cleandoc(function.__doc__ or "").replace("\\", "\\\\")
        docstring = f'    """{words}\n    """'
        for place, each in enumerate(overloads or [function]):
            if overloads:
                yield "@overload"
            ends = " ..." if place else ""
            yield f"def {name}{self._signature(each, owner)}:{ends}"
            if not place:
                yield docstring

    def _signature(self, function: Callable[..., object], owner: str) -> str:
        """The signature without the session, with `self` in its place where it is a method's."""
        signature = inspect.signature(function)
        taken = [
            each.replace(annotation=self._written(function, each.annotation))
            for each in list(signature.parameters.values())[1:]
        ]
        if owner:
            first = inspect.Parameter(owner, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            has_slash = bool(taken) and taken[0].kind is inspect.Parameter.POSITIONAL_ONLY
            taken = [first.replace(kind=inspect.Parameter.POSITIONAL_ONLY) if has_slash else first, *taken]
        returns = self._written(function, signature.return_annotation)
        return str(signature.replace(parameters=taken, return_annotation=returns))

    def _written(self, function: Callable[..., object], annotation: Any) -> Written:
        try:
            return Written(self._type(evaluated(function, annotation)))
        except NameError:
            self.imports[imported_from(function, annotation)].add(annotation)
            return Written(annotation)

    def _type(self, wanted: Any) -> str:
        """A type as it is written, its names imported."""
        origin, members = get_origin(wanted), get_args(wanted)
        if origin is Annotated:
            return self._type(members[0])
        if origin in (Union, types.UnionType):
            return " | ".join(map(self._type, members))
        if origin is Literal:
            return f"{self._name(Literal, 'Literal')}[{', '.join(map(repr, members))}]"
        if origin is not None:
            return f"{self._name(origin, origin.__name__)}[{', '.join(map(self._type, members))}]"
        if wanted is None or wanted is type(None):
            return "None"
        return self._name(wanted, getattr(wanted, "__name__", str(wanted)))

    def _name(self, thing: Any, name: str) -> str:
        module = "typing" if thing in (Any, Literal) else thing.__module__
        if module != "builtins":
            self.imports[module].add(name)
        return name


def error_classes() -> list[str]:
    """The names of the public classes of errors."""
    return [name for name in errors.__all__ if isinstance(getattr(errors, name), type)]


def indented(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a class's body."""
    for line in lines:
        yield "\n".join(f"    {each}" if each else each for each in line.split("\n"))


def imported_from(function: Callable[..., object], name: str) -> str:
    """The module that a name comes from which the command's module imports for type checkers only."""
    source = Path(inspect.getfile(function)).read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and any(each.name == name for each in node.names):
            return str(node.module)
    raise LookupError(f"{function.__qualname__}: no import of {name!r}")


def stub() -> str:
    """The whole file as it is kept: formatted."""
    sort, form = ("check", "--select=I", "--fix", "--quiet"), ("format",)
    text = Stub().text()
    for how in (sort, form):
        command = [sys.executable, "-m", "ruff", *how, "--stdin-filename", str(STUB), "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return text


if __name__ == "__main__":
    write_or_check(STUB, stub())
