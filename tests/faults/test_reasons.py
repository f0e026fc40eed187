"""Why a deployment cannot be reached is stated: a certificate, no TLS, the proxy, a redirect; and a refusal is an answer."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lg_magics import local
from lg_magics.actions import connect
from lg_magics.commands import deployment, runs, threads
from lg_magics.errors import AccessDenied, Unreachable
from lg_magics.server import connection, ping
from lg_magics.server.deployment import deployment_from_url
from lg_magics.server.errors import is_answer_lost
from lg_magics.session import Session

from .faulty import FAULTS, Faulty, answers

ELSEWHERE = "http://deployment.test"


def refusal(url: str) -> Unreachable:
    """The error of an attempt to connect there."""
    with pytest.raises(Unreachable) as caught:
        deployment.connect(Session(), url)
    return caught.value


# -- TLS --------------------------------------------------------------------------------------------------------


def certificate(folder: Path, *, host: str, days: int) -> Path:
    """A file with a key and a certificate for an address, which ends after so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "deployment")])
    began = datetime.now(UTC) - timedelta(days=10)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=10 + days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    forms = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (path := folder / "certificate.pem").write_bytes(key.private_bytes(*forms) + made.public_bytes(forms[0]))
    return path


def serve_tls(path: Path) -> Iterator[str]:
    """An address that ends TLS with a certificate, and answers no request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            try:
                while True:
                    peer, _ = listening.accept()
                    with peer:
                        try:
                            context.wrap_socket(peer, server_side=True).close()
                        except OSError:
                            continue
            except OSError:
                return  # it was closed

        thread = Thread(target=accept, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.parametrize(
    ("host", "days", "is_trusted", "why", "hint"),
    [
        ("127.0.0.1", 10, False, "self-signed certificate", "SSL_CERT_FILE"),
        ("127.0.0.1", -1, True, "certificate has expired", "renew"),
        ("127.0.0.2", 10, True, "IP address mismatch", "Is the address right?"),
    ],
    ids=["self-signed", "expired", "another host"],
)
def test_a_certificate_that_cannot_be_verified_is_named(
    host: str, days: int, is_trusted: bool, why: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, host=host, days=days)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    serving = serve_tls(path)
    url = next(serving)
    problem = refusal(url)
    assert problem.message.startswith(f"The certificate of {url} cannot be verified ({why}")
    assert hint in problem.hint
    next(serving, None)


def test_a_server_without_tls_is_named_with_its_address_over_http(faulty: Faulty) -> None:
    problem = refusal(faulty.url.replace("http:", "https:"))
    assert problem.message.startswith(f"The TLS handshake with https{faulty.url[4:]} failed (")
    assert problem.hint == f"Does it serve plain http? %lg_connect {faulty.url}"


# -- a proxy ----------------------------------------------------------------------------------------------------


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the proxy of the environment, with a password."""
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)

    def use(url: str) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, url.replace("://", "://user:secret@"))

    return use


def test_a_proxy_that_is_not_there_is_named_without_its_password(through: Callable[[str], None]) -> None:
    through("http://127.0.0.1:9")
    for url in (ELSEWHERE, "https://deployment.test"):
        problem = refusal(url)
        assert problem.message == f"The proxy http://127.0.0.1:9 for {url} does not answer: cannot connect."
        assert "HTTPS_PROXY" in problem.hint
        assert not is_answer_lost(problem)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_a_password_is_named(scheme: str, through: Callable[[str], None], faulty: Faulty) -> None:
    """An http address is requested from it; for https it is asked for a tunnel, with CONNECT."""
    through(faulty.url)
    faulty.set(answers(407, b"", proxy_authenticate="Basic"))
    problem = refusal(f"{scheme}://deployment.test")
    assert problem.message.startswith(
        f"The proxy {faulty.url} refuses the connection to {scheme}://deployment.test (407"
    )
    assert f"{scheme.upper()}_PROXY=http://USER:PASSWORD@HOST:PORT" in problem.hint
    assert not is_answer_lost(problem)


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://a:b@host:1", "http://host:1"),
        ("socks5://u:p@ss@host:1/x?y", "socks5://host:1"),
        ("http://u:p/ss@host:1", "http://host:1"),
        ("host:1", "http://host:1"),
    ],
)
def test_a_proxy_is_shown_as_scheme_and_host(
    proxy: str, shown: str, through: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    assert deployment_from_url(ELSEWHERE).shown_proxy == shown


# -- a redirect -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "words", "hint"),
    [
        ("https://sso.example/login?token=secret", ", to https://sso.example)", "A page to log in"),
        ("https://127.0.0.1/info", ", to https://127.0.0.1)", "%lg_connect https://127.0.0.1"),
        ("/login?token=secret", "", "Try again."),
    ],
    ids=["elsewhere", "https", "here"],
)
def test_a_redirect_names_the_place(location: str, words: str, hint: str, faulty: Faulty) -> None:
    faulty.set(answers(302, b"", location=location))
    problem = refusal(faulty.url)
    assert problem.message.startswith(
        f"Something else answers in place of the deployment at {faulty.url} (a redirect, 302"
    )
    assert words in problem.message
    assert hint in problem.hint
    assert "secret" not in str(problem)


# -- an answer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["401", "403", "429", "500"])
def test_a_refusal_is_an_answer_and_the_status_shows_it(
    status: str, faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOMENT", 0)
    faulty.set(FAULTS[status])
    found = deployment.status(session)
    assert dict(found.facts)["deployment"] == f"{session.connection.deployment.name} at {faulty.url} (answers {status})"
    assert f"({status})" in found.warning
    assert found["is_alive"] is True
    assert not session.connection.is_probed  # a refusal shows nothing about the features
    faulty.set(FAULTS["closes"])
    dead = deployment.status(session)
    assert (dead["is_alive"], dict(dead.facts)["deployment"].endswith("(does not answer)")) == (False, True)


def test_a_key_that_has_left_the_environment_is_still_sent(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOMENT", 0)
    monkeypatch.setenv("SOME_KEY", "abc")
    session = Session()
    deployment.connect(session, faulty.url, api_key_env="SOME_KEY")
    monkeypatch.delenv("SOME_KEY")
    assert deployment.status(session)["is_alive"] is True
    faulty.set(FAULTS["loses the answer"], lambda call: call.endswith("/runs"), times=1)
    run = runs.run(session, "hello", assistant="agent", thread="new")  # found by its mark
    assert run.wait(60).status == "success"
    session.close()


def test_a_refusal_a_moment_ago_is_not_taken_for_an_answer(faulty: Faulty, session: Session) -> None:
    faulty.set(FAULTS["401"])
    with pytest.raises(AccessDenied):
        threads.threads(session)
    session.connection._answered_at = float("-inf")
    with pytest.raises(AccessDenied):
        threads.threads(session)
    assert "(answers 401)" in dict(deployment.status(session).facts)["deployment"]


@pytest.mark.parametrize(
    ("description", "is_other"),
    [(b'{"version": "1", "langgraph_js_version": "1.4"}', False), (b'{"version": "1"}', True)],
    ids=["JS", "independent"],
)
def test_the_server_for_javascript_is_one_of_langgraph(description: bytes, is_other: bool, faulty: Faulty) -> None:
    faulty.set(answers(200, description))
    assert ping.ping(deployment_from_url(faulty.url)).is_other is is_other


# -- time limits ------------------------------------------------------------------------------------------------


def test_a_longer_time_holds_for_connecting_too(faulty: Faulty, session: Session) -> None:
    deployment.connect(session, faulty.url, timeout=20)
    here = session.connection
    limits = [each.http.client.timeout.connect for each in (here.sync, here.lent({}))]
    limits += [each.http.client.timeout.connect for each in (here.polls, here.streams, here.lent_awaited({}))]
    assert limits == [20.0] * 5
    deployment.connect(session, faulty.url, timeout=0.5)
    assert session.connection.sync.http.client.timeout.connect == 0.5
    assert session.connection.polls.http.client.timeout.read == connection.POLL_SECONDS["read"]


def test_the_time_given_holds_for_the_first_call_to_an_embedded_server(
    server: local.LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "LOCAL_SECONDS", 0.0001)
    monkeypatch.setattr(local, "start", lambda **how: server)
    monkeypatch.setattr(local, "stop", lambda server: None)
    session = Session()
    with pytest.raises(Unreachable, match=r"within 0\.0001 s"):
        deployment.connect(session, "local")
    assert "Connected" in deployment.connect(session, "local", timeout=20).title
    session.close()
