"""Options that reach the rest of the SDK: where a run goes on, what a cron keeps, filters of assistants and crons, subgraphs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import runs
from lg_magics.errors import CommandError, Conflict, Unsupported
from lg_magics.server.capabilities import Capabilities
from lg_magics.session import Session

from .lines import typed

YEARLY = '"0 0 1 1 *"'


def test_a_run_goes_on_at_another_node_with_an_update(session: Session) -> None:
    runs.run(session, "hello", assistant="agent", thread="new", wait=True)
    said = {"messages": [{"role": "human", "content": "what's the weather in sf"}]}
    again = typed(session, "run", "--goto agent --update $said --wait", said=said)
    assert again.status == "success"
    assert [each.text for each in again.messages][2] == "what's the weather in sf"
    with pytest.raises(CommandError, match=r"no node 'agnet'\. Did you mean agent"):
        typed(session, "run", "--goto agnet")
    for line in ("--goto agent hello", "--goto agent -t new", "--stateless --update {}", "--update [1]", "--example 3"):
        with pytest.raises(CommandError):
            typed(session, "run", line)


def test_a_cron_keeps_what_each_run_is_to_do(
    session: Session, sdk: SyncLangGraphClient, own_crons: Callable[[], list[str]]
) -> None:
    stops = "--interrupt-before agent --interrupt-after * --durability sync --mode values --subgraphs --header x-a=b"
    typed(session, "cron create", f"-a agent --webhook /x {stops} {YEARLY} hello")
    [made] = sdk.crons.search(metadata={"lg_session": session.id})
    payload: Any = made["payload"]
    assert payload["webhook"] == "/x"
    assert (payload["interrupt_before"], payload["interrupt_after"]) == (["agent"], "*")
    assert (payload["durability"], payload["stream_mode"]) == ("sync", ["values"])
    assert payload["stream_subgraphs"] is True
    typed(session, "cron update", "last --webhook /y --interrupt-before tools --durability exit")
    [changed] = sdk.crons.search(metadata={"lg_session": session.id})
    assert changed["payload"]["webhook"] == "/y"
    with pytest.raises(CommandError, match="--webhook must be an address, got 'example'"):
        typed(session, "cron update", "last --webhook example")
    with pytest.raises(CommandError, match="no node 'nowhere'"):
        typed(session, "cron create", f"-a agent --interrupt-before nowhere {YEARLY} hello")
    with pytest.raises(CommandError, match="on a thread"):
        typed(session, "cron create", f"-a agent --multitask reject {YEARLY} hello")


def body(properties: dict[str, Any]) -> dict[str, Any]:
    """How an OpenAPI document describes the body of a request."""
    return {"content": {"application/json": {"schema": {"properties": properties}}}}


def test_a_cron_that_would_lose_its_options_is_not_made(session: Session, own_crons: Callable[[], list[str]]) -> None:
    call = {"post": {"requestBody": body({"schedule": {}, "input": {}, "metadata": {}})}}
    session.connection.capabilities = Capabilities({"paths": {"/runs/crons": call}})
    with pytest.raises(Unsupported, match="takes no webhook and no durability: it is not made"):
        typed(session, "cron create", f"-a agent --webhook /x --durability sync {YEARLY} hello")
    assert own_crons() == []


def test_crons_are_filtered(session: Session, own_crons: Callable[[], list[str]]) -> None:
    own = uuid.uuid4().hex[:8]
    typed(session, "cron create", f"-a agent --metadata own={own} {YEARLY} hello")
    typed(session, "cron create", f"-a task_maistro --metadata own={own} --disabled {YEARLY} hello")
    line = f"--metadata own={own}"
    assert len(typed(session, "crons", line)) == 2
    assert [row["assistant"] for row in typed(session, "crons", f"{line} -a agent")] == ["agent"]
    assert [row["assistant"] for row in typed(session, "crons", f"{line} --no-enabled")] == ["task_maistro"]
    assert [row["assistant"] for row in typed(session, "crons", f"{line} --enabled")] == ["agent"]
    for order, wanted in (("", ["agent", "task_maistro"]), ("--order desc", ["task_maistro", "agent"])):
        found = typed(session, "crons", f"{line} --sort created_at {order}")
        assert [row["assistant"] for row in found] == wanted
    with pytest.raises(CommandError, match="--order belongs to --sort"):
        typed(session, "crons", f"{line} --order desc")
    session.connection.capabilities = Capabilities(
        {"paths": {"/runs/crons/search": {"post": {"requestBody": body({"limit": {}})}}}}
    )
    with pytest.raises(Unsupported, match="has no sort_by"):
        typed(session, "crons", f"{line} --sort created_at")


def test_assistants_are_filtered_made_by_an_id_and_deleted_with_their_threads(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    own, identity = f"own-{uuid.uuid4().hex[:8]}", str(uuid.uuid4())
    typed(session, "assistant create", f"agent --name {own} --id {identity} --metadata own={own}")
    for line in (f"--name {own}", f"--metadata own={own}", f"--graph agent --metadata own={own}"):
        assert [row["assistant_id"] for row in typed(session, "assistants", line)] == [identity]
    assert len(typed(session, "assistants", f"--graph workbench --metadata own={own}")) == 0
    for named in (own, f"{own}-2"):  # its name is taken, or its id alone
        said = typed(session, "assistant create", f"agent --name {named} --id {identity} --if-exists do_nothing -c a=b")
        assert said.title == f"There is an assistant {own} already: nothing was changed."
        with pytest.raises(Conflict):
            typed(session, "assistant create", f"agent --name {named} --id {identity} --if-exists raise")
    assert sdk.assistants.get(identity)["version"] == 1
    with pytest.raises(CommandError, match="Both --or-update and --if-exists"):
        typed(session, "assistant create", f"agent --name {own} --or-update --if-exists raise")
    run = runs.run(session, "hello", assistant=own, thread="new", wait=True)
    done = typed(session, "assistant delete", f"{own} --delete-threads --yes")
    assert done.title == f"Deleted assistant {own} and 1 thread. No thread is current now."
    assert sdk.threads.search(ids=[run.thread_id]) == []


def test_the_schemas_of_subgraphs_are_reported_by_their_namespace(odd: Session) -> None:
    table = typed(odd, "schemas", "nested --subgraphs")
    assert {row["subgraph"] for row in table}
    assert {"schema", "field", "type"} <= set(table[0])


def test_namespaces_are_found_by_their_last_labels(session: Session) -> None:
    own = f"own-{uuid.uuid4().hex[:8]}"
    for place in ("a/notes", "b/notes", "b/tasks"):
        typed(session, "store put", f"{own}/{place} k v=1")
    table = typed(session, "store namespaces", f"{own} --suffix notes")
    assert [(row["namespace"], row["items"]) for row in table] == [(f"{own}/a/notes", 1), (f"{own}/b/notes", 1)]
    assert typed(session, "store get", f"{own}/a/notes k --refresh-ttl").value == {"v": "1"}
    assert len(typed(session, "store search", f"{own} --no-refresh-ttl")) == 3
