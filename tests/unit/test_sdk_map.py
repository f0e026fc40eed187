"""docs/sdk.toml has a line for each method and parameter of the installed SDK, and names only options that exist."""

from __future__ import annotations

import inspect
import re

import pytest
from sdk_map import DATA, KINDS, METHODS, entry, sdk_signatures, spelled

SDK = sdk_signatures()


def test_the_sdk_has_methods_at_all() -> None:
    assert len(SDK) > 40
    assert {"runs.create", "threads.search", "assistants.create", "crons.create", "store.put_item"} <= SDK.keys()


def test_each_method_of_the_sdk_has_its_line() -> None:
    assert [method for method in SDK if method not in METHODS] == []


@pytest.mark.parametrize("method", METHODS)
def test_each_parameter_is_mapped_or_excused(method: str) -> None:
    assert method in SDK
    if "reason" in METHODS[method]:
        return
    assert [name for name in SDK[method].parameters if not all(entry(method, name)[:2])] == []


def test_nothing_is_mapped_that_the_sdk_does_not_have() -> None:
    given = [(method, name) for method, each in METHODS.items() for kind in KINDS for name in each.get(kind, {})]
    unknown = [f"{method}.{name}" for method, name in given if name not in SDK[method].parameters]
    assert [each for each in unknown if each not in DATA["newer"]["parameters"]] == []
    everywhere = {name for signature in SDK.values() for name in signature.parameters}
    assert DATA["every"].keys() - everywhere <= {each.rpartition(".")[2] for each in DATA["newer"]["parameters"]}


@pytest.mark.parametrize("method", METHODS)
def test_each_option_that_is_named_exists(method: str) -> None:
    for command, word in spelled(method):
        flags = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", word)
        assert [flag for flag in flags if flag not in command.by_flag] == []
        if not word.startswith(("-", "%")):
            assert word in [each.value for each in command.parameters], f"{command.typed} takes no {word}"


def test_a_method_without_a_line_is_found() -> None:
    assert entry("runs.create", "colour") == ("", "", "runs.create")
    assert entry("runs.create", "webhook")[0] == "options"
    assert entry("runs.wait", "webhook") == ("options", "--webhook", "runs.create")
    assert entry("runs.get", "params")[0] == "without"
    assert isinstance(SDK["runs.create"], inspect.Signature)
