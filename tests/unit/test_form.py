"""A schema's form: whatever it can produce fits the schema, and what it cannot hold is refused by the field's name."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import uuid
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    UUID4,
    AnyUrl,
    Base64Bytes,
    BaseModel,
    IPvAnyAddress,
    IPvAnyInterface,
    IPvAnyNetwork,
    ValidationError,
)

from lg_magics.model.answer_check import answer_problem
from lg_magics.model.answer_words import how_to_answer
from lg_magics.model.answers import Answer, reply_to
from lg_magics.model.changes import ABSENT
from lg_magics.model.filled import FieldError, filled_value, pairs_in, value_of_pairs
from lg_magics.model.form import FormField, form_of
from lg_magics.model.interrupts import Interrupt
from lg_magics.views.card_questions import CardQuestion
from lg_magics.views.node import Node, attributes_of, children_of, nodes_in
from lg_magics.views.question_tree import answers_form

NAMES = st.text("abcdefgh_", min_size=1, max_size=5)
NUMBERS = st.integers(-1000, 1000)
VALUES = st.text(max_size=4) | NUMBERS | st.booleans()


def between(kind: str, low: str, high: str, least: st.SearchStrategy[int], more: st.SearchStrategy[int]) -> Any:
    """A type with two bounds."""
    return st.builds(lambda start, width: {"type": kind, low: start, high: start + width}, least, more)


SCALARS = st.one_of(
    st.sampled_from([{"type": kind} for kind in ("string", "integer", "number", "boolean")]),
    st.just({"type": "string", "format": "date"}),
    between("string", "minLength", "maxLength", st.integers(0, 3), st.integers(1, 9)),
    between("integer", "minimum", "maximum", NUMBERS, st.integers(0, 99)),
    between("integer", "exclusiveMinimum", "exclusiveMaximum", NUMBERS, st.integers(2, 99)),
    between("number", "minimum", "maximum", NUMBERS, st.integers(0, 99)),
    st.lists(VALUES, min_size=1, max_size=5, unique_by=json.dumps).map(lambda values: {"enum": values}),
    VALUES.map(lambda value: {"const": value}),
)
KINDS = st.sampled_from(["string", "integer", "number", "boolean", "null"])
FIELDS = st.one_of(
    SCALARS,
    SCALARS.map(lambda inner: {"anyOf": [inner, {"type": "null"}], "default": None}),
    st.lists(SCALARS, min_size=2, max_size=3).map(lambda members: {"anyOf": members}),
    st.lists(KINDS, min_size=2, max_size=3, unique=True).map(lambda kinds: {"type": kinds}),
    st.just({"type": "array", "items": {"type": "integer"}}),
    st.just({"type": "object"}),
)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, FIELDS, min_size=1, max_size=5))
    required = [name for name in properties if draw(st.booleans())]
    return {"type": "object", "properties": properties, "required": required}


def typed(draw: st.DrawFn, field: FormField) -> Any:
    """What a page lets a person fill in: its own checks let nothing else pass."""
    if field.kind == "options":
        if field.may_be_empty and draw(st.booleans()):
            return {}
        place = draw(st.integers(0, len(field.inside) - 1))
        return {"of": str(place), str(place): typed(draw, field.inside[place])}
    if field.kind == "object":
        return {str(place): typed(draw, each) for place, each in enumerate(field.inside)}
    if field.kind == "boolean":
        return draw(st.booleans())
    if field.may_be_empty and draw(st.booleans()):
        return ""
    least, most = field.bounds
    match field.kind:
        case "choice":
            return json.dumps(draw(st.sampled_from(field.choices)), ensure_ascii=False)
        case "integer":
            low = int(least) if least is not None else None
            return str(draw(st.integers(low, int(most) if most is not None else None)))
        case "number":
            return json.dumps(draw(st.floats(least, most, allow_nan=False, allow_infinity=False)))
        case "date":
            return draw(st.dates(datetime.date(1, 1, 1))).isoformat()
        case "text":
            shortest = max(1, int(least or 0))
            longest = max(shortest, int(most) if most is not None else 12)
            return draw(st.text("abc é漢😀\n", min_size=shortest, max_size=longest).filter(str.strip))
    return draw(st.sampled_from(["[1, 2]", "[]"] if "list" in field.words else ["{}", '{"a": [1]}']))


@given(st.data())
def test_the_schema_accepts_whatever_its_form_can_produce(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    form = form_of(schema)
    assert form.kind == "object"
    filled = data.draw(st.composite(typed)(form))
    value = filled_value(form, filled)
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(value)
    assert reply_to(Interrupt("?", "i", "n", schema), Answer(value)) == value


@given(SCALARS, st.data())
def test_so_does_the_schema_of_a_single_value(schema: dict[str, Any], data: st.DataObject) -> None:
    value = filled_value(form_of(schema), data.draw(st.composite(typed)(form_of(schema))))
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(value)


KEYS = st.sampled_from(["0", "1", "2", "of", "v", "a", "type", "enum", "anyOf", "properties", "required", "const"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@given(schemas(), ANY)
def test_any_json_that_a_page_sends_is_a_value_or_is_refused_in_words(schema: dict[str, Any], sent: Any) -> None:
    with contextlib.suppress(FieldError):
        assert isinstance(filled_value(form_of(schema), sent), dict)


@given(ANY)
def test_any_json_makes_a_form(schema: Any) -> None:
    form = form_of(schema if isinstance(schema, dict) else {"anyOf": [schema]})
    tree = answers_form([CardQuestion(Interrupt("?", "i", "n", {"x": schema}), 0, "n", "?", "", ())])
    assert form.kind
    assert attributes_of(tree)["data-form"] == "answers"


def test_alternatives_inside_of_alternatives_do_not_multiply() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    for _ in range(4):
        schema = {"anyOf": [schema, *({"type": kind} for kind in ("string", "integer")), schema, schema, schema] * 2}

    def count(field: FormField) -> int:
        return 1 + sum(map(count, field.inside))

    assert count(form_of(schema)) <= 400
    assert form_of({"anyOf": []}).words == "anything"


@given(schemas())
def test_the_page_has_a_control_for_each_field_with_a_key_of_its_own(schema: dict[str, Any]) -> None:
    asked = Interrupt("?", "i", "n", schema)
    tree = answers_form([CardQuestion(asked, 0, "n", "?", "", ())])
    form = next(each for each in nodes_in(tree) if attributes_of(each).get("data-form") == "v")
    assert sorted(controls(form)) == [str(place) for place in range(len(form_of(schema).inside))]
    assert how_to_answer([asked]).startswith("%lg_resume ")


def controls(form: Node) -> list[str]:
    """The keys of the fields and forms of a form, not those inside another form."""
    found = []
    for child in children_of(form):
        if isinstance(child, list):
            is_control = child[0] in ("input", "textarea", "select") or "data-form" in attributes_of(child)
            found += [attributes_of(child)["key"]] if is_control else controls(child)
    return found


WRONG = {
    "row": ({"type": "integer"}, "3.5", 'row must be an integer, got "3.5"'),
    "rows": ({"type": "integer"}, "1e999", "rows must be an integer"),
    "price": ({"type": "number"}, "nan", "price must be a number"),
    "side": ({"enum": ["window", "aisle"]}, "windo", 'side must be one of "window", "aisle", got "windo".'),
    "day": ({"type": "string", "format": "date"}, "2026-13-01", "day must be a date"),
    "tags": ({"type": "array"}, "[1", "tags must be list, as JSON: Expecting ',' delimiter at line 1, column 3"),
    "name": ({"type": "string"}, "  ", "name is missing: it must be string."),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_field_does_not_hold_is_refused_by_its_name(name: str) -> None:
    inner, text, words = WRONG[name]
    form = form_of({"type": "object", "properties": {name: inner}, "required": [name]})
    with pytest.raises(FieldError) as refused:
        filled_value(form, {"0": text})
    assert words in refused.value.message


def test_what_is_left_empty_is_null_where_it_must_be_there_and_left_out_otherwise() -> None:
    optional = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    form = form_of({"type": "object", "properties": {"a": optional, "b": optional}, "required": ["a"]})
    assert filled_value(form, {}) == {"a": None}
    assert filled_value(form_of(optional), "") is None
    assert filled_value(form.inside[1], "") is ABSENT


def test_pairs_of_a_line_keep_their_spaces_and_apostrophes() -> None:
    names = ("row", "note", "side")
    assert pairs_in('row=3 note=don\'t know = sure side="by the window"', names) == {
        "row": "3",
        "note": "don't know = sure",
        "side": "by the window",
    }
    form = form_of({"type": "object", "properties": {"row": {"type": "integer"}, "ok": {"type": "boolean"}}})
    assert value_of_pairs(form, pairs_in("ok=yes row=3", ("row", "ok"))) == {"row": 3, "ok": True}
    assert pairs_in("row=3 note='the row=4 here' side=\"it's\"", names) == {
        "row": "3",
        "note": "the row=4 here",
        "side": "it's",
    }
    assert pairs_in("first name=Ann B a.b=1", ("a", "a.b", "first name", "")) == {"first name": "Ann B", "a.b": "1"}
    for text, words in (
        ("3", "belongs to no field"),
        ("rwo=3", "no field 'rwo'"),
        ("row=3 row=4", "stands twice"),
        (
            "note=Ann seat=window",
            r"no field 'seat'\. Did you mean|no field 'seat'\. Its fields are row, note, side\. A value that",
        ),
        ("=3", "no field ''"),
    ):
        with pytest.raises(FieldError, match=words):
            pairs_in(text, names)


@pytest.mark.parametrize("value", ['"Paris" OR "Rome"', "'a' or 'b'", '"a" "b"', "'it's'", '"', '""" x"'])
def test_quotes_inside_a_value_are_a_part_of_it(value: str) -> None:
    assert pairs_in(f"query={value} row=3", ("query", "row")) == {"query": value, "row": "3"}
    assert pairs_in(f"row=3 query={value}", ("query", "row")) == {"query": value, "row": "3"}


def on_a_line(schema: dict[str, Any], text: str) -> Any:
    return reply_to(Interrupt("?", "i", "n", schema), Answer(text))


NAMED = {
    "oneOf": [
        {"type": "object", "properties": {"kind": {"const": kind}, "n": inner}, "required": ["kind", "n"]}
        for kind, inner in (("x", {"type": "integer"}), ("y", {"type": "string"}))
    ]
}


TAGGED = {
    "oneOf": [
        {"type": "object", "properties": {"kind": {"const": kind}, **inner}, "required": ["kind", *inner]}
        for kind, inner in (("card", {"number": {"type": "string"}}), ("cash", {"amount": {"type": "integer"}}))
    ]
}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": ["string", "integer"]}, "hello", "hello"),
        ({"type": ["string", "integer"]}, "3", 3),
        ({"type": ["integer", "null"]}, "null", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "null", None),
        ({"type": ["integer", "boolean", "null"]}, "null", None),
        ({"type": ["string", "null"]}, "null", "null"),
        ({"anyOf": [TAGGED["oneOf"][0], {"type": "null"}]}, "null", None),
        ({"anyOf": [TAGGED["oneOf"][0], {"type": "null"}]}, "kind=card number=3", {"kind": "card", "number": "3"}),
        ({"type": ["string", "null"], "enum": ["a", None]}, "null", None),
        ({}, "hello", "hello"),
        ({}, "[1]", [1]),
        ({"description": "Whatever."}, "it's fine", "it's fine"),
        (NAMED, "kind=x n=3", {"kind": "x", "n": 3}),
        (NAMED, "kind=y n=3", {"kind": "y", "n": "3"}),
        (NAMED, '{"kind": "y", "n": "3"}', {"kind": "y", "n": "3"}),
        ({"anyOf": [{"type": "string"}, NAMED["oneOf"][0]]}, "just text", "just text"),
    ],
)
def test_a_line_is_read_by_the_schema(schema: dict[str, Any], text: str, value: Any) -> None:
    assert on_a_line(schema, text) == value


@pytest.mark.parametrize(
    ("schema", "text", "words"),
    [
        ({}, "[1", "must be anything, as JSON: Expecting ',' delimiter"),
        ({"type": "array"}, "a,b", "the answer must be list, as JSON: Expecting value"),
        (NAMED, "kind=x n=three", 'n must be an integer, got "three"'),
        (TAGGED, "kind=cash amount=many", 'amount must be an integer, got "many"'),
        (TAGGED, "kind=cash amuont=3", r"no field 'amuont'.*Did you mean amount\?"),
        (TAGGED, "kind=card amount=3", "no field 'amount'. Its fields are kind, number"),
        (NAMED, "kind=z n=3", 'kind must be "x", got "z"'),
        (NAMED, "something", "'something' belongs to no field"),
        ({"type": ["integer", "boolean"]}, "hello", "must be integer or boolean, got"),
    ],
)
def test_a_line_that_does_not_fit_is_refused_in_words(schema: dict[str, Any], text: str, words: str) -> None:
    with pytest.raises(FieldError, match=words):
        on_a_line(schema, text)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"kind": "cash", "amount": "3"}, 'amount must be integer, got "3"'),
        ({"kind": "cash"}, "the answer lacks amount"),
        ({"amount": 3}, "the answer lacks kind"),
        ({"kind": "cheque", "amount": 3}, 'kind must be "card", got "cheque"'),
        (3, "the answer must be object, got 3"),
    ],
)
def test_a_problem_is_that_of_the_alternative_that_is_meant(value: Any, words: str) -> None:
    problem = answer_problem(TAGGED, value)
    assert problem is not None
    assert problem.words == words


class Formats(BaseModel):
    """What a class takes of each format."""

    moment: datetime.datetime | None = None
    time: datetime.time | None = None
    long: datetime.timedelta | None = None
    link: AnyUrl | None = None
    identity: uuid.UUID | None = None
    random: UUID4 | None = None
    address: IPvAnyAddress | None = None
    network: IPvAnyNetwork | None = None
    interface: IPvAnyInterface | None = None
    fourth: ipaddress.IPv4Network | None = None
    sixth: ipaddress.IPv6Interface | None = None
    encoded: Base64Bytes | None = None


@pytest.mark.parametrize("name", Formats.model_fields)
@pytest.mark.parametrize(
    "text",
    [
        *("tomorrow", "2026-01-01", "2026-01-01T10:00", "2026-01-01T10:00:00Z", "2026-01-01t10:00:00.5z", "2026-13-01"),
        *("2026-01-01 10:00:00+02:00", "1700000000", "20260101T000000", "2026-W01-1", "2026-01-01T25:00", "10:00"),
        *("10:00:00", "25:00", "10:00:00.5+01:00", "P1D", "PT5M", "P", "PT", "P3", "3 days, 04:05:06", "3 days", "3d"),
        *("01:02:03", "-P1D", "example.com", "https://x.y", "mailto:a@b.c", "x:", "٣", "9" * 26, "postgres://a@b:1/c"),
        *("1.2.3.4", "1.2.3.0/24", "1.2.3.4/24", "::1", "::1/64", "YWJj", "YWJ", '{"a": 1}', "{", "(", "x y"),
        *("550e8400-e29b-41d4-a716-446655440000", "550e8400e29b11d4a716446655440000", "550e8400"),
    ],
)
def test_a_text_is_of_a_format_where_the_class_takes_it(name: str, text: str) -> None:
    problem = answer_problem(Formats.model_json_schema(), {name: text})
    try:
        Formats.model_validate({name: text})
    except ValidationError:
        assert problem is not None
    else:
        assert problem is None
