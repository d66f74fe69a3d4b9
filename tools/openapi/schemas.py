"""What pydantic cannot say of a schema: what its fields mean, fixed values, and times."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from tools.openapi.values import VALUES, is_time, values_of
from tools.openapi.words import words_for

type Json = dict[str, Any]


class JsonSchema(GenerateJsonSchema):
    """Optional fields may be null, so a default of null is left out."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if "default" in made and made["default"] is None:
            del made["default"]
        return made


def described(schemas: Mapping[str, Json], prefix: str) -> Json:
    """The schemas of models with what their fields mean.

    prefix: what comes before a schema's name in a reference.
    """
    parts = {name: each for name, each in schemas.items() if each.get("type") != "object"}
    return {
        name: schema
        | {
            "properties": {
                field: described_field(name, field, _inlined(each, parts, prefix), prefix)
                for field, each in schema.get("properties", {}).items()
            }
        }
        for name, schema in schemas.items()
        if name not in parts
    }


def named_values(made: object, prefix: str) -> Json:
    """The fixed values that schemas, or what has schemas in it, refer to."""
    text = repr(made)
    return {
        name: {"type": "string", "title": name, "enum": values}
        for name, values in VALUES.items()
        if f"'{prefix}/{name}'" in text
    }


def described_field(model: str, field: str, schema: Json, prefix: str) -> Json:
    """The schema of a field, with what it means and which values it may have."""
    made = {name: value for name, value in schema.items() if name != "title"}
    if values := values_of(model, field):
        made = _with_text_as(made, {"$ref": f"{prefix}/{values}"})
    elif is_time(field):
        made = _with_text_as(made, {"type": "string", "format": "date-time"})
    return {"description": words_for(model, field), **made}


def _with_text_as(schema: Json, text: Json) -> Json:
    """The schema of a text that may be null, with something more exact for the text."""
    if "anyOf" in schema:
        return schema | {"anyOf": [text, {"type": "null"}]}
    kept = {name: schema[name] for name in ("default",) if name in schema}
    return text | kept


def _inlined(schema: Any, parts: Mapping[str, Json], prefix: str) -> Any:
    """The schema without references to what is no model: a client would make a class of it."""
    if isinstance(schema, list):
        return [_inlined(each, parts, prefix) for each in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).removeprefix(f"{prefix}/")
    if name in parts:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        part = {key: value for key, value in parts[name].items() if key != "title"}
        return part | rest
    return {key: _inlined(each, parts, prefix) for key, each in schema.items()}
