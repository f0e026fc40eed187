"""Garbage collection is paused while many objects are made, and is afterwards as it was before."""

from __future__ import annotations

import gc

import pytest

from lg_magics.model.collection import collection_paused


@pytest.mark.parametrize("was_on", [True, False])
def test_collection_is_as_before_after_a_pause(was_on: bool) -> None:
    if not was_on:
        gc.disable()
    try:
        with pytest.raises(KeyboardInterrupt), collection_paused(), collection_paused():
            _interrupt_unless(gc.isenabled())
        assert gc.isenabled() is was_on
    finally:
        gc.enable()


def _interrupt_unless(is_on: bool) -> None:
    if not is_on:
        raise KeyboardInterrupt
