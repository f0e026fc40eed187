"""Who opened a connection, by each of the ways in which the system tells."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from other_user import as_another_user

from lg_magics.local import peer
from lg_magics.local.peer import Address, Peer, can_identify_peers, peer_of

Uid = Callable[[Address, Address], int | None]
WAYS = (peer._uid_by_netlink, peer._uid_by_proc)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def test_this_system_tells_who_connected() -> None:
    assert can_identify_peers()


@pytest.mark.parametrize("uid_of", WAYS)
def test_a_connection_of_this_user_is_its_own(uid_of: Uid, listening: socket.socket) -> None:
    with socket.create_connection(listening.getsockname()) as client:
        assert uid_of(client.getsockname(), listening.getsockname()) == os.geteuid()
        client.shutdown(socket.SHUT_WR)  # it still waits for an answer
        assert uid_of(client.getsockname(), listening.getsockname()) == os.geteuid()


@pytest.mark.parametrize("uid_of", WAYS)
def test_an_ipv6_socket_that_talks_to_an_ipv4_address_has_its_user(uid_of: Uid, listening: socket.socket) -> None:
    address, port = listening.getsockname()
    with socket.socket(socket.AF_INET6) as client:
        client.connect((f"::ffff:{address}", port))
        assert uid_of((address, client.getsockname()[1]), (address, port)) == os.geteuid()


@pytest.mark.parametrize("uid_of", WAYS)
def test_a_connection_that_its_process_has_closed_proves_nothing(uid_of: Uid, listening: socket.socket) -> None:
    """The system shows it as root's: another user who closes at once would be taken for a server's user who is root."""
    client = socket.create_connection(listening.getsockname())
    name = client.getsockname()
    accepted, _ = listening.accept()
    client.close()
    assert uid_of(name, listening.getsockname()) is None
    accepted.close()
    assert uid_of(name, listening.getsockname()) is None


@pytest.mark.parametrize("uid_of", WAYS)
def test_a_listening_socket_at_the_same_port_proves_nothing(uid_of: Uid, listening: socket.socket) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        assert uid_of(other.getsockname(), listening.getsockname()) is None


@pytest.mark.parametrize("uid_of", WAYS)
def test_another_user_is_seen_as_one(uid_of: Uid, listening: socket.socket) -> None:
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with as_another_user(["curl", "-s", "-m", "20", url], stdout=subprocess.PIPE) as asking:
        accepted, name = listening.accept()
        found = uid_of(name, listening.getsockname())
        whole = peer_of(name, listening.getsockname())
        accepted.close()
        asking.wait(20)
    assert found not in (None, os.geteuid())
    assert whole is Peer.OTHER


def test_psutil_finds_the_process_of_this_user_and_not_of_another(listening: socket.socket) -> None:
    with socket.create_connection(listening.getsockname()) as client:
        name = client.getsockname()
        assert peer._peer_by_psutil(name, listening.getsockname()) is Peer.OWN
        import psutil

        assert peer._own_peer(name, listening.getsockname(), psutil.Process().username()) is Peer.OWN
        assert peer._own_peer(name, listening.getsockname(), "somebody else") is Peer.UNKNOWN
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.accept()[0].close()
    with as_another_user(["curl", "-s", "-m", "20", url], stdout=subprocess.PIPE) as asking:
        accepted, name = listening.accept()
        found = peer._peer_by_psutil(name, listening.getsockname())
        accepted.close()
        asking.wait(20)
    assert found in (Peer.OTHER, Peer.UNKNOWN)
