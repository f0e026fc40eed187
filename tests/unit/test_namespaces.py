"""A namespace as it is typed and as it is: nothing is lost on the way, and the server is never asked for what it refuses."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from lg_magics.errors import CommandError
from lg_magics.grammar.words import Line, word_from_text
from lg_magics.model.namespaces import namespace_from, shown_namespace

labels = st.text(min_size=1).filter(lambda label: not set(label) & {".", "\0"})
namespaces = st.lists(labels, max_size=5).map(tuple).filter(lambda labels: labels[:1] != ("langgraph",))


@given(namespaces)
@example(("a/b", "\\", "/", "\\/", "c d", "'\""))
@example(())
def test_what_is_shown_is_read_back_as_it_was(namespace: tuple[str, ...]) -> None:
    assert namespace_from(shown_namespace(namespace)) == namespace


@given(namespaces)
@example(("-x", "a b"))
@example(("k=v",))
def test_what_is_put_into_a_line_is_read_back_as_it_was(namespace: tuple[str, ...]) -> None:
    line = Line(f"{word_from_text(shown_namespace(namespace))} rest")
    assert line.take_pair() is None
    assert namespace_from(line.take_value().text) == namespace
    assert line.rest == "rest"


def test_in_quotes_a_slash_of_a_label_is_typed_as_without() -> None:
    for typed in (r'"my notes/a\/b"', r'"my notes/a\\/b"'):
        assert namespace_from(Line(typed).take_value().text) == ("my notes", "a/b")


def test_words_of_a_line_without_need_have_no_quotes() -> None:
    plain = ["todo/general/Test", "375d9596-edf8-4de2", "a.b", "é"]
    assert [word_from_text(text) for text in plain] == plain


@pytest.mark.parametrize("given", [("todo", "x"), ["todo", "x"], "todo/x"])
def test_a_namespace_is_a_text_a_tuple_or_a_list(given: object) -> None:
    assert namespace_from(given) == ("todo", "x")


@pytest.mark.parametrize("given", [None, "/", (), []])
def test_the_root_is_a_slash_or_nothing(given: object) -> None:
    assert namespace_from(given) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("todo/a.b", "cannot hold a dot, as 'a.b' does"),
        ("", "has an empty label"),
        ("todo//x", "has an empty label"),
        ("/todo", "/ alone is the whole store"),
        ("todo/", "has an empty label"),
        (("todo", ""), "has an empty label"),
        ("langgraph/x", "keeps the namespace langgraph for itself"),
        (("langgraph",), "keeps the namespace langgraph for itself"),
        (("todo", 3), "has an int"),
        (b"todo", "no namespace but a bytes"),
        (7, "This is no namespace but an int"),
        ("a\0b", "cannot keep"),
        ("\ud800", "cannot keep"),
    ],
)
def test_what_the_server_would_refuse_is_refused_before_it_is_asked(given: object, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        namespace_from(given)
