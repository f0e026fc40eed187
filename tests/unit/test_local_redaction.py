"""What is hidden, and what is not. Knows names and shapes of secrets; starts nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lg_magics.local.redaction import redact, secrets_in, variables_in


def test_values_of_secret_names_are_hidden_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_TOKEN", "abcdefgh")
    secrets = secrets_in({"MY_API_KEY": "open-sesame", "COLOUR": "turquoise", "PIN_KEY": "12"})
    said = redact("open-sesame turquoise abcdefgh 12", secrets)
    assert said == "[redacted] turquoise [redacted] 12"


def test_a_secret_that_contains_another_is_hidden_whole() -> None:
    assert redact("secret-and-more", {"secret", "secret-and-more"}) == "[redacted]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key sk-proj-0123456789abcdefgh!", "key [redacted]!"),
        ("lsv2_pt_0123456789abcdefgh", "[redacted]"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer [redacted]"),
        ("postgres://ada:lovelace@host/db", "postgres://[redacted]@host/db"),
        ("a task-list and http://127.0.0.1:2024/ok", "a task-list and http://127.0.0.1:2024/ok"),
        ("skip-the-rest-of-this-sentence-please", "skip-the-rest-of-this-sentence-please"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_hidden(text: str, shown: str) -> None:
    assert redact(text, ()) == shown


def test_variables_come_from_a_file_or_from_the_config_itself(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# comment\nexport A='1 2'\nB=\n")
    assert variables_in(str(file)) == {"A": "1 2", "B": ""}
    assert variables_in({"A": "1"}) == {"A": "1"}
    assert variables_in(None) == variables_in(str(tmp_path / "gone")) == {}
