"""The values in a line: numbers, choices, JSON, pairs, Python objects and what is filled into a text."""

from __future__ import annotations

import pytest

from lg_magics.errors import CommandError
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.read import call_from_line

from .test_grammar import RUN, complaint, debug, options, read, say, wait


def test_values_are_what_the_signature_says() -> None:
    assert options("--timeout 2") == {"timeout": 2.0}
    assert options("--timeout -1.5") == {"timeout": -1.5}
    assert options("--interrupt-before plan,act") == {"interrupt_before": ["plan", "act"]}
    assert options('--config {"recursion_limit": 5}') == {"config": {"recursion_limit": 5}}
    assert options("""-i '[1, "two"]'""") == {"input": [1, "two"]}
    assert read(debug, "off").arguments == ("off",)
    assert read(wait, "--limit 3 r7").options == {"limit": 3}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--timeout soon", "timeout must be a number, got 'soon'."),
        ("--timeout nan", "timeout must be a number, got nan."),
        ("--config [1]", "config must be a mapping, got a list."),
        ("-i {oops", "input must be JSON or a $name, got '{oops'. Expecting property name enclosed in double quotes"),
        ('--config {"a":1', """got a str. Expecting ',' delimiter at character 7."""),
        ('--config {"a":1,"a":2}', "The key 'a' stands twice in one mapping."),
        ('-i [{"a":1,"a":2}]', "The key 'a' stands twice in one mapping."),
        ('-c o:={"a":1,"a":2}', "The key 'a' stands twice in one mapping."),
        ("--timeout $name", "timeout must be a number, got 'Anna'."),
        ("-a $run", "assistant must be text, got a SimpleNamespace"),
        ("-a $HOME/x", "--assistant: $HOME/x is not a Python name. Put quotes around text with a $."),
    ],
)
def test_a_wrong_value_is_reported_with_its_option_and_what_was_expected(line: str, said: str) -> None:
    assert said in complaint(say, line)


def test_a_choice_names_the_choices() -> None:
    assert complaint(debug, "of") == "switch must be one of on, off, got 'of'. Did you mean off?"


def test_a_dollar_name_is_the_object_itself() -> None:
    assert options("-i $run")["input"] is RUN
    assert options("-a $run.thread_id -i $run.values['a key'][1]") == {"assistant": "the-thread", "input": 2}
    assert options("-a $items[-1] --config $config hello")["assistant"] == "one"
    assert read(wait, "$run r8").arguments == (RUN, "r8")
    assert options("-a '$name'") == {"assistant": "$name"}
    assert options("-a $path") == {"assistant": "here"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-i $rum", "No Python name 'rum' is defined in this notebook. Did you mean run?"),
        ("-i $run.nothing", "run.nothing: a SimpleNamespace has no attribute 'nothing'"),
        ("-i $items[9]", "items[9]: there is nothing at [9] of this list"),
        ("-i $run.__class__", "two underscores"),
        ("-i $run.thread_id()", "$run.thread_id() is not a Python name"),
    ],
)
def test_a_dollar_name_that_leads_nowhere_is_reported(line: str, said: str) -> None:
    assert said in complaint(say, line)


def test_pairs_are_text_or_json_or_an_object() -> None:
    line = """-c user_id=Test -c n:=3 --configurable o:={"a": [1, 2]} -c run=$run -c q="a b" -c "whole=c d" -c 'lit=$run'"""
    assert options(line) == {
        "configurable": {
            "user_id": "Test",
            "n": 3,
            "o": {"a": [1, 2]},
            "run": RUN,
            "q": "a b",
            "whole": "c d",
            "lit": "$run",
        }
    }
    assert options("-c $config -c limit:=4 hi") == {"configurable": {"limit": 4}, "text": "hi"}
    assert options("-c empty= hi") == {"configurable": {"empty": ""}, "text": "hi"}
    assert options("-c url=http://a.b:80/?x=1") == {"configurable": {"url": "http://a.b:80/?x=1"}}


def test_a_pair_that_is_none_is_reported_without_its_value() -> None:
    assert complaint(say, "-c secret hello") == "-c expects K=V. k=v is text, k:=v is JSON or a $name."
    assert "secret" not in complaint(say, "-c key:=secret")
    assert "configurable must be a mapping, got a list." in complaint(say, "-c $items")


def test_names_are_filled_in_only_when_asked_for() -> None:
    assert options("hello {name}")["text"] == "hello {name}"
    assert options("-f hello {name}, {run.values['a key'][0]:03d} {{x}}")["text"] == "hello Anna, 001 {x}"
    assert options("--format", "thread {run.thread_id}\n")["text"] == "thread the-thread"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{nam}", "No Python name 'nam' is defined in this notebook. Did you mean name?"),
        ('{"a": 1}', "is not a Python name. With -f, {name} is filled in; write {{ and }} for braces."),
        ("{", "write {{ and }}"),
        ("{}", "is not a Python name"),
        ("{name.__class__}", "two underscores"),
        ("{name:{run.__class__}}", "is not a Python name"),
        ("{name:d}", "cannot be filled in"),
    ],
)
def test_a_field_that_cannot_be_filled_in_is_reported(text: str, said: str) -> None:
    assert said in complaint(say, f"-f {text}")


def test_a_name_in_json_is_its_object() -> None:
    assert options('--config {"configurable": {"name": $name}, "tags": [$name, "$name"]} hi') == {
        "config": {"configurable": {"name": "Anna"}, "tags": ["Anna", "$name"]},
        "text": "hi",
    }
    assert options("-i [$run,$run.thread_id]") == {"input": [RUN, RUN.thread_id]}
    assert options('-c who:={"name": $name}') == {"configurable": {"who": {"name": "Anna"}}}
    assert options("""--config '{"a": "$name"}'""") == {"config": {"a": "$name"}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('--config {"a": $nobody}', "nobody"),
        ('--config {"a": $name', "config must be a mapping"),
        ('--config {"a" $name}', "config must be a mapping"),
        ("--config {$name: 1}", "config must be a mapping"),
        ('--config {"a":1,"a":$name}', "The key 'a' stands twice in one mapping."),
    ],
)
def test_json_with_a_name_that_is_wrong_is_reported(line: str, said: str) -> None:
    assert said in complaint(say, line)


def test_an_option_whose_name_is_none_is_not_taken_for_one_that_was_left_out() -> None:
    for line in ("-v $nothing step:1", "--message $nothing step:1"):
        with pytest.raises(CommandError, match=r"\$nothing is None. Leave it out"):
            call_from_line(command_named("fork"), line, None, {"nothing": None})


@pytest.mark.parametrize(("text", "meant"), [("0", 0), ("-1", -1), ("007", "007"), ("1_0", "1_0"), ("+1", "+1")])
def test_a_text_that_may_be_a_number_is_one_only_as_python_writes_it(text: str, meant: object) -> None:
    assert call_from_line(command_named("fork"), f"--message {text} step:1").options["message"] == meant
