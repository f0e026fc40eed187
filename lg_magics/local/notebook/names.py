"""Determine which names a statement reads, binds and changes. Pure: knows Python's syntax tree, no notebook and no slice.

A statement reads a name *now*, when it runs, or *later*, when a function that it defines is called. It changes an object
when it stores into it, calls a method of it for the method's effect, or passes it to a function for the function's effect.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lg_magics.local.notebook.changes import Call, Changes
from lg_magics.local.notebook.syntax import FUNCTIONS, called_name, own_statements

__all__ = ["Names", "names_of"]


@dataclass(frozen=True)
class Names:
    """A statement's effect on names.

    Attributes:
        uses: read when the statement runs.
        later: read when a function that it defines is called.
        calls: every call that is made when it runs.
        binds: bound for certain.
        may_bind: bound in a branch or a loop, or by one of several imports of a package.
        changes: names whose object is changed.
        aliases: pairs of a name that is bound to the object of another.
        held: pairs of a container's name, and of a name whose object it holds.
        changes_later: global names that its function changes when it is called.
        parameters: of a function: the names of its parameters, in order.
        changed_parameters: of a function: those whose object it changes.
        calls_later: of a function: the calls that its body makes.
        methods: of a class: its functions by their names. `parameters` is without the object itself.
        stars: the modules of `from m import *`.
    """

    uses: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    calls: tuple[Call, ...] = ()
    binds: frozenset[str] = frozenset()
    may_bind: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    changes_later: frozenset[str] = frozenset()
    parameters: tuple[str, ...] = ()
    changed_parameters: frozenset[str] = frozenset()
    calls_later: tuple[Call, ...] = ()
    stars: tuple[str, ...] = ()
    methods: Mapping[str, Names] = field(default_factory=dict)


def names_of(statement: ast.stmt) -> Names:
    """Read one statement at the top level of a program."""
    reader = _Reader.over([statement])
    changes = Changes(own_statements([statement]))
    later: frozenset[str] = frozenset()
    parameters: tuple[str, ...] = ()
    changed_parameters: frozenset[str] = frozenset()
    calls_later: tuple[Call, ...] = ()
    if isinstance(statement, FUNCTIONS):
        body = Changes([each for each in ast.walk(statement) if isinstance(each, ast.stmt) and each is not statement])
        parameters = tuple(_parameters(statement.args))
        changed_parameters = frozenset(body.roots & set(parameters))
        inner = _Reader.over(statement.body)
        own = (inner.binds | inner.may_bind | set(parameters)) - inner.globals
        read = inner.uses | inner.later  # not the names of functions inside of it
        later = frozenset(((body.roots & read) - own) | (inner.globals & (inner.binds | inner.may_bind)))
        calls_later = tuple(body.calls)
    return Names(
        frozenset(reader.uses),
        frozenset(reader.later),
        tuple(changes.calls),
        frozenset(reader.binds - reader.may_bind),
        frozenset(reader.may_bind),
        frozenset(changes.roots),
        tuple(changes.aliases),
        tuple(changes.held),
        later,
        parameters,
        changed_parameters,
        calls_later,
        tuple(reader.stars),
        _methods(statement),
    )


def _methods(statement: ast.stmt) -> dict[str, Names]:
    found = {}
    for each in statement.body if isinstance(statement, ast.ClassDef) else ():
        if isinstance(each, FUNCTIONS):
            names = names_of(each)
            is_static = any(isinstance(node, ast.Name) and node.id == "staticmethod" for node in each.decorator_list)
            found[each.name] = names if is_static else replace(names, parameters=names.parameters[1:])
    return found


def _parameters(arguments: ast.arguments) -> list[str]:
    named = [*arguments.posonlyargs, *arguments.args]
    rest = [each for each in (arguments.vararg, *arguments.kwonlyargs, arguments.kwarg) if each is not None]
    return [each.arg for each in (*named, *rest)]


class _Reader(ast.NodeVisitor):
    """Collects what is read and bound in one scope."""

    def __init__(self) -> None:
        self.uses: set[str] = set()
        self.later: set[str] = set()
        self.binds: set[str] = set()
        self.may_bind: set[str] = set()
        self.globals: set[str] = set()
        self.stars: list[str] = []

    @classmethod
    def over(cls, nodes: Iterable[ast.AST | None]) -> _Reader:
        reader = cls()
        for node in nodes:
            if node is not None:
                reader.visit(node)
        return reader

    def bind(self, name: str, *, maybe: bool = False) -> None:
        (self.may_bind if maybe else self.binds).add(name)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        targets = _Reader.over([node.target])
        self.uses |= targets.uses
        self.may_bind |= targets.binds
        self._block(node.body, targets.binds)
        self._block(node.orelse, set())

    def visit_If(self, node: ast.If | ast.While) -> None:
        self.visit(node.test)
        self._block(node.body, set())
        self._block(node.orelse, set())

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        self._block(node.body, set())
        for handler in node.handlers:
            if handler.type is not None:
                self.visit(handler.type)
            self._block(handler.body, {handler.name} if handler.name else set())
        self._block(node.orelse, set())
        self._block(node.finalbody, set())

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
        bound = {
            each.id
            for item in node.items
            if item.optional_vars
            for each in ast.walk(item.optional_vars)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        certain = self._block(node.body, bound)
        managers = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        if any(called_name(each) == "suppress" for each in managers):  # the body may end before its last statement
            certain = set()
        self.binds |= certain
        self.may_bind -= certain | bound

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            pattern = _Reader.over([case.pattern])
            self.uses |= pattern.uses
            self.may_bind |= pattern.binds
            guard = _Reader.over([case.guard])
            self.uses |= guard.uses - pattern.binds
            self._block(case.body, pattern.binds)

    def _block(self, statements: Sequence[ast.stmt], bound: set[str]) -> set[str]:
        """Read statements that may run. A name that they bind before reading it is not read from outside."""
        known = set(bound)
        for statement in statements:
            inner = _Reader.over([statement])
            self.uses |= inner.uses - known
            self.later |= inner.later
            self.globals |= inner.globals
            self.stars += inner.stars
            self.may_bind |= inner.binds | inner.may_bind
            known |= inner.binds
        return known - set(bound)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id)
        else:
            self.uses.add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):  # it changes what is there; a change is no new binding
            self.uses.add(node.target.id)
        else:
            self.visit(node.target)
        self.visit(node.value)

    def visit_Global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.bind(alias.asname or top, maybe=alias.asname is None and top != alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.stars.append("." * node.level + (node.module or ""))
            else:
                self.bind(alias.asname or alias.name)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.bind(node.name)

    def visit_Constant(self, node: ast.Constant) -> None:
        pass

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._take_function(node)
        for each in node.decorator_list:
            self.visit(each)
        self.bind(node.name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._take_function(node)

    def _take_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default)
        annotated = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        for annotation in (*(each.annotation for each in annotated if each), getattr(node, "returns", None)):
            self._take_annotation(annotation)
        body = node.body if isinstance(node.body, list) else [node.body]
        inner = _Reader.over(body)
        own = (inner.binds | inner.may_bind | set(_parameters(arguments))) - inner.globals
        self.later |= (inner.uses | inner.later | inner.globals) - own

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._take_annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def _take_annotation(self, annotation: ast.expr | None) -> None:
        """Read the names in an annotation; a text is evaluated only when the types are requested."""
        if annotation is None:
            return
        self.visit(annotation)
        for node in ast.walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                try:
                    self.later |= _Reader.over([ast.parse(node.value, mode="eval").body]).uses
                except SyntaxError:
                    continue

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(each)
        body = _Reader.over(node.body)
        self.uses |= body.uses
        self.later |= body.later
        self.bind(node.name)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        inner = _Reader()
        for generator in node.generators:
            inner.generic_visit(generator)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            inner.visit(part)
        own = inner.binds | inner.may_bind
        self.uses |= inner.uses - own
        self.later |= inner.later - own

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension
    visit_AsyncFor, visit_While, visit_TryStar, visit_AsyncWith = visit_For, visit_If, visit_Try, visit_With
    visit_AsyncFunctionDef = visit_FunctionDef
