"""What looks secret is hidden wherever settings are shown: in rows, in words, in code."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

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
