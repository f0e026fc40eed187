"""Each parameter that docs/sdk.toml maps to an option is sent by it: the SDK's own methods are watched while lines run."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import pytest
from langgraph_sdk import get_client, get_sync_client
from sdk_map import METHODS, entry

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.errors import InvalidRequest, Unsupported
from lg_magics.session import Session
from server.lines import typed


@dataclass
class Reached:
    """Methods and parameters: those that had a value other than their default, and those that had one at all."""

    changed: set[tuple[str, str]] = field(default_factory=set)
    given: set[tuple[str, str]] = field(default_factory=set)


BY_PATH = {"/store/items/search": "store.search_items", "/threads/{}/history": "threads.get_history"}
"""What lg_magics posts itself, because it counts the bytes of the response: the method that would post the same."""

SENT = {("threads.get_history", "thread_id")}
"""What stands in such a path."""


@pytest.fixture(scope="module")
def reached(server: local.LocalServer, stepping_server: local.LocalServer) -> Iterator[Reached]:
    """The methods and parameters that the lines below have sent with a value of their own."""
    with pytest.MonkeyPatch.context() as patch, closing(Session()) as session:
        found = _watch(patch)
        deployment.connect(session, server.url)
        _type_lines(session)
        deployment.connect(session, stepping_server.url)
        _subgraphs(session)
        yield found


def _watch(patch: pytest.MonkeyPatch) -> Reached:
    """Watch each method of the SDK's clients, sync and async."""
    reached = Reached()
    asynchronous = get_client(url="http://127.0.0.1:9", api_key=None)
    with get_sync_client(url="http://127.0.0.1:9", api_key=None) as synchronous:
        for resource, its in (*vars(asynchronous).items(), *vars(synchronous).items()):
            kind = type(its)
            if resource == "http":
                patch.setattr(kind, "post", _watched_post(kind.post, reached))
                continue
            for name in dir(kind):
                if not name.startswith("_") and callable(getattr(kind, name)):
                    patch.setattr(kind, name, _watched(getattr(kind, name), f"{resource}.{name}", reached))
    return reached


def _watched(method: Callable[..., Any], name: str, reached: Reached) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @wraps(method)
    def call(*arguments: Any, **options: Any) -> Any:
        for parameter, value in list(signature.bind(*arguments, **options).arguments.items())[1:]:
            if value is not None and value is not signature.parameters[parameter].default:
                reached.changed.add((name, parameter))
            if value is not None:
                reached.given.add((name, parameter))
        return method(*arguments, **options)

    return call


def _watched_post(post: Callable[..., Any], reached: Reached) -> Callable[..., Any]:
    @wraps(post)
    def call(self: Any, path: str, **options: Any) -> Any:
        body: Mapping[str, Any] = options.get("json") or {}
        plain = "/".join("{}" if part.count("-") == 4 else part for part in path.split("/"))
        if (name := BY_PATH.get(plain)) is not None:
            reached.changed.update((name, parameter) for parameter, value in body.items() if value is not None)
            reached.changed.update(each for each in SENT if each[0] == name)
        return post(self, path, **options)

    return call


def _type_lines(session: Session) -> None:
    """One line or more for each option; what this deployment refuses was sent all the same."""

    def line(name: str, words: str, **names: object) -> Any:
        with suppress(InvalidRequest, Unsupported):
            return typed(session, name, words, **names)

    own = f"reached-{uuid.uuid4().hex[:8]}"
    steps = [{"updates": [{"values": {"messages": []}, "as_node": "__start__"}]}]
    _threads(line, own, steps)
    _runs(line)
    _assistants(line, own)
    _store(line, own)
    _crons(line, own)
    line("run", "-t new -a agent --after 60 hello")
    line("thread delete", "--yes")


def _subgraphs(session: Session) -> None:
    """The lines that need a thread which waits in a subgraph."""
    typed(session, "run", "-t new -a asks_deep --wait --json {}")
    typed(session, "state", "--subgraphs")
    typed(session, "history", "--subgraph office")
    typed(session, "state", "--subgraph office:letter step:0")
    typed(session, "state update", "--subgraph office:letter $values", values={"draft": "Hello"})


Line = Callable[..., Any]


def _threads(line: Line, own: str, steps: object) -> None:
    line("thread new", f"--title {own} --id {uuid.uuid4()} --graph agent --ttl 7d --supersteps $steps", steps=steps)
    line("thread use", f"{own}-2 --create")
    line("thread update", "--metadata a=b --ttl 30")
    line("thread copy", "")
    order = "--sort created_at --order asc"
    line("threads", f"--metadata title={own} --values c=d --status idle --limit 1 --offset 1 {order}")
    line("threads", "--ids $ids --extract x=values.y", ids=[str(uuid.uuid4())])
    line("thread prune", "--yes")
    line("watch", "--timeout 1")
    line("thread show", "")


def _runs(line: Line) -> None:
    everything = (
        f"-a agent -t new --trace-project p --example {uuid.uuid4()} -c user_id=Test --config $config --metadata a=b "
        "--header x-user-id=me "
        "--multitask enqueue "
        "--interrupt-before agent --interrupt-after agent --after 1 --webhook /x --durability sync "
        "--subgraphs --mode custom hello"
    )
    line("run", everything, config={"tags": ["x"]})
    line("run", "-t new -a agent --wait bye")
    line("runs delete", "last")
    first = line("run", "-t new -a agent --wait hello")
    line("wait", first.number)
    line("run", "-a agent --stateless --keep --wait hello")
    line("run", "-a agent --context $context --checkpoint step:0 --wait", context={"user_id": "Test"})
    line("runs", "--status success --limit 1 --offset 1")
    line("state", "step:0")
    line("history", "--limit 1 --before step:1")
    line("state update", "$values --as-node agent --at step:1", values={"messages": []})
    line("graph", f"agent --xray --run {first.number}")
    late = [line("run", "-t new -a agent --after 60 hello"), line("run", "-a agent --after 60 hello")]
    line("cancel", "$late --rollback", late=late)
    line("cancel", line("run", "-a agent --after 60 hello").number + " --rollback")
    line("attach", first.run_id)
    assert list(first.stream("custom")) == []
    line("diff", f"{first.number} {first.number}")
    line("batch", "$rows --input q -a agent --wait", rows=[{"q": "hello"}])
    asks = line("run", "-t new -a approval --wait Order 3 chairs")
    line("inbox", "")
    line("resume", "--approve --wait")
    assert asks is not None


def _assistants(line: Line, own: str) -> None:
    line("assistants", "")
    line("assistants", "--graph agent --name a --metadata a=b")
    line(
        "assistant create",
        f"agent --name {own} -c a=b --id {uuid.uuid4()} --metadata a=b --description about --if-exists do_nothing",
    )
    line("assistant show", own)
    line("assistant update", f"{own} -c a=c --metadata a=c --description other --graph agent --name {own}")
    line("assistant update", f"{own} -c a=")
    line("assistant create", f"agent --name {own}-4 --config $config", config={"tags": ["x"]})
    line("assistant versions", f"{own} --limit 1")
    line("assistant use-version", f"1 -a {own}")
    line("assistant create", f"agent --name {own}-3 --context a=b")
    line("schemas", f"{own} --subgraphs")
    line("schemas", own)
    line("assistant delete", f"{own} --delete-threads --yes")
    line("assistant delete", f"{own}-3 --yes")
    line("assistant delete", f"{own}-4 --yes")


def _store(line: Line, own: str) -> None:
    line("store put", f"{own}/x k a=b --ttl 5 --index a")
    line("store get", f"{own}/x k --refresh-ttl")
    line("store search", f"{own} --filter a=b --query b --refresh-ttl --limit 1 --offset 1")
    line("store namespaces", f"{own} --suffix x --depth 1 --limit 1 --offset 1")
    line("store delete", f"{own}/x k --yes")


def _crons(line: Line, own: str) -> None:
    stops = (
        "--interrupt-before agent --interrupt-after agent --durability sync --mode values --subgraphs --header x-a=b"
    )
    stops += " --webhook /x"
    settings = f"-a agent -c a=b --metadata a=b --until 7d --disabled --timezone Europe/Berlin {stops}"
    line("cron create", f'{settings} --keep "0 9 1 1 *" hello')
    line("cron create", '-a agent --context $context "0 9 1 1 *" hello', context={"a": "b"})
    line("thread new", f"--title {own}-crons")
    line("cron create", f'-t {own}-crons {settings} --multitask enqueue "0 9 1 1 *" hello')
    line("cron create", f'-t {own}-crons -a agent --context $context "0 9 1 1 *" hello', context={"a": "b"})
    line("crons", f"-t {own}-crons -a agent --metadata a=b --no-enabled --sort created_at --order desc")
    line("cron update", f"c1 --keep --until 8d -c b=c {stops} --yes")
    line(
        "cron update",
        "last --until never --schedule '0 8 1 1 *' --metadata a=c --no-enabled --timezone UTC hello",
    )
    line("cron update", "last --context $context", context={"a": "c"})
    line("cron delete", "--mine --yes")


@pytest.mark.parametrize("method", [name for name, each in METHODS.items() if "reason" not in each])
def test_each_mapped_parameter_is_sent(reached: Reached, method: str) -> None:
    options, sent = METHODS[method].get("options", {}), METHODS[method].get("sent", {})
    assert [name for name in options if (method, name) not in reached.changed] == []
    assert [name for name in sent if (method, name) not in reached.changed | reached.given] == []


def test_nothing_is_sent_that_is_excused(reached: Reached) -> None:
    assert {each for each in reached.changed if entry(*each)[0] == "without" or "reason" in METHODS[each[0]]} == set()
