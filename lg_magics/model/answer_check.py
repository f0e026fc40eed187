"""What is wrong with an answer, by the schema that its question came with. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lg_magics.model.schema_check import CheckedSchema, Problem, problem_from

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

__all__ = ["answer_problem"]

MOST_NESTED = 20


def _is_anything(text: str) -> bool:
    return True


# Classes take more than these formats say: a time without its zone, an address without a scheme.
LENIENT_FORMATS = dict.fromkeys(("date-time", "time", "duration", "uri", "uri-reference", "iri", "email"), _is_anything)


def answer_problem(schema: Any, value: Any, inside: str = "") -> Problem | None:
    """What is wrong with an answer, by its schema; None if nothing is. Nothing is read into a value: "3" is no number.

    Args:
        schema: A JSON schema.
        value: The answer, as JSON.
        inside: A path that messages leave out, `edited_action.args`.
    """
    checked = CheckedSchema(schema, subject="the answer", formats=LENIENT_FORMATS)
    if checked.validator is None:
        return None
    try:
        error = next(iter(checked.validator.iter_errors(value)), None)
    except (ValueError, RecursionError):
        return Problem("the answer is no JSON")
    if error is None:
        return None
    problem = problem_from(_innermost(error), checked)
    words = problem.words.removeprefix(f"{inside}.") if inside else problem.words
    return Problem(words.replace(f"{inside} lacks", "the call lacks") if inside else words, problem.hint)


def _innermost(error: ValidationError) -> ValidationError:
    """Of an alternative that fails, the error inside the one that comes nearest; the error itself where none is deeper."""
    for _ in range(MOST_NESTED):
        branches = error.kind.as_dict().get("context", ()) if error.kind.name in ("anyOf", "oneOf") else ()
        inner = [each for branch in branches for each in branch if len(each.instance_path) > len(error.instance_path)]
        if not inner:
            break
        error = inner[0]
    return error
