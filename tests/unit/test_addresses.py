"""Which addresses, headers and keys of the environment a deployment takes, and which it refuses with one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import certifi
import pytest

from lg_magics.errors import SettingsError
from lg_magics.server.certificates import certificates
from lg_magics.server.connection import Connection, ServerInfo
from lg_magics.server.deployment import (
    KEY_VARIABLES,
    Deployment,
    deployment_from_url,
    headers_from,
    is_loopback,
    merged_headers,
)
from lg_magics.server.ping import sent_headers

HOST = "https://prod.example.com"


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"{HOST}/?token=sesame", r"prod.example.com has a '\?'"),
        (f"{HOST}/#sesame", "prod.example.com has a '#'"),
        ("https://smith.langchain.com/studio/?baseUrl=http://127.0.0.1:2024", r"has a '\?'"),
        ("http://h:99999", "must be a number from 1 to 65535"),
        ("http://h:0", "must be a number from 1 to 65535"),
        ("http://h:port", "must be a number from 1 to 65535"),
        ("http://\N{SNOWMAN}.example", "not the address of a deployment"),
        ("http://xn--zz--zzz", "not the address of a deployment"),
    ],
)
def test_an_address_that_cannot_be_used_as_typed_is_refused(address: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        deployment_from_url(address)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "address", [f"{HOST}/", f"{HOST}/?", "http://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example"]
)
def test_other_addresses_are_taken(address: str) -> None:
    assert deployment_from_url(address).url == address.rstrip("/?")


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]"])
def test_the_address_that_a_server_prints_for_all_interfaces_is_this_machine(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("LANGSMITH_API_KEY", "sesame")
    found = deployment_from_url(f"http://{host}:2024")
    assert (found.is_loopback, found.proxy, found.key_source) == (True, None, "LANGSMITH_API_KEY")
    assert not is_loopback(host.strip("[]"))  # no page of the web may reach the embedded server by it


def test_headers_are_merged_without_case_and_the_last_one_holds() -> None:
    assert merged_headers({"authorization": "old", "X-A": "1"}, {"Authorization": "new"}) == {
        "Authorization": "new",
        "X-A": "1",
    }
    assert headers_from({"X-A": 1, "x-a": 2}) == {"x-a": "2"}
    assert sent_headers(Deployment("h", HOST, {"user-agent": "mine"})) == {"user-agent": "mine"}


@pytest.mark.parametrize(
    ("value", "why"),
    [('""', "is empty"), (" ", "is empty"), ("votre-cl\N{LATIN SMALL LETTER E WITH ACUTE}", "has a character that")],
)
def test_a_found_key_that_cannot_be_sent_is_passed_over_and_a_named_one_is_an_error(
    value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", value)
    found = deployment_from_url(HOST)
    assert (found.key(), found.key_source) == (None, None)
    [(name, reason)] = found.unusable_keys.items()
    assert (name, reason.startswith(why)) == ("LANGSMITH_API_KEY", True)
    assert deployment_from_url("http://prod.example.com").unusable_keys == {}  # no found key goes there
    named = deployment_from_url(HOST, api_key_env="LANGSMITH_API_KEY")
    assert named.unusable_keys == {}
    with pytest.raises(SettingsError, match="LANGSMITH_API_KEY"):
        named.key()
    monkeypatch.setenv("LANGCHAIN_API_KEY", "'sesame'")
    assert (found.key(), found.key_source) == ("sesame", "LANGCHAIN_API_KEY")


def test_a_file_of_certificates_that_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = "-----END CERTIFICATE-----\n"
    first, second, *_ = Path(certifi.where()).read_text("utf-8").split(end)
    file = tmp_path / "ca.pem"
    file.write_text(first + end, "utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    before, connection = certificates(), Connection(deployment_from_url(HOST), ServerInfo("", {}))
    assert certificates() is before
    assert connection.is_like(Connection(connection.deployment, connection.info))
    file.write_text(first + end + second + end, "utf-8")
    counts: list[Any] = [each.cert_store_stats()["x509"] for each in (before, certificates())]
    assert counts == [1, 2]
    assert not connection.is_like(Connection(connection.deployment, connection.info))
