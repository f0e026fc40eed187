"""Read a LangSmith dataset with its SDK: only if a user names one, and only with a key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from lg_magics.errors import AccessDenied, DeploymentError, LgError, NotFound, Unreachable

__all__ = ["examples_of"]

KEYS = ("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")


def examples_of(name: str, reference: str) -> list[dict[str, Any]]:
    """Return the examples of a dataset as dicts: the fields of the inputs, `inputs` as a whole, and the outputs as `reference`.

    Raises:
        LgError: there is no key, or langsmith is not installed.
        NotFound: there is no such dataset. DeploymentError: LangSmith does not answer, or refuses the request.
    """
    key = next((os.environ[each] for each in KEYS if os.environ.get(each)), "")
    if not key:
        raise LgError(
            f"No file '{name}', and no key to read a LangSmith dataset of this name: LANGSMITH_API_KEY is not set.",
            hint="A frame is $frame; a file ends in .csv, .tsv, .json or .jsonl.",
        )
    try:
        from langsmith import Client, utils
    except ImportError:
        raise LgError("The package langsmith is not installed.", hint="%pip install langsmith") from None
    client = Client(api_key=key, auto_batch_tracing=False)
    try:
        examples = list(client.list_examples(dataset_id=client.read_dataset(dataset_name=name).id))
    except utils.LangSmithNotFoundError as problem:
        raise NotFound(f"LangSmith has no dataset '{name}'.", hint="Its name is case-sensitive.") from problem
    except utils.LangSmithAuthError as problem:
        raise AccessDenied("LangSmith refused the key.", hint="LANGSMITH_API_KEY holds it.") from problem
    except (utils.LangSmithConnectionError, utils.LangSmithRequestTimeout) as problem:
        raise Unreachable(f"LangSmith does not answer: cannot read the dataset '{name}'.") from problem
    except utils.LangSmithError as problem:
        raise DeploymentError(f"LangSmith cannot read the dataset '{name}': {type(problem).__name__}.") from problem
    return [_row(example.inputs or {}, example.outputs, reference) for example in examples]


def _row(inputs: Mapping[str, Any], outputs: Any, reference: str) -> dict[str, Any]:
    return {"inputs": dict(inputs), **inputs, reference: outputs}
