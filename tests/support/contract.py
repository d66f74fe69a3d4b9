"""Whether an answer is one that docs/openapi.json describes."""

import json
from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator

from tests.support.commands import ROOT

_DOCUMENT = ROOT / "docs" / "openapi.json"


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_DOCUMENT.read_text())
    return document


@cache
def _validators(step: str) -> dict[int, OAS31Validator | None]:
    """What checks each answer of an operation; None where it has no body."""
    (operation,) = [
        operation
        for item in _document()["paths"].values()
        for operation in item.values()
        if operation["operationId"] == step
    ]
    parts = {"components": {"schemas": _document()["components"]["schemas"]}}
    validators: dict[int, OAS31Validator | None] = {}
    for status, answer in operation["responses"].items():
        contents = list(answer.get("content", {}).values())
        validators[int(status)] = (
            OAS31Validator(contents[0]["schema"] | parts) if contents else None
        )
    return validators


def check_answer(step: str, status: int, body: Any) -> None:
    """Check that the contract has this answer of an operation: its status, fields and values."""
    validators = _validators(step)
    assert status in validators, f"docs/openapi.json has no {status} of {step}"
    validator = validators[status]
    if validator is None:
        assert body is None, f"docs/openapi.json has no body for {status} of {step}"
    else:
        wrong = [f"{each.json_path}: {each.message}" for each in validator.iter_errors(body)]
        assert wrong == [], f"{step} {status} is not as docs/openapi.json describes it"
