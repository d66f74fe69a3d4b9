"""Where the bodies come from. In a request, unknown fields are refused and nothing is converted."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Each function needs only a few models, so the endpoint that uses a model builds it."""

    model_config = ConfigDict(defer_build=True)


class RequestModel(Model):
    """A request body: strict types, nothing unknown, and no value repeated in an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class QueryModel(Model):
    """Query parameters, which are text. Unknown ones are ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class HeadersModel(Model):
    """Headers: the field `idempotency_key` is `Idempotency-Key`. Unknown headers are ignored."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )


class ResponseModel(Model):
    """An answer's body, made from a domain object with the same fields."""

    model_config = ConfigDict(from_attributes=True)
