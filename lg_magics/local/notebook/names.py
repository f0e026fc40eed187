"""Which names a statement reads, binds and changes. Pure: knows Python's syntax tree, no notebook and no slice.

A statement reads a name *now*, when it runs, or *later*, when a function that it defines is called. It changes an object
when it stores into it, calls a method of it for the method's effect, or passes it to a function for the function's effect.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["RUN_METHODS", "Call", "Names", "awaits", "called_name", "names_of", "own_nodes", "root_of"]

RUN_METHODS = frozenset(
    {"invoke", "ainvoke", "stream", "astream", "batch", "abatch", "astream_events", "stream_events", "astream_log"}
    | {"get_state", "aget_state", "get_state_history", "aget_state_history", "update_state", "aupdate_state"}
)
"""Methods that run a graph, or read or write the state of its threads."""

_CHANGES = re.compile(
    r"a?(add|append|extend|insert|set|setdefault|update|register|pop|popitem|remove|discard|delete|clear|sort|reverse"
    r"|put|push|fit|train|mount|include|configure|load_documents|index)(_|$)"
)
_READS = frozenset(
    [
        "print",
        "display",
        "repr",
        "str",
        "len",
        "type",
        "isinstance",
        "issubclass",
        "id",
        "dir",
        "help",
        "vars",
        "hash",
        "bool",
        "int",
        "float",
        "list",
        "tuple",
        "dict",
        "set",
        "sorted",
        "sum",
        "min",
        "max",
        "abs",
        "round",
        "any",
        "all",
        "format",
        "pprint",
        "enumerate",
        "zip",
        "range",
        "reversed",
        "hasattr",
        "getattr",
        "callable",
        "iter",
        "open",
        "input",
    ]
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.ClassDef)
_NO_NODES = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "names", "module"})
_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match, ast.TryStar)


@dataclass(frozen=True)
class Call:
    """A call of a plain function, or of a function of `receiver`: what it may change are the names in `arguments`.

    `is_for_effect` says that its result is thrown away. A name in `arguments` is "" where there is none.
    """

    function: str
    arguments: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...] = ()
    receiver: str = ""
    is_for_effect: bool = False


@dataclass(frozen=True)
class Names:
    """What one statement does with names.

    Attributes:
        uses: read when the statement runs.
        later: read when a function that it defines is called.
        calls: every call that is made when it runs.
        binds: bound for certain.
        may_bind: bound in a branch or a loop, or by one of several imports of a package.
        changes: names whose object is changed.
        aliases: pairs of a name that is bound to the object of another.
        changes_later: global names that its function changes when it is called.
        parameters: of a function: the names of its parameters, in order.
        changed_parameters: of a function: those whose object it changes.
        calls_later: of a function: the calls that its body makes.
        stars: the modules of `from m import *`.
    """

    uses: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    calls: tuple[Call, ...] = ()
    binds: frozenset[str] = frozenset()
    may_bind: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    changes_later: frozenset[str] = frozenset()
    parameters: tuple[str, ...] = ()
    changed_parameters: frozenset[str] = frozenset()
    calls_later: tuple[Call, ...] = ()
    stars: tuple[str, ...] = ()


def names_of(statement: ast.stmt) -> Names:
    """Read one statement at the top level of a program."""
    reader = _Reader.over([statement])
    changes = _Changes(own_statements([statement]))
    later: frozenset[str] = frozenset()
    parameters: tuple[str, ...] = ()
    changed_parameters: frozenset[str] = frozenset()
    calls_later: tuple[Call, ...] = ()
    if isinstance(statement, _FUNCTIONS):
        body = _Changes(own_statements(statement.body))
        parameters = tuple(_parameters(statement.args))
        changed_parameters = frozenset(body.roots & set(parameters))
        inner = _Reader.over(statement.body)
        own = (inner.binds | inner.may_bind | set(parameters)) - inner.globals
        later = frozenset((body.roots - own) | (inner.globals & (inner.binds | inner.may_bind)))
        calls_later = tuple(body.calls)
    return Names(
        frozenset(reader.uses),
        frozenset(reader.later),
        tuple(changes.calls),
        frozenset(reader.binds - reader.may_bind),
        frozenset(reader.may_bind),
        frozenset(changes.roots),
        tuple(changes.aliases),
        later,
        parameters,
        changed_parameters,
        calls_later,
        tuple(reader.stars),
    )


def awaits(statement: ast.stmt) -> bool:
    """Whether a statement awaits something when it runs, outside of the functions that it defines."""
    return any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (isinstance(node, ast.comprehension) and node.is_async)
        for node in own_nodes(statement)
    )


def own_nodes(node: ast.AST) -> list[ast.AST]:
    """Every node that takes part when `node` runs: not the bodies of the functions in it."""
    found, todo = [], [node]
    while todo:
        each = todo.pop()
        found.append(each)
        for name in each._fields:
            if name in _NO_NODES:
                continue
            value = getattr(each, name, None)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, _FUNCTIONS):
                    todo += [*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)]
                elif isinstance(child, ast.AST) and not isinstance(child, ast.Lambda):
                    todo.append(child)
    return found


def own_statements(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """These statements and those inside them, without the bodies of functions and classes."""
    found: list[ast.stmt] = []
    for statement in statements:
        found.append(statement)
        if not isinstance(statement, _SCOPES):
            for field_name in ("body", "orelse", "finalbody"):
                found += own_statements(getattr(statement, field_name, []))
            for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                found += own_statements(part.body)
    return found


def _own_expressions(statement: ast.stmt) -> list[ast.AST]:
    """The nodes of a statement without the statements inside it."""
    found: list[ast.AST] = []
    for name in statement._fields:
        value = getattr(statement, name, None)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.expr | ast.keyword | ast.withitem):
                found += own_nodes(child)
            elif isinstance(child, ast.arguments):
                for default in (*child.defaults, *filter(None, child.kw_defaults)):
                    found += own_nodes(default)
    return found


def root_of(node: ast.AST) -> str:
    """The name that an expression hangs on: `b` of `b.add_node(…).x[0]`; "" if there is none."""
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def called_name(call: ast.Call) -> str:
    """The last word of what is called: `compile` of `builder.compile(…)`."""
    return (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )


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
        self._branches = 0

    @classmethod
    def over(cls, nodes: Iterable[ast.AST | None]) -> _Reader:
        reader = cls()
        for node in nodes:
            if node is not None:
                reader.visit(node)
        return reader

    def bind(self, name: str, *, maybe: bool = False) -> None:
        (self.may_bind if self._branches or maybe else self.binds).add(name)

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, _COMPOUND):
            self._branches += 1
            super().visit(node)
            self._branches -= 1
        else:
            super().visit(node)

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

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

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

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

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
        """What an annotation names; one that is text is read when somebody asks for the types."""
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


@dataclass
class _Changes:
    """What statements of one scope change, and what they call."""

    statements: Sequence[ast.stmt]
    roots: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    aliases: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loops: dict[str, set[str]] = {}
        for statement in self.statements:
            self._take(statement)
        for name in list(self.roots):
            self.roots |= self._loops.get(name, set())

    def _take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._store(target)
                    if isinstance(target, ast.Name) and (root := self._aliased(value)):
                        self.aliases.append((target.id, root))
                if all(isinstance(target, ast.Name) and target.id == "_" for target in targets):
                    self._effect(value)
            case ast.AnnAssign(target=target):
                self._store(target)
            case ast.AugAssign(target=target):
                self.roots.add(root_of(target))
            case ast.Delete(targets=targets):
                for target in targets:
                    self._store(target)
            case ast.Expr(value=value):
                self._effect(value)
            case ast.For(target=target, iter=iterated) | ast.AsyncFor(target=target, iter=iterated):
                self._loop(target, iterated)
            case _:
                pass
        self._calls_in(statement)
        self.roots.discard("")

    def _store(self, target: ast.expr) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                self.roots.add(root_of(node))

    def _aliased(self, value: ast.expr) -> str:
        if isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
            return root_of(value)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and _CHANGES.match(value.func.attr):
            return root_of(value)  # builder.add_node(…) gives the builder back
        return ""

    def _loop(self, target: ast.expr, iterated: ast.expr) -> None:
        of = {node.id for node in ast.walk(iterated) if isinstance(node, ast.Name)}
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self._loops.setdefault(node.id, set()).update(of)

    def _effect(self, value: ast.expr) -> None:
        """A call whose result nobody takes is made for its effect."""
        value = value.value if isinstance(value, ast.Await) else value
        if not isinstance(value, ast.Call):
            return
        if isinstance(value.func, ast.Attribute) and value.func.attr not in RUN_METHODS:
            self.roots.add(root_of(value))

    def _calls_in(self, statement: ast.stmt) -> None:
        for_effect = statement.value if isinstance(statement, ast.Expr) else None
        for_effect = for_effect.value if isinstance(for_effect, ast.Await) else for_effect
        for node in _own_expressions(statement):
            if not isinstance(node, ast.Call):
                continue
            name = called_name(node)
            if isinstance(node.func, ast.Attribute) and _CHANGES.match(name):
                self.roots.add(root_of(node))
            receiver = root_of(node) if isinstance(node.func, ast.Attribute) else ""
            arguments = tuple(root_of(each) for each in node.args)
            keywords = tuple((each.arg or "", root_of(each.value)) for each in node.keywords)
            is_for_effect = node is for_effect and not (name in _READS and not receiver)
            self.calls.append(Call(name, arguments, keywords, receiver, is_for_effect))
        for decorated in (statement,) if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)) else ():
            for decorator in decorated.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(called, ast.Name):
                    self.calls.append(Call(called.id, (decorated.name,)))
                elif isinstance(called, ast.Attribute) and (root := root_of(called)):
                    self.roots.add(root)  # @app.command(): the decorator is called for its effect
