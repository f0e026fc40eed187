"""The proxy of the fault tests, and a session behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from background_reads import read_ahead

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.session import Session

from .faulty import Faulty, faulty_server


@pytest.fixture
def faulty(server: local.LocalServer) -> Iterator[Faulty]:
    """A proxy before the server of all tests."""
    with faulty_server(server.url) as proxy:
        yield proxy


@pytest.fixture
def session(faulty: Faulty) -> Iterator[Session]:
    """A session that is connected through it, while nothing goes wrong yet."""
    new = Session()
    deployment.connect(new, faulty.url)
    read_ahead(new)  # else it comes in between, and meets the fault
    yield new
    faulty.set(None)
    new.close()
