"""What all errors of ours have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lg_magics.errors import LgError, NotConnected


def family(kind: type[LgError]) -> Iterator[type[LgError]]:
    """The public kinds: modules of ours may have one of their own, which nobody else raises."""
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == LgError.__module__:
            yield from family(each)


@pytest.mark.parametrize("kind", sorted({*family(LgError)} - {NotConnected}, key=str))
def test_every_error_takes_what_is_listed_below_it_and_a_hint(kind: type[LgError]) -> None:
    """Whoever raises one of a kind that it does not know, as for many runs, gives both."""
    said = str(kind("2 of 3 runs did not end well:", listing="  r1\n  r2", hint="%lg_runs"))
    assert said == "2 of 3 runs did not end well:\n  r1\n  r2\n%lg_runs"
