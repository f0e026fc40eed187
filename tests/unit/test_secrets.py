"""What looks secret is hidden wherever settings are shown: in rows, in words, in code."""

from __future__ import annotations

from typing import Any

from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.batch_rows import rows_from_records
from lg_magics.model.run_info import Launch
from lg_magics.model.run_request import RunRequest
from lg_magics.model.sdk_code import code_from_request
from lg_magics.model.secrets import looks_secret, without_secrets
from lg_magics.session import Defaults


def test_a_secret_is_known_by_its_name() -> None:
    assert [looks_secret(name) for name in ("openai_api_key", "Authorization", "x-lg-token", "cookie")] == [True] * 4
    assert [looks_secret(name) for name in ("user_id", "langgraph_auth_user_id", "__token", "PWD")] == [False] * 4
    assert [looks_secret(name) for name in ("authorisation", "x_auth", "keys")] == [True] * 3
    assert [looks_secret(name) for name in ("author", "authored_by", "keywords")] == [False] * 3


def test_only_texts_are_hidden_and_the_rest_stays_as_it_is() -> None:
    row = {"configurable": {"api_key": "sesame", "max_tokens": 5, "user_id": "Test", "auth": ""}, "tags": ["a"]}
    shown = without_secrets(row)
    assert shown == {
        "configurable": {"api_key": "[redacted]", "max_tokens": 5, "user_id": "Test", "auth": ""},
        "tags": ["a"],
    }
    assert row["configurable"] != shown["configurable"]


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
