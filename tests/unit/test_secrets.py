"""What looks secret is hidden wherever settings are shown: in rows, in words, in code."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from lg_magics.model.batch_plan import BatchPlan, plan_for
from lg_magics.model.batch_rows import rows_from_records, source_from
from lg_magics.model.batch_written import parts_of, plan_from_parts
from lg_magics.model.run_info import Launch, ThreadInfo
from lg_magics.model.run_request import RunRequest
from lg_magics.model.sdk_code import code_from_request
from lg_magics.model.secrets import HIDDEN, looks_secret, row_without_secrets, without_secrets
from lg_magics.session import Defaults
from lg_magics.tables.crons import ListedCron, cron_from_row, crons_table
from lg_magics.tables.schemas import schemas_from_payload
from lg_magics.tables.thread import thread_from_row, threads_table


def test_a_secret_is_known_by_its_name() -> None:
    assert [looks_secret(name) for name in ("openai_api_key", "Authorization", "x-lg-token", "cookie")] == [True] * 4
    assert [looks_secret(name) for name in ("user_id", "langgraph_auth_user_id", "__token", "PWD")] == [False] * 4
    assert [looks_secret(name) for name in ("authorisation", "x_auth", "keys")] == [True] * 3
    assert [looks_secret(name) for name in ("author", "authored_by", "keywords")] == [False] * 3


STYLES: dict[str, Callable[[Sequence[str]], str]] = {
    "snake": "_".join,
    "kebab": "-".join,
    "dotted": ".".join,
    "joined": "".join,
    "upper": lambda words: "_".join(words).upper(),
    "run together": lambda words: "".join(words).upper(),
    "camel": lambda words: words[0] + "".join(map(str.capitalize, words[1:])),
    "pascal": lambda words: "".join(map(str.capitalize, words)),
    "title": lambda words: "-".join(map(str.capitalize, words)),
}
SECRET = (
    *(
        "key",
        "keys",
        "api key",
        "x api key",
        "openai api key",
        "private key",
        "author key",
        "monkey key",
        "keyboard key",
    ),
    *(
        "token",
        "tokens",
        "auth token",
        "access token",
        "refresh token id",
        "tokenizer token",
        "hf token",
        "author token",
    ),
    *("secret", "client secret", "password", "passwd", "passwords", "passphrase", "db pwd", "user passwd"),
    *("auth", "auth header", "x auth", "oauth", "oauth2", "authorization", "proxy authorization", "authorisation"),
    *("authentication", "authorized", "credential", "aws credentials", "cookie", "set cookie", "session cookies"),
    *(
        "keyword secret",
        "authors auth",
        "authority token",
        "admin tokens",
        "max key",
        "author authorization",
        "minio tokens",
    ),
)
HARMLESS = (
    *("author", "authors", "co author", "author name", "authored by", "authority", "authorship", "tokenizer"),
    *("tokenize", "tokenizer name", "tokenization", "tokenised text", "monkey", "turkey", "hockey team", "donkey"),
    *("keyboard", "keyboard layout", "keyword", "keywords", "keynote", "keyframe", "max tokens", "max new tokens"),
    *("min tokens", "num output tokens", "user id", "model", "team", "city"),
)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("name", "is_secret"), [*zip(SECRET, itertools.repeat(True)), *zip(HARMLESS, itertools.repeat(False))]
)
def test_a_name_is_as_secret_as_its_words_however_it_is_written(name: str, is_secret: bool, style: str) -> None:
    assert looks_secret(STYLES[style](name.split())) == is_secret


def test_every_value_under_a_secret_name_is_hidden_whatever_its_type() -> None:
    row = {
        "api_keys": ["sk-sesame"],
        "credentials": {"user": "u", "bearer": "sesame"},
        "password": 12345,
        "pwd": 0,
        "tokens": ({"sesame": 1},),
        "secret": b"sesame",
        "tools": [{"name": "search", "api_key": "sesame", "deep": [[{"auth": ["sesame"]}]]}],
        "bearer": "sesame",
    }
    shown = without_secrets(row)
    assert shown == {
        **dict.fromkeys(("api_keys", "credentials", "password", "pwd", "tokens", "secret", "bearer"), HIDDEN),
        "tools": [{"name": "search", "api_key": HIDDEN, "deep": [[{"auth": HIDDEN}]]}],
    }
    assert row["password"] == 12345


@dataclass
class Account:
    """What a person may put into a setting: the SDK sends a dataclass's fields."""

    api_key: Any
    user: str = "u"


class Model(BaseModel):
    """The same for pydantic, whose fields the SDK sends too."""

    api_key: Any = "s2"
    accounts: list[Account] = []


class Pair(NamedTuple):
    """A tuple whose items have names."""

    api_key: str
    user: str = "u"


def test_a_value_beside_its_secret_name_is_hidden() -> None:
    held = {
        "headers": [["Authorization", "s1"], ("Accept", "json"), ["x-api-key", ""]],
        "env": [
            {"name": "OPENAI_API_KEY", "value": "s2"},
            {"name": "user", "value": "u"},
            {"key": "token", "value": 3},
        ],
        "words": ["api_key", "model"],
    }
    assert without_secrets(held) == {
        "headers": [["Authorization", HIDDEN], ["Accept", "json"], ["x-api-key", ""]],
        "env": [
            {"name": "OPENAI_API_KEY", "value": HIDDEN},
            {"name": "user", "value": "u"},
            {"key": HIDDEN, "value": HIDDEN},
        ],
        "words": ["api_key", "model"],
    }
    code = code_from_request(RunRequest("a", "t", {}, metadata=held), url="http://h", key_variable=None)
    assert not [secret for secret in ("s1", "s2") if secret in code]
    compile(code, "code", "exec")
    assert planned(metadata=held).unknown_values


@pytest.mark.parametrize(
    "held",
    [
        {"env": [{"Name": "API_KEY", "Value": "sesame"}]},
        {"schema": [{"name": "api_key", "default": "sesame"}]},
        {"headers": [["a", 1], ["x-api-key", "sesame"], ["b", 1, 2]]},
        {"mcp": {"command": "npx", "args": ["-y", "server", "--api-key", "sesame"]}},
        {"mcp": {"args": ["--api-key=sesame"], "env": ["X_TOKEN=sesame"]}},
        {"mcp": {"args": ["--header", "Authorization: Bearer sesame"]}},
        {"headers": "Cookie: sesame-open"},
        {"url": "https://me:sesame@db.example/x"},
        {"url": "https://api.example/?q=1&api_key=sesame"},
        {"model": "sk-proj-sesame0123456789"},
        {"\uff41\uff50\uff49\uff3f\uff4b\uff45\uff59": "sesame"},
        {"pass\u200bword": "sesame"},
    ],
    ids=str,
)
def test_a_secret_is_hidden_however_it_is_written(held: dict[str, Any]) -> None:
    shown = without_secrets(held)
    assert "sesame" not in str(shown)
    assert without_secrets(shown) == shown
    code = code_from_request(RunRequest("a", "t", {}, metadata=held), url="http://h", key_variable=None)
    assert "sesame" not in code
    compile(code, "code", "exec")
    assert planned(metadata=held).unknown_values


def test_a_text_that_only_looks_a_little_like_one_stays() -> None:
    plain = {
        "title": "Token: a history",
        "args": ["--keyboard", "us", "--verbose", "--max-tokens", "5"],
        "url": "https://api.example/?q=key&page=2",
        "note": "sort=asc",
        "name": "agent",
        "items": [["city", "Oslo"], ["key", ""]],
    }
    assert without_secrets(plain) == plain


def test_the_fields_of_an_object_are_hidden_like_those_of_a_mapping() -> None:
    held = {"a": Account("s1"), "b": [Model(accounts=[Account("s3")])], "c": {"d": (Pair("s4"),)}}
    hidden = {"api_key": HIDDEN, "user": "u"}
    shown = {"a": hidden, "b": [{"api_key": HIDDEN, "accounts": [hidden]}], "c": {"d": [hidden]}}
    assert without_secrets(held) == shown
    assert planned(config={"configurable": held}).config == {"configurable": shown}
    code = code_from_request(RunRequest("a", "t", {}, metadata=held), url="http://h", key_variable=None)
    assert not [secret for secret in ("s1", "s2", "s3", "s4") if secret in code]


@pytest.mark.parametrize(
    "name",
    [
        *("creds", "aws_creds", "awsCreds", "db_pass", "smtpPass", "GITHUB_PAT", "otp", "sentry_dsn", "conn_str"),
        *("connection_string", "connectionString", "AZURE_CONNECTION_STRING"),
    ],
)
def test_a_short_name_of_a_secret_is_known_as_a_whole_word(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["pass", "pass_rate", "passed", "credits", "sacred", "pattern", "path", "option", "bypass"]
)
def test_what_only_contains_a_short_name_of_a_secret_is_no_secret(name: str) -> None:
    assert not looks_secret(name)


def test_what_is_empty_or_no_secret_stays_as_it_is() -> None:
    empty: dict[str, Any] = {"api_key": "", "auth": None, "tokens": [], "credentials": {}}
    plain = {
        "max_tokens": 5,
        "budget_tokens": 2000,
        "token_count": 3,
        "output_tokens": 7,
        "user_id": "Test",
        "tags": ["a"],
    }
    row = {"configurable": {**empty, **plain}, "recursion_limit": 5}
    assert without_secrets(row) == row


def test_the_servers_names_for_the_caller_stay_and_its_prefix_hides_no_key() -> None:
    row = {"langgraph_auth_user_id": "me", "langgraph_auth_user": {"identity": "me", "token": "sesame"}}
    shown = without_secrets({**row, "langgraph_api_key": "sesame"})
    assert shown == {
        "langgraph_auth_user_id": "me",
        "langgraph_auth_user": {"identity": "me", "token": HIDDEN},
        "langgraph_api_key": HIDDEN,
    }


def test_of_a_servers_row_only_the_settings_are_hidden() -> None:
    row = {"thread_id": "t", "values": {"token": 5}, "metadata": {"token": 5}, "config": {"a": {"token": [5]}}}
    assert row_without_secrets(row) == {
        **row,
        "metadata": {"token": HIDDEN},
        "config": {"a": {"token": HIDDEN}},
    }


def test_no_table_of_threads_crons_or_schemas_shows_a_secret() -> None:
    metadata = {"api_keys": ["sesame"], "nested": {"password": 12345}}
    thread = thread_from_row({"thread_id": "t", "metadata": metadata}, ThreadInfo("t1", "t"))
    cron = cron_from_row({"cron_id": "c", "schedule": "0 9 * * *", "metadata": metadata})
    field = {"type": "object", "properties": {"user": {"type": "string", "default": "sesame"}}}
    schemas = schemas_from_payload("a", {"config_schema": {"properties": {"credentials": field}}})
    crons = crons_table([ListedCron(cron, "c1", "a", "t1", "me")], datetime(2026, 1, 1, tzinfo=UTC))
    shown = str([thread.metadata, list(threads_table([thread])), list(crons), list(schemas)])
    assert "sesame" not in shown
    assert "12345" not in shown
    assert shown.count(HIDDEN) >= 5


BATCH: dict[str, Any] = {
    "config": {"configurable": {"api_keys": ["s1"], "model": {"name": "m", "api_key": "s2"}}, "auth": {"user": "s3"}},
    "context": {"tools": [{"url": "u", "token": 4444}]},
    "metadata": {"password": 5555},
}


def planned(**settings: Any) -> BatchPlan:
    """A plan, and what comes back of it from the metadata of its thread."""
    rows = rows_from_records([{"x": 1}])
    plan = plan_for(
        rows, source_from("x={x}", rows.columns), id="k7f2-9qd4", source="x={x}", assistants={"a": "a"}, **settings
    )
    metadata = parts_of(plan)[0].metadata
    assert not [secret for secret in ("s1", "s2", "s3", "4444", "5555") if secret in str(metadata)]
    again = plan_from_parts("k7f2-9qd4", [metadata])
    assert again
    return again


def test_a_batch_writes_no_secret_and_names_each_that_its_runs_need_back() -> None:
    error = planned(**BATCH).values_missing()
    assert "take api_keys, model.api_key, auth, tools[0].token, password:" in error.message
    assert error.hint.endswith(
        "%lg_batch --attach k7f2-9qd4 -c api_keys=… -c model:=$model --config $config --context $context "
        "--metadata password=…"
    )


def test_what_a_batch_needs_back_is_taken_at_any_depth_and_the_rest_stays() -> None:
    plan = planned(**BATCH)
    configurable = {"api_keys": ["s1"], "model": {"api_key": "s2"}}
    partly = plan.with_values({}, configurable, {}, {})
    assert partly.unknown_values == ["auth", "tools[0].token", "password"]
    whole = partly.with_values({"auth": {"user": "s3"}}, {}, BATCH["context"], BATCH["metadata"])
    assert whole.unknown_values == []
    assert {"config": whole.config, "context": whole.context, "metadata": whole.metadata} == BATCH
    at_once = plan.with_values(BATCH["config"], {}, BATCH["context"], BATCH["metadata"])
    assert (at_once.config, at_once.unknown_values) == (BATCH["config"], [])


def test_the_sessions_defaults_fill_only_what_was_not_written() -> None:
    plan = planned(**BATCH)
    other = {"model": {"name": "another", "api_key": "s2"}, "new": 1}
    filled = plan.filled_from(other, {"tools": [{"token": 4444}]}, {"password": 5555})
    assert filled.config["configurable"]["model"] == {"name": "m", "api_key": "s2"}
    assert "new" not in filled.config["configurable"]
    assert filled.unknown_values == ["api_keys", "auth"]
    assert filled.context == BATCH["context"]


def test_code_reads_every_secret_setting_from_the_environment_at_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"configurable": {"api_keys": ["s1"], "tools": [{"url": "u", "token": 4444}], "api_key": "s2"}}
    code = code_from_request(RunRequest("agent", "t", {}, config=config), url="http://h", key_variable=None)
    assert not [secret for secret in ("s1", "s2", "4444") if secret in code]
    assert code.startswith("import json\nimport os\n")
    for name, value in {"API_KEYS": '["s1"]', "TOKEN": "4444", "API_KEY": "s2"}.items():
        monkeypatch.setenv(name, value)
    written = code.partition("config=")[2].partition(",\n)")[0]
    assert eval(written, {"os": os, "json": json}) == config


def test_code_reads_two_secrets_of_one_name_from_two_variables() -> None:
    tools = [{"api_key": "s2"}, {"api_key": "s1"}, {"api_key": "s3"}]
    config = {"configurable": {"api_key": "s1", "a-b": {"api_key": "s2"}, "tools": tools, "my_key": "s5"}}
    request = RunRequest("agent", "t", {}, config=config, headers={"api-key": "s4"}, metadata={"api_key": "s6"})
    code = code_from_request(request, url="http://h", key_variable="MY_KEY", header_names=("API-KEY",))
    names = re.findall(r"os\.environ\['(\w+)'\]", code)
    assert names == [
        *("MY_KEY", "API_KEY", "CONFIGURABLE_API_KEY", "A_B_API_KEY", "A_B_API_KEY", "CONFIGURABLE_API_KEY"),
        *("TOOLS_2_API_KEY", "CONFIGURABLE_MY_KEY", "METADATA_API_KEY", "HEADERS_API_KEY"),
    ]


def test_code_reads_a_secret_setting_from_the_environment() -> None:
    config = {"configurable": {"openai_api_key": "sesame", "user_id": "Test"}}
    request = RunRequest("agent", "t", {"a": 1}, config=config, metadata={"api_token": "sesame", "author": "Lance"})
    code = code_from_request(request, url="http://h", key_variable=None)
    assert "sesame" not in code
    assert "'api_token': os.environ['API_TOKEN'], 'author': 'Lance'" in code
    assert "'openai_api_key': os.environ['OPENAI_API_KEY'], 'user_id': 'Test'" in code
    assert code.startswith("import os\n")
    compile(code, "code", "exec")


def test_defaults_in_words_name_no_secret() -> None:
    words = Defaults(configurable={"api_key": "sesame", "user_id": "Test"}, headers={"x-a": "b"}).words()
    assert words == ("api_key=[redacted]", "user_id=Test", "header x-a")


def test_no_secret_stands_in_the_repr_of_what_is_sent() -> None:
    settings: dict[str, Any] = {"config": {"configurable": {"api_key": "sesame"}}, "context": {"api_key": "sesame"}}
    metadata = {"api_token": "sesame"}
    plan = BatchPlan(
        "k7f2-9qd4",
        rows_from_records([{"x": 1}]),
        "{x}",
        {"agent": "agent"},
        ["{}"],
        [""],
        metadata=metadata,
        **settings,
    )
    request = RunRequest("agent", "t", **settings, metadata=metadata)
    defaults = Defaults({"api_key": "sesame"}, {"api_key": "sesame"}, metadata)
    assert "sesame" not in repr([plan, request, Launch(request, "http://h"), defaults])
