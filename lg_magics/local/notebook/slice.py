"""The statements of a notebook that a graph depends on. Pure: statements in, statements out, in the order of execution.

A statement takes the definition that had reached it. A function takes the last definition of each name that it reads, and the
one that had reached the statement which calls it. Every change of an object is included, until its name is bound to another.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from lg_magics.local.notebook.cells import Statement, makes_graph
from lg_magics.local.notebook.changes import Call
from lg_magics.local.notebook.names import Names

__all__ = ["Missing", "Slice", "slice_for"]

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "reveal_type"}
_OF_IPYTHON = frozenset({"display", "get_ipython", "In", "Out", "exit", "quit"})
# Modules whose calls affect only the machine, not a graph: `os.remove(…)`, `time.sleep(1)`.
_TOOLS = frozenset({"os", "shutil", "subprocess", "time", "sys", "asyncio", "gc", "webbrowser", "pathlib", "plt"})
# These store a function for later and do not call it now.
_KEEPERS = frozenset(
    {"add_node", "add_conditional_edges", "add_sequence", "add_edge", "bind_tools", "tool", "ToolNode", "create_agent"}
    | {"create_react_agent", "RunnableLambda", "append", "compile", "from_function", "Annotated"}
)

# The class of a called method is unknown: with more candidate classes than this, or deeper, methods are not searched.
_MOST_CLASSES = 5
_DEEPEST = 4


@dataclass(frozen=True)
class Missing:
    """A name that the graph depends on and that no Python statement binds.

    Attributes:
        name: The name.
        cell: The cell that reads it.
        line: The line that reads it.
        reason: What bound it: `magic`, `shell line`, `invoke`, `input`, …; "" if unknown.
        made_in: The cell that bound it; None if unknown.
    """

    name: str
    cell: int
    line: int
    reason: str = ""
    made_in: int | None = None


@dataclass(frozen=True)
class Slice:
    """The dependencies of a graph.

    Attributes:
        statements: In the order in which they ran.
        missing: Names that the kernel has and no statement binds.
        undefined: Names that neither a statement nor the kernel defines.
        newer: Functions and values that were bound again after the graph took them: (name, cell that bound it, cells that
            would have to run again).
        needs_display: Whether it reads IPython's `display`.
        stories: For each statement, the places in `statements` of what it depends on and of what changed that, itself too.
    """

    statements: tuple[Statement, ...]
    missing: tuple[Missing, ...] = ()
    undefined: tuple[str, ...] = ()
    newer: tuple[tuple[str, int, int], ...] = ()
    needs_display: bool = False
    stories: tuple[tuple[int, ...], ...] = ()

    @property
    def cells(self) -> tuple[int, ...]:
        """The numbers of its cells."""
        return tuple(sorted({each.cell for each in self.statements}))


def slice_for(
    names: Collection[str],
    statements: Sequence[Statement],
    *,
    live: Collection[str] = (),
    star_names: Callable[[str], Collection[str]] = lambda module: (),
    compiled: Collection[str] = (),
) -> Slice:
    """Find the statements that these names depend on.

    Args:
        names: The required names: the graph's name, or the names in an expression that creates it.
        statements: Every statement that ran.
        live: The names that the kernel has.
        star_names: What `from module import *` binds.
        compiled: The names whose object is a compiled graph in the kernel.
    """
    slicer = _Slicer(statements, frozenset(live), star_names, frozenset(compiled))
    for name in sorted(names):
        slicer.need(name, len(statements), later=False, reader=None)
    slicer.work()
    return slicer.result()


@dataclass
class _Slicer:
    statements: Sequence[Statement]
    live: frozenset[str]
    star_names: Callable[[str], Collection[str]]
    compiled: frozenset[str]
    included: set[int] = field(default_factory=set)
    missing: dict[str, Missing] = field(default_factory=dict)
    undefined: set[str] = field(default_factory=set)
    needs_display: bool = False

    def __post_init__(self) -> None:
        self._todo: list[int] = []
        self._edges: dict[int, set[int]] = {}
        self._taken = -1
        self._bindings: dict[str, list[int]] = {}
        self._stars: dict[int, frozenset[str]] = {}
        for place, each in enumerate(self.statements):
            stars = frozenset(name for module in each.names.stars for name in self.star_names(module))
            if stars:
                self._stars[place] = stars
            for name in each.names.binds | each.names.may_bind | stars:
                self._bindings.setdefault(name, []).append(place)
        self._methods: dict[str, list[tuple[int, str, Names]]] = {}
        for place, each in enumerate(self.statements):
            for name, method in each.names.methods.items():
                class_name = next(iter(each.names.binds))
                self._methods.setdefault(name, []).append((place, class_name, method))
        self._changers: dict[str, list[int]] = {}
        self._aliases: dict[str, list[tuple[int, str, bool]]] = {}  # the last is True for the name of a container
        for place, each in enumerate(self.statements):
            if each.left_out:
                continue
            for name in self._changed_by(place):
                self._changers.setdefault(name, []).append(place)
            for pairs, holds in ((each.names.aliases, False), (each.names.held, True)):
                for new, old in pairs:
                    self._aliases.setdefault(old, []).append((place, new, holds))

    # -- reaching definitions --------------------------------------------------------------------------------------

    def reaching(self, name: str, at: int) -> list[int]:
        """Return the bindings of a name that reach a place: a certain one, and later possible ones."""
        found = []
        for place in reversed(self._bindings.get(name, ())):
            if place >= at:
                continue
            found.append(place)
            if name in self.statements[place].names.binds:
                break
        return found

    def _next_binding(self, name: str, after: int) -> int:
        places = self._bindings.get(name, ())
        return next(
            (each for each in places if each > after and name in self.statements[each].names.binds),
            len(self.statements),
        )

    def _changed_by(self, place: int) -> set[str]:
        """Return the names whose object a statement changes, itself or by the functions that it calls."""
        names = self.statements[place].names
        changed = {name for name in names.changes if name not in _TOOLS or not self._is_module(name, place)}
        for call in names.calls:
            changed |= self._changed_by_call(call, place, set())
        return changed - names.binds - names.may_bind

    def _changed_by_call(self, call: Call, place: int, seen: set[str]) -> set[str]:
        functions = self._functions(call, place)
        if not functions:
            # A function of a module may change its arguments; a method changes its own object.
            if not call.is_for_effect or (call.receiver and not self._is_module(call.receiver, place)):
                return set()
            return {each for each in call.given if not self._is_compiled(each, place)}
        return {name for function in functions for name in self._changed_by_body(function, call, place, seen)}

    def _changed_by_body(self, function: Names, call: Call, place: int, seen: set[str]) -> set[str]:
        # A call of a module's function, such as `time.sleep`, does not change the module.
        changed = {each for each in function.changes_later if not self._is_module(each, place)}
        parameters = function.parameters
        given = dict(zip(parameters, call.arguments, strict=False)) | dict(call.keywords)
        inner_changed = set(function.changed_parameters)
        if call.function not in seen and not (call.receiver and len(seen) >= _DEEPEST):
            for inner in function.calls_later:
                found = self._changed_by_call(inner, place, seen | {call.function})
                changed |= found - set(parameters)
                inner_changed |= found & set(parameters)
        passed = {name for parameter in inner_changed for name in given.get(parameter, ())}
        return changed | {name for name in passed if not self._is_compiled(name, place)}

    def _functions(self, call: Call, place: int) -> list[Names]:
        """Return the functions that a call may run: a function, a class or, by name, methods of the notebook."""
        if call.receiver:
            found = {name: each for at, name, each in self._methods.get(call.function, ()) if at <= place}
            is_known = 0 < len(found) <= _MOST_CLASSES and not self._is_module(call.receiver, place)
            return list(found.values()) if is_known else []
        statement = self._function(call.function, place)
        if statement is None:
            return []
        if isinstance(statement.node, ast.ClassDef):
            return [statement.names.methods[each] for each in ("__init__",) if each in statement.names.methods]
        return [statement.names]

    def _is_compiled(self, name: str, place: int) -> bool:
        """Return whether a name is a compiled graph, which calls show or run but do not change."""
        found = self.reaching(name, place)
        is_last = bool(found) and found[0] == self._bindings[name][-1]  # of its objects, the kernel knows the last
        return bool(found) and ((is_last and name in self.compiled) or makes_graph(self.statements[found[0]].node))

    def _function(self, name: str, place: int) -> Statement | None:
        found = self.reaching(name, place) or self.reaching(name, place + 1)
        statement = self.statements[found[0]] if found else None
        return statement if statement and type(statement.node).__name__ in (*_FUNCTION_NODES, "ClassDef") else None

    def _is_module(self, name: str, place: int) -> bool:
        found = self.reaching(name, place)
        return bool(found) and type(self.statements[found[0]].node).__name__ in ("Import", "ImportFrom")

    # -- collecting ------------------------------------------------------------------------------------------------

    def need(self, name: str, at: int, *, later: bool, reader: Statement | None) -> None:
        """Include the binding of a name at a place."""
        found = self.reaching(name, at)
        if not found:
            if later and self._bindings.get(name):
                return
            # A function that was called bound it: `global model`.
            if bound := [place for place in self._changers.get(name, ()) if place < at]:
                for place in bound:
                    self.include(place)
                return
            self._note_undefined(name, reader)
            return
        for place in found:
            statement = self.statements[place]
            if name in statement.unavailable or (statement.left_out and name in statement.names.binds):
                self._note_missing(name, statement, reader)
            else:
                self.include(place)

    def include(self, place: int) -> None:
        self._edges.setdefault(self._taken, set()).add(place)
        if place not in self.included:
            self.included.add(place)
            self._todo.append(place)

    def work(self) -> None:
        while self._todo:
            self._take(self._todo.pop())

    def _take(self, place: int) -> None:
        self._taken = place
        statement = self.statements[place]
        end = len(self.statements)
        names = statement.names
        for name in names.uses:
            self.need(name, place, later=False, reader=statement)
            if self._is_called_now(name, statement):
                self._need_for_call(name, place, {name})
        for name in names.later:
            self.need(name, end, later=True, reader=statement)
        for name in names.binds | names.may_bind | self._stars.get(place, frozenset()):
            self._take_changes(name, place)

    def _take_changes(self, name: str, place: int) -> None:
        """Include the changes of the object that a name was bound to here, by this name or an alias."""
        until = self._next_binding(name, place)
        for changer in self._changers.get(name, ()):
            if place < changer < until:
                self.include(changer)
        for where, other, holds in self._aliases.get(name, ()):
            if place < where < until and where not in self.included and self._is_changed(other, where, holds):
                self.include(where)

    def _is_changed(self, name: str, after: int, is_container: bool) -> bool:
        """Return whether an object is changed after a place, by this name or an alias; of a container, more than itself."""
        end = len(self.statements)
        earliest: dict[tuple[str, int, bool], int] = {}  # the places from which each binding was searched
        todo = [(name, after, is_container)]
        while todo:
            name, after, is_container = todo.pop()
            until = self._next_binding(name, after)
            if earliest.get((name, until, is_container), end) <= after:
                continue
            earliest[name, until, is_container] = after
            changers = [self.statements[each].node for each in self._changers.get(name, ()) if after < each < until]
            if any(not (is_container and _changes_container(node, name)) for node in changers):
                return True
            aliases = [each for each in self._aliases.get(name, ()) if after < each[0] < until]
            todo += [(other, where, holds) for where, other, holds in reversed(aliases)]
        return False

    def _is_called_now(self, name: str, statement: Statement) -> bool:
        """Return whether a function may be called while the statement runs: directly, or by a function that receives it."""
        return any(
            name == call.function or (name in call.given and call.function not in _KEEPERS)
            for call in statement.names.calls
        )

    def _need_for_call(self, name: str, place: int, seen: set[str]) -> None:
        """Include what the body of a function reads that is called here, in its current state."""
        for definition in self.reaching(name, place):
            statement = self.statements[definition]
            if type(statement.node).__name__ not in (*_FUNCTION_NODES, "ClassDef", "Assign"):
                continue
            for read in statement.names.later - seen:
                if self.reaching(read, place):
                    self.need(read, place, later=False, reader=statement)
                    self._need_for_call(read, place, seen | {read})

    # -- missing names ---------------------------------------------------------------------------------------------

    def _note_undefined(self, name: str, reader: Statement | None) -> None:
        unknown = [place for place, each in enumerate(self.statements) if each.names.stars and place not in self._stars]
        if name in _BUILTINS:
            return
        if unknown:
            for place in unknown:
                self.include(place)
        elif name == "display":
            self.needs_display = True
        elif name in self.live or name in _OF_IPYTHON:
            where = (reader.cell, reader.line) if reader else (0, 0)
            self.missing.setdefault(name, Missing(name, *where))
        else:
            self.undefined.add(name)

    def _note_missing(self, name: str, statement: Statement, reader: Statement | None) -> None:
        where = (reader.cell, reader.line) if reader else (statement.cell, statement.line)
        self.missing.setdefault(name, Missing(name, *where, reason=statement.reason, made_in=statement.cell))

    def result(self) -> Slice:
        future = {place for place, each in enumerate(self.statements) if _is_future(each)}
        places = sorted(future) + sorted(self.included - future)
        return Slice(
            tuple(self.statements[place] for place in places),
            tuple(self.missing.values()),
            tuple(sorted(self.undefined)),
            tuple(self._newer()),
            self.needs_display,
            tuple(self._story(place, places) for place in places),
        )

    def _story(self, place: int, places: Sequence[int]) -> tuple[int, ...]:
        found, todo = {place}, [place]
        while todo:
            new = self._edges.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return tuple(index for index, each in enumerate(places) if each in found)

    def _newer(self) -> list[tuple[str, int, int]]:
        """Return names that were bound again, with other text, after the last statement that read them had run."""
        found = []
        for name, places in self._bindings.items():
            last = places[-1]
            if last in self.included:
                continue
            taken = [place for place in places if place in self.included]
            readers = [place for place in self.included if name in self.statements[place].names.uses and place < last]
            if not taken or not readers or self.statements[last].left_out:
                continue
            is_function = type(self.statements[last].node).__name__ in (*_FUNCTION_NODES, "ClassDef")
            if is_function and self.statements[last].source != self.statements[taken[-1]].source:
                found.append((name, self.statements[last].cell, self.statements[max(readers)].cell))
        return found


def _changes_container(node: ast.stmt, name: str) -> bool:
    """Return whether a statement changes a list or a dictionary, but nothing in it: `tools.append(x)`, `tools["x"] = x`."""
    match node:
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=changed))))
            | ast.AugAssign(target=ast.Name(id=changed))
            | ast.Assign(targets=[ast.Subscript(value=ast.Name(id=changed))])
        ):
            return changed == name
        case _:
            return False


def _is_future(statement: Statement) -> bool:
    return isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__"


_FUNCTION_NODES = ("FunctionDef", "AsyncFunctionDef")
