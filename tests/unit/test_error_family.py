"""What all errors of ours have in common."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import lg_magics as lg
from lg_magics import errors
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


def test_every_public_error_class_is_a_name_of_the_package() -> None:
    classes = {name: each for name, each in vars(errors).items() if name in errors.__all__ and isinstance(each, type)}
    assert {"Conflict", "RunFailed", "WaitInterrupted"} <= classes.keys()
    assert {name: getattr(lg, name, None) for name in classes} == classes
    assert classes.keys() <= {*dir(lg)}
    assert lg.errors is errors


def test_no_other_name_of_the_errors_module_is_one_of_the_package() -> None:
    assert not hasattr(lg, "type_phrase")


def test_the_package_imports_its_errors_when_one_is_asked_for() -> None:
    code = "import sys, lg_magics as lg; print('lg_magics.errors' in sys.modules, lg.Conflict.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False Conflict\n"
