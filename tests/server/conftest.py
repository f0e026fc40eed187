"""The sessions of the server tests: each connected to the one server of all tests, and closed behind its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.session import Session


def connected(server: local.LocalServer) -> Iterator[Session]:
    new = Session()
    deployment.connect(new, server.url)
    yield new
    new.close()


@pytest.fixture
def session(server: local.LocalServer) -> Iterator[Session]:
    """A session that is connected to the server of all tests."""
    yield from connected(server)


@pytest.fixture
def other(server: local.LocalServer) -> Iterator[Session]:
    """Somebody else, on the same server."""
    yield from connected(server)
