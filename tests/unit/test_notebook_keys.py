"""A key that is written into a cell is found by its form, or by the name that it has there; other texts are left alone."""

from __future__ import annotations

import time

import pytest

from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import collect
from lg_magics.model.secrets import has_secret_shape

HEX = "0123456789abcdef" * 2
RANDOM = "wJa1rXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLE"


def lines_with_keys(cell: str) -> list[int]:
    found = collect([ExecutedCell(1, cell), ExecutedCell(2, "graph = make(given)")], "graph")
    return [each.line for each in found.keys]


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        (f'given = AzureChatOpenAI(api_key="{HEX}")', 1),
        (f'given = AzureChatOpenAI(\n    model="m",\n    api_key="{HEX}",\n)', 3),
        (f"given = Model(secret_access_key='{RANDOM}')", 1),
        (f'given = Model(api_key=SecretStr("{HEX}"))', 1),
        (f'given = Model(api_key=pydantic.SecretStr(\n    "{HEX}"))', 2),
        (f'given = Model(api_key=("{HEX}"))', 1),
        (f'given = {{"model": "m", "api_key": "{HEX}"}}', 1),
        (f'given = {{}}\ngiven["api_key"] = "{HEX}"', 2),
        (f'given = Model()\ngiven.subscription_key = b"{HEX}"', 2),
        (f'class given:\n    api_key: str = "{HEX}"', 2),
        (f'def given(password="{HEX}"):\n    pass', 1),
        (f"def given():\n    # api_key = '{HEX}'\n    pass", 2),
        (f'given = Model(api_key="""{HEX}""")', 1),
        ('given = Model(password="S3cret!Passw0rd#2024")', 1),
        (f'given = Model(api_key="{HEX[:8]}-{HEX[:4]}-{HEX[:4]}-{HEX[:12]}")', 1),
    ],
)
def test_a_key_is_found_by_the_name_that_it_is_given_to(cell: str, line: int) -> None:
    assert lines_with_keys(cell) == [line]


@pytest.mark.parametrize(
    "text",
    [
        "given = Memory(memory_key='chat_history')",
        "given = Memory(output_key='research_output_2', key='memory-2024-01-01', cache_key='tenant:acme:support-v1')",
        "given = Model(api_key=os.environ['MY_OPENAI_API_KEY_2'])",
        "given = Model(api_key_env='MY_OPENAI_API_KEY_2')",
        "given = Model(token_url='https://login.example.com/oauth2/v1')",
        "given = Model(credentials='service-account-K12.json', key_file='/etc/keys/ID12345678')",
        "given = Model(api_key='{OPENAI_KEY_12345}')",
        "given = Model(api_key='put your own 1 key here please')",
        f"given = Model(commit='{HEX}')",
        f"given = key == '{HEX}'",
        "given = Model(api_key='not-needed-at-all-here')",
    ],
)
def test_a_text_that_is_no_key_is_taken(text: str) -> None:
    assert lines_with_keys(text) == []


@pytest.mark.parametrize(
    "key",
    [
        "nvapi-" + "a1B2" * 8,
        "xai-" + "a1B2" * 8,
        "pcsk_" + "a1B2" * 8,
        "pplx-" + "a1B2" * 8,
        "github_pat_" + "11A2" * 8,
        "glpat-" + "a1B2" * 5,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    ],
)
def test_keys_of_these_providers_are_found_by_their_form(key: str) -> None:
    assert has_secret_shape(f"the key {key}.")
    assert lines_with_keys(f"given = ('{key}')") == [1]


def test_a_cell_with_a_long_text_is_searched_in_a_second() -> None:
    for text in ("a" * 300_000, "key " + " " * 100_000, "key=" * 30_000, "key='a_" * 30_000, "a-" * 100_000):
        began = time.process_time()
        lines_with_keys(f"given = 5  # {text}")
        assert time.process_time() - began < 1
