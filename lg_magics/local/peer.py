"""Determine the user who opened a loopback connection. Knows sockets and the system's tables of them; knows no HTTP.

Linux reports the user of one connection by netlink (`sock_diag`, 0.01 ms, for any number of connections). If that is not
permitted, `/proc/net/tcp` is read. Elsewhere psutil finds the process.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from enum import Enum
from pathlib import Path
from typing import Any

__all__ = ["Address", "Peer", "can_identify_peers", "peer_of"]

Address = tuple[str, int]

# linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _NLMSG_ERROR, _NLM_F_REQUEST = 4, 20, 2, 1
_HEADER, _ERROR = struct.Struct("=IHHII"), struct.Struct("=i")
_SOCKET_ID = struct.Struct("!HH16s16s")
_ANY_INTERFACE_OR_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
_ANSWER_UID = _HEADER.size + 4 + 48 + 12
# Sockets that listen, or are in TIME_WAIT, prove nothing.
_OPEN_STATES = {1, 4, 5, 8}  # ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT


_found_before: list[int] = []
"""Processes of this user with earlier connections: the next one is probably from one of them."""


class Peer(Enum):
    """The user at the other end of a connection: this process's user, another one, or unknown."""

    OWN = "own"
    OTHER = "other"
    UNKNOWN = "unknown"


def peer_of(client: Address, server: Address) -> Peer:
    """Return whether the user of this process opened a loopback connection.

    Args:
        client: The address and port of the other end.
        server: The address and port of this end.
    """
    if sys.platform != "linux":
        return _peer_by_psutil(_plain(client), _plain(server))
    try:
        found = _uid_by_netlink(client, server)
    except (OSError, struct.error):
        try:
            found = _uid_by_proc(client, server)
        except (OSError, ValueError):
            return Peer.UNKNOWN
    if found is None:
        return Peer.UNKNOWN
    return Peer.OWN if found == os.geteuid() else Peer.OTHER


def can_identify_peers() -> bool:
    """Return whether this system reports the user of a connection, tested with a connection of this process to itself."""
    with contextlib.ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        client = opened.enter_context(socket.create_connection(listening.getsockname()))
        accepted, _ = listening.accept()
        opened.enter_context(accepted)
        return peer_of(client.getsockname(), listening.getsockname()) is Peer.OWN


def _uid_by_netlink(client: Address, server: Address) -> int | None:
    """Return the user whose open socket is the client's end; None if there is no such socket any more."""
    addresses = [socket.inet_aton(host).ljust(16, b"\0") for host, _ in (client, server)]
    wanted = _SOCKET_ID.pack(client[1], server[1], *addresses) + _ANY_INTERFACE_OR_COOKIE
    request = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + wanted
    head = _HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(0.2)
        netlink.send(head + request)
        answer = netlink.recv(8192)
    if _HEADER.unpack_from(answer)[1] == _NLMSG_ERROR:
        code = -_ERROR.unpack_from(answer, _HEADER.size)[0]
        if code == 2:  # ENOENT
            return None
        raise OSError(code, os.strerror(code))
    uid, inode = struct.unpack_from("=II", answer, _ANSWER_UID)
    is_open = answer[_HEADER.size + 1] in _OPEN_STATES and inode  # without an inode, no process holds it
    return int(uid) if is_open else None


def _uid_by_proc(client: Address, server: Address) -> int | None:
    """Read the user from the list of all connections. An IPv6 socket may be connected to an IPv4 address."""
    for table, before in (("tcp", ""), ("tcp6", "0000000000000000FFFF0000")):
        wanted = [f"{before}{_hexadecimal(host)}:{port:04X}" for host, port in (client, server)]
        with contextlib.suppress(FileNotFoundError), Path("/proc/net", table).open(encoding="ascii") as lines:
            for line in lines:
                if wanted[0] in line:
                    fields = line.split()
                    if fields[1:3] == wanted and int(fields[3], 16) in _OPEN_STATES and fields[9] != "0":
                        return int(fields[7])
    return None


def _hexadecimal(host: str) -> str:
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}"


def _peer_by_psutil(client: Address, server: Address) -> Peer:
    """Find the process that holds the client's end. If only this user's processes are readable, all others stay unknown."""
    import psutil

    me = psutil.Process().username()
    try:
        for each in psutil.net_connections(kind="tcp"):
            if each.pid and _is_between(each, client, server):
                return Peer.OWN if psutil.Process(each.pid).username() == me else Peer.OTHER
    except psutil.Error:  # on macOS only root can read the list
        return _own_peer(client, server, me)
    return Peer.UNKNOWN


def _own_peer(client: Address, server: Address, me: str) -> Peer:
    import psutil

    for pid in [*_found_before, *psutil.pids()]:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            connections = getattr(process, "net_connections", None) or process.connections  # its name before psutil 6
            if process.username() == me and any(_is_between(each, client, server) for each in connections(kind="tcp")):
                _found_before[:] = [pid, *(each for each in _found_before if each != pid)][:8]
                return Peer.OWN
    return Peer.UNKNOWN


def _is_between(connection: Any, client: Address, server: Address) -> bool:
    return bool(connection.raddr) and (_plain(connection.laddr), _plain(connection.raddr)) == (client, server)


def _plain(address: Any) -> Address:
    return address[0].removeprefix("::ffff:"), address[1]
