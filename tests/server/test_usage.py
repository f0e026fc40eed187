"""What models counted, on the real server: by node and model, of runs, threads and batches, and with the user's prices."""

from __future__ import annotations

import pytest

import lg_magics as lg
from lg_magics.commands import runs
from lg_magics.commands.batch import batch
from lg_magics.commands.usage import usage
from lg_magics.errors import CommandError
from lg_magics.session import Session

ASK = {"messages": [{"role": "user", "content": "weather in Paris"}]}


def test_a_runs_tokens_are_those_of_its_nodes_and_its_steps_are_a_frame(session: Session) -> None:
    run = runs.run(session, assistant="agent", thread="new", input=ASK).wait()
    table = usage(session, run)
    assert [(row["node"], row["messages"]) for row in table] == [("agent", 2)]
    assert sum(row["output"] for row in table) == run.view.usage.output > 0
    steps = run.steps.df
    assert list(steps["node"]) == ["agent", "tools", "agent"]
    assert next(iter(steps["tool_calls"])) == ["weather_search"]
    assert steps["output_tokens"].sum() == run.view.usage.output
    assert str(steps["started"].dtype).endswith("UTC]")
    thread = usage(session)
    assert [row["output"] for row in thread] == [run.view.usage.output]
    assert len(usage(session, all=True)) == 1


def test_of_a_run_without_a_card_the_conversation_counts(session: Session) -> None:
    run = runs.run(session, assistant="agent", thread="new", input=ASK, card=False).wait()
    table = usage(session, run.number)
    assert "was not watched on a card" in table.note
    assert [row["node"] for row in table] == [""]
    assert sum(row["input"] for row in table) > 0


def test_a_batchs_tokens_are_by_assistant(session: Session) -> None:
    made = batch(session, {"city": ["Paris", "Tokyo"]}, input="weather in {city}", assistant="agent").wait()
    (row,) = usage(session, made)
    assert (row["node"], row["messages"]) == ("agent", 4)
    assert row["input"] + row["output"] == made.df["tokens"].sum()


def test_prices_are_the_users_and_a_wrong_one_is_named(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.run(session, assistant="agent", thread="new", input=ASK).wait()
    assert "cost" not in usage(session, run).df
    monkeypatch.setattr(lg, "prices", {"": (2.0, 8.0)})  # the scripted model says no name
    used = run.view.usage
    assert usage(session, run).df["cost"].sum() == pytest.approx((2 * used.input + 8 * used.output) / 1e6)
    monkeypatch.setattr(lg, "prices", {"m": 3})
    with pytest.raises(CommandError, match="The price of 'm' is not a pair of numbers"):
        usage(session, run)
