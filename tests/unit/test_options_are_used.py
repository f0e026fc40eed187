"""Each command uses or refuses each of its options, on every way through it. Reads the commands' source; calls none."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import pytest

import lg_magics.commands
from lg_magics.grammar.lookup import commands
from lg_magics.grammar.registry import Command

Ways = frozenset[frozenset[str]]
"""What is read on each way through some statements: a set of names for each."""

START: Ways = frozenset([frozenset()])
CONSENT = {"yes"}
"""`--yes` consents to what is written. Where nothing is written, there is nothing to consent to."""

ALL = {"limit"}
"""`--all` takes the place of `--limit`, as its help states."""

UNUSED_FOR_A_REASON = {
    "run": (
        {"configurable", "config", "context", "metadata", "header", "card", "check", "durability", "after", "key"}
        | {"trace_project", "example"}
        | {"interrupt_before", "interrupt_after", "subgraphs", "webhook", "discard_interrupt", "version"},
        "--once attaches to the run that is live already; these are for the run that is launched otherwise",
    ),
    "resume": (
        {"again", "card", "interrupt_before", "interrupt_after", "version", "wait", "timeout"},
        "with --action nothing is launched until each action has its decision",
    ),
}
"""By command: options that one of its ways ignores, as its documentation states."""


def unused(source: str) -> list[set[str]]:
    """For each way through a function that ends with a result: the parameters that are not read on it."""
    [node] = ast.parse(textwrap.dedent(source)).body
    assert isinstance(node, ast.FunctionDef)
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    parameters = {each.arg for each in every} - {"session"}
    ended: set[frozenset[str]] = set()
    ended |= _through(node.body, START, ended)
    return [missing for way in ended if (missing := parameters - way)]


def _through(body: Sequence[ast.stmt], ways: Ways, ended: set[frozenset[str]]) -> Ways:
    """The ways that go on behind `body`. One that returns is put into `ended`; one that raises has refused."""
    for statement in body:
        ways = _behind(statement, ways, ended)
    return ways


def _behind(statement: ast.stmt, ways: Ways, ended: set[frozenset[str]]) -> Ways:
    match statement:
        case ast.Raise():
            return frozenset()
        case ast.Return():
            ended |= _and(ways, _reads(statement))
            return frozenset()
        case ast.If(test=test, body=body, orelse=orelse):
            ways = _and(ways, _reads(test))
            return _through(body, ways, ended) | _through(orelse, ways, ended)
        case ast.With(items=items, body=body):
            return _through(body, _and(ways, *map(_reads, items)), ended)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            # What a handler reads is used where its error comes, so it counts for the others too.
            handled = frozenset(name for handler in handlers for name in _names(handler))
            ways = _and(ways, frozenset([handled]))
            went = _through([*body, *orelse], ways, ended)
            went |= frozenset(way for handler in handlers for way in _through(handler.body, ways, ended))
            return _through(finalbody, went, ended)
        case ast.For(iter=head, body=body) | ast.While(test=head, body=body):
            ways = _and(ways, _reads(head))
            return ways | _through(body, ways, ended)
        case ast.Match(subject=subject, cases=cases):
            ways = _and(ways, _reads(subject))
            return ways | frozenset(way for case in cases for way in _through(case.body, ways, ended))
        case _:
            return _and(ways, _reads(statement))


def _reads(node: ast.AST) -> Ways:
    """What is read on each way through an expression: `a if b else c` has two."""
    if isinstance(node, ast.Name):
        return frozenset([frozenset([node.id])])
    if isinstance(node, ast.IfExp):
        return _and(_reads(node.test), _reads(node.body) | _reads(node.orelse))
    return _and(START, *map(_reads, ast.iter_child_nodes(node)))


def _and(*parts: Ways) -> Ways:
    return reduce(lambda ways, more: frozenset(a | b for a, b in itertools.product(ways, more)), parts)


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


@pytest.mark.parametrize("command", list(commands()), ids=lambda command: command.name or "home")
def test_every_way_through_a_command_reads_every_parameter(command: Command) -> None:
    replaced = ALL if "regardless of --limit" in command.docstring.arguments.get("all", "") else set()
    allowed = CONSENT | replaced | UNUSED_FOR_A_REASON.get(command.name, (set(), ""))[0]
    ignored = [sorted(names) for way in unused(inspect.getsource(command.function)) if (names := way - allowed)]
    assert ignored == []


def test_every_function_below_a_command_reads_what_it_is_given() -> None:
    package = Path(lg_magics.commands.__file__).parent.parent
    unread = {}
    for path in (
        each for name in ("commands", "actions", "resolve", "grammar") for each in package.glob(f"{name}/*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and "overload" not in map(ast.unparse, node.decorator_list):
                given = node.args
                every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
                read = {name for statement in node.body for name in _names(statement)}
                if names := {each.arg for each in every} - read - {"self", "cls", "session"}:
                    unread[f"{path.name} {node.name}"] = names
    assert unread == {"values.py _nothing_from_text": {"text"}}  # one of a table of readers


DROPS = """
def connect(session, target, *, header=None, fresh=False):
    if target == "local":
        return start(fresh)
    if fresh:
        raise ValueError
    return open(target, header)
"""
DROPS_BY_EXPRESSION = """
def fork(session, run, *, as_node=None):
    start = 1 if run else write(as_node)
    return start
"""


def test_a_way_that_drops_an_option_is_found() -> None:
    assert unused(DROPS) == [{"header"}]
    assert unused(DROPS_BY_EXPRESSION) == [{"as_node"}]
    assert unused(DROPS.replace("start(fresh)", "start(fresh, header)")) == []
