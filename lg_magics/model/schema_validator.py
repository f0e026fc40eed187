"""Create validators of JSON schemas that fetch nothing, and that no pattern can make hang. Pure; words no error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, FancyRegexOptions, RegexOptions, ValidationError

__all__ = ["errors_of", "validator_of"]

DEEPEST = 60  # levels of a schema
MOST_STEPS = 10_000  # of a pattern that goes back
GAVE_UP = "Error executing regex"
VALUES = frozenset({"const", "enum", "default", "examples"})


def validator_of(
    schema: Mapping[str, Any], formats: Mapping[str, Callable[[str], bool]] | None = None
) -> Draft202012Validator | None:
    """Return the validator of a schema; None if the schema is invalid.

    Patterns that only Python's `re` reads are not checked: the rest of the schema still is.

    Args:
        schema: the schema.
        formats: checks in place of the schema's own formats; None to check no format.
    """
    import jsonschema_rs

    linear, bounded = jsonschema_rs.RegexOptions(), jsonschema_rs.FancyRegexOptions(backtrack_limit=MOST_STEPS)
    return (
        _validator(schema, formats, linear)
        or _validator(schema, formats, bounded)
        or _validator(_without_patterns(schema, DEEPEST), formats, linear)
    )


def errors_of(validator: Draft202012Validator, value: Any) -> Iterator[ValidationError]:
    """Yield the errors of a value; none for a pattern that took too many steps.

    Raises:
        ValueError: it is not JSON. RecursionError: it is nested too deeply.
    """
    if validator.is_valid(value):
        return iter(())
    return (error for error in validator.iter_errors(value) if not error.message.startswith(GAVE_UP))


def _validator(
    schema: Mapping[str, Any],
    formats: Mapping[str, Callable[[str], bool]] | None,
    patterns: RegexOptions | FancyRegexOptions,
) -> Draft202012Validator | None:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(
            dict(schema),
            retriever=_refuse,
            validate_formats=formats is not None,
            formats=dict(formats) if formats is not None else None,
            pattern_options=patterns,
        )
    except (ValueError, RecursionError):
        return None


def _without_patterns(schema: Any, depth: int) -> Any:
    """Return a schema without its patterns; a property may have that name."""
    if isinstance(schema, list):
        return [_without_patterns(each, depth - 1) for each in schema] if depth else schema
    if not isinstance(schema, Mapping) or not depth:
        return schema
    kept = {key: each for key, each in schema.items() if not (key == "pattern" and isinstance(each, str))}
    kept.pop("patternProperties", None)
    return {key: each if key in VALUES else _without_patterns(each, depth - 1) for key, each in kept.items()}


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri} is not fetched")
