"""Routes: which function answers a request, and with which of its parts, validated.

What Powertools' resolver does for us and no more, without its imports and its OpenAPI models, which
would add a sixth to a cold start: DECISIONS.md has the numbers. Signatures are written as
for Powertools, and tools/openapi.py describes them with it.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

type Problem = tuple[tuple[str | int, ...], str, str]  # where, pydantic's type of error, message

_OK = 200
_ANY_CHARACTERS = r"[-._~()'!*:@,;=+&$%<> \[\]{}|^\w]+"


class Constrained:
    """Where a parameter comes from, with the constraints of pydantic's `Field` on it."""

    def __init__(self, **constraints: Any) -> None:
        self.constraints = constraints


class Query(Constrained):
    """A parameter of the query."""


class Header(Constrained):
    """A header: `idempotency_key` is `Idempotency-Key`."""


class InvalidRequestError(Exception):
    """Some parts of the request are not what the route takes."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("the request is not valid")
        self.problems = problems


class Request:
    """The event of API Gateway's REST API, read as HTTP."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self.method: str = event["httpMethod"]
        self.path: str = event["path"]
        self.resource: str | None = event.get("resource")
        self.context: Mapping[str, Any] = event["requestContext"]
        self.id: str = self.context.get("requestId") or ""
        self.body: str = event.get("body") or ""
        self.is_base64: bool = event.get("isBase64Encoded", False)
        self.headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        self._event = event

    @cached_property
    def header_values(self) -> dict[str, Any]:
        """Each header's value, or values, by its name in lower case."""
        values = _values(self._event, "multiValueHeaders", "headers")
        return {name.lower(): value for name, value in values.items()}

    @cached_property
    def query_values(self) -> dict[str, Any]:
        """Each value of the query, or values, by its name."""
        return _values(self._event, "multiValueQueryStringParameters", "queryStringParameters")


def _values(event: Mapping[str, Any], many: str, one: str) -> dict[str, Any]:
    """Each name's value; what was sent several times stays a list, which no parameter takes."""
    values = event.get(many) or {name: [value] for name, value in (event.get(one) or {}).items()}
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a route's function, and the part of the request that it is."""

    name: str
    where: str
    annotation: Any
    default: Any

    @property
    def alias(self) -> str:
        """Its name in the request."""
        return self.name.replace("_", "-") if self.where == "header" else self.name

    @property
    def required(self) -> bool:
        """Whether a request without it is not valid."""
        return self.default is inspect.Parameter.empty


class Route:
    """A method, a path, and the function that answers."""

    def __init__(
        self, method: str, path: str, function: Callable[..., Any], promise: Mapping[str, Any]
    ) -> None:
        self.method = method
        self.path = path
        self.function = function
        self.promise = promise
        self.parameters = list(_parameters_of(function, path))
        self._answer = _answer_of(inspect.signature(function).return_annotation)
        bodies = [each.annotation for each in self.parameters if each.where == "body"]
        for model in (*bodies, self._answer):
            model.model_rebuild()  # all others stay unbuilt
        self._adapters = {
            parameter.name: TypeAdapter(_validated(parameter.annotation))
            for parameter in self.parameters
            if parameter.where != "body"
        }
        parts = re.split(r"<(\w+)>", path)
        parts[1::2] = [f"(?P<{name}>{_ANY_CHARACTERS})" for name in parts[1::2]]
        self._pattern = re.compile("^" + "".join(parts) + "/*$")

    def match(self, request: Request) -> Mapping[str, str] | None:
        """The variable parts of the path, if the request is this route's."""
        found = self._pattern.match(request.path) if request.method == self.method else None
        return found.groupdict() if found else None

    def answer(self, arguments: Mapping[str, Any]) -> tuple[BaseModel, int]:
        """The function's answer and its status.

        Raises:
            TypeError: it is not what the function says that it answers.
        """
        result = self.function(**arguments)
        value, status = result if isinstance(result, tuple) else (result, _OK)
        if not isinstance(value, self._answer):
            raise TypeError(f"{self.method} {self.path} answered with a {type(value).__name__}")
        return value, status

    def arguments(
        self, request: Request, path: Mapping[str, str], read_body: Callable[[Request], Any]
    ) -> dict[str, Any]:
        """What to call the function with.

        Raises:
            InvalidRequestError: parts of the request are missing or not valid.
        """
        arguments: dict[str, Any] = {}
        problems: list[Problem] = []
        for parameter in self.parameters:
            name, where, alias = parameter.name, parameter.where, parameter.alias
            try:
                if where == "body":
                    arguments[name] = parameter.annotation.model_validate(read_body(request))
                elif (value := _value_of(parameter, request, path)) is not None:
                    arguments[name] = self._adapters[name].validate_python(value)
                elif parameter.required:
                    problems.append(((where, alias), "missing", "Field required"))
            except ValidationError as error:
                at = ("body",) if where == "body" else (where, alias)
                problems += [
                    ((*at, *each["loc"]), each["type"], each["msg"])
                    for each in error.errors(include_url=False, include_input=False)
                ]
        if problems:
            raise InvalidRequestError(problems)
        return arguments


def _value_of(parameter: Parameter, request: Request, path: Mapping[str, str]) -> Any:
    match parameter.where:
        case "path":
            return path[parameter.name]
        case "query":
            return request.query_values.get(parameter.alias)
        case _:
            return request.header_values.get(parameter.alias)


def _answer_of(annotation: Any) -> type[BaseModel]:
    """The model of `Model` or `tuple[Model, int]`."""
    model: type[BaseModel] = (
        get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    )
    return model


def _parameters_of(function: Callable[..., Any], path: str) -> Iterator[Parameter]:
    """The parameters, the body's last: it is read when the rest has been looked at."""
    found = [
        Parameter(name, _where(name, each.annotation, path), each.annotation, each.default)
        for name, each in inspect.signature(function).parameters.items()
    ]
    order = {"path": 0, "query": 1, "header": 2, "body": 3}
    yield from sorted(found, key=lambda parameter: order[parameter.where])


def _where(name: str, annotation: Any, path: str) -> str:
    if f"<{name}>" in path:
        return "path"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "body"
    return "header" if isinstance(_marker_of(annotation), Header) else "query"


def _validated(annotation: Any) -> Any:
    """The annotation with the constraints as pydantic has them."""
    marker = _marker_of(annotation)
    return Annotated[get_args(annotation)[0], Field(**marker.constraints)] if marker else annotation


def _marker_of(annotation: Any) -> Constrained | None:
    members = get_args(annotation) if get_origin(annotation) is Annotated else ()
    return next((member for member in members if isinstance(member, Constrained)), None)
