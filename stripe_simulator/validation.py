"""Request validation against the installed SDK's own parameter types, `stripe.params`.

What a TypedDict of the SDK doesn't name is unknown; what it requires must be there; values must
fit. The SDK writes Stripe's enums as open (`Literal['a', 'b'] | str`) so that old clients survive
new values. Stripe itself takes only what it knows, and so does this module.

Turning an annotation into a Shape costs far more than checking a value against it, hence the
caches: each parameter class is compiled once, when a request first needs it.
"""

import re
import sys
import types
import typing
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

import stripe.params
import stripe.params.radar  # the SDK loads it when it is first used
import typing_extensions
from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject  # the type of every metadata; not exported

from stripe_simulator.errors import (
    StripeError,
    invalid_parameter,
    missing_parameter,
    unknown_parameter,
)
from stripe_simulator.form import Form

_RETIRED = {
    "payment_method_types": (
        "payment_method_types_no_longer_supported",
        "`payment_method_types` can no longer be set. Send `allowed_payment_method_types` to"
        " restrict the payment methods of this intent.",
    ),
}
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_CHOICES_WORTH_LISTING = 12
_BOOLEANS = {"true": True, "false": False}


@dataclass
class Shape:
    """Which values one parameter takes: the members of its annotation, flattened."""

    text: bool = False
    integer: bool = False
    decimal: bool = False
    boolean: bool = False
    clearable: bool = False
    mapping: bool = False
    choices: frozenset[str] = frozenset()
    items: "Shape | None" = None
    params_class: type | None = None

    @property
    def scalar(self) -> bool:
        return self.text or self.integer or self.decimal or self.boolean or bool(self.choices)


@dataclass(frozen=True)
class Fields:
    """The parameters of one TypedDict."""

    shapes: dict[str, Shape]
    required: tuple[str, ...]


def validate(form: Form, params_class_name: str, extra: frozenset[str]) -> dict[str, Any]:
    """Check a decoded form against a class of `stripe.params`, and give its values their types.

    extra names parameters that browsers may send besides those of the (server-side) SDK.

    Raises:
        StripeError: with Stripe's code and the offending parameter.
    """
    known = {name: value for name, value in form.items() if name not in extra}
    params = _object(known, attrgetter(params_class_name)(stripe.params), "")
    for name in form.keys() & extra:
        if not isinstance(form[name], str):
            raise invalid_parameter(name, f"Invalid string: {name}")
        params[name] = form[name]
    return params


@cache
def fields_of(params_class: type) -> Fields:
    """Compile the annotations of one TypedDict."""
    namespace = vars(sys.modules[params_class.__module__])
    # The SDK lets callers mix request options (api_key, …) into the parameters: they never travel.
    options = RequestOptions.__annotations__.keys()
    mixed_in = RequestOptions in getattr(params_class, "__orig_bases__", ())
    names = [n for n in params_class.__annotations__ if not (mixed_in and n in options)]
    shapes = {}
    for name in names:
        shapes[name] = Shape()
        _compile(params_class.__annotations__[name], namespace, shapes[name])
    required = params_class.__required_keys__  # type: ignore[attr-defined]
    return Fields(shapes, tuple(name for name in names if name in required))


def _compile(annotation: Any, namespace: dict[str, Any], shape: Shape) -> None:
    if isinstance(annotation, typing.ForwardRef):
        annotation = typing_extensions.evaluate_forward_ref(annotation, globals=namespace)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {typing_extensions.NotRequired, typing.Union, types.UnionType}:
        for member in arguments:
            _compile(member, namespace, shape)
    elif origin is typing.Literal:
        shape.clearable = shape.clearable or "" in arguments
        shape.choices |= frozenset(arguments) - {""}
    elif origin is list:
        shape.items = Shape()
        _compile(arguments[0], namespace, shape.items)
    elif origin in {dict, UntypedStripeObject}:
        shape.mapping = True
    elif typing_extensions.is_typeddict(annotation):
        shape.params_class = annotation
    elif annotation is bool:
        shape.boolean = True
    elif annotation is int:
        shape.integer = True
    elif annotation is str:
        shape.text = True
    else:
        shape.decimal = True  # float and Decimal are what remains


def _object(form: Form, params_class: type, path: str) -> dict[str, Any]:
    fields = fields_of(params_class)
    checked = {}
    for name, value in form.items():
        param = f"{path}[{name}]" if path else name
        shape = fields.shapes.get(name)
        if shape is None:
            raise _unknown(name, param)
        checked[name] = _value(value, shape, param)
    for name in fields.required:
        if name not in checked:
            raise missing_parameter(f"{path}[{name}]" if path else name)
    return checked


def _unknown(name: str, param: str) -> StripeError:
    if param == name and name in _RETIRED:
        code, message = _RETIRED[name]
        return invalid_parameter(param, message, code)
    return unknown_parameter(param)


def _value(value: Any, shape: Shape, param: str) -> Any:
    if isinstance(value, str):
        return _scalar(value, shape, param)
    if shape.items and (isinstance(value, list) or _is_numbered(value)):
        values = value if isinstance(value, list) else [value[i] for i in sorted(value, key=int)]
        return [_value(v, shape.items, f"{param}[{i}]") for i, v in enumerate(values)]
    if isinstance(value, dict):
        if shape.params_class:
            return _object(value, shape.params_class, param)
        if shape.mapping:
            return _mapping(value, param)
    raise invalid_parameter(param, f"Invalid {_noun(shape)}: {param}")


def _scalar(value: str, shape: Shape, param: str) -> Any:
    if value == "":
        if shape.clearable:
            return ""
        raise invalid_parameter(
            param,
            f"'{param}' was sent as an empty string. Stripe reads that as unsetting it, and"
            " this parameter can't be unset here; leave it out.",
            "parameter_invalid_empty",
        )
    if shape.boolean and value in _BOOLEANS:
        return _BOOLEANS[value]
    if shape.integer and _INTEGER.fullmatch(value):
        return int(value)
    if shape.choices:
        if value in shape.choices:
            return value
        raise invalid_parameter(param, f"Invalid {param}: must be {_named(shape.choices)}")
    if shape.text or shape.decimal:
        return value
    code = "parameter_invalid_integer" if shape.integer else None
    raise invalid_parameter(param, f"Invalid {_noun(shape)}: {value}", code)


def _mapping(value: dict[str, Any], param: str) -> dict[str, str]:
    for key, item in value.items():
        if not isinstance(item, str):
            raise invalid_parameter(f"{param}[{key}]", f"Invalid string: {param}[{key}]")
    return value


def _is_numbered(value: Any) -> bool:
    return isinstance(value, dict) and all(key.isascii() and key.isdigit() for key in value)


def _named(choices: frozenset[str]) -> str:
    if len(choices) > _CHOICES_WORTH_LISTING:
        return "one of the values in Stripe's API reference"
    return "one of " + ", ".join(sorted(choices))


def _noun(shape: Shape) -> str:
    if shape.items:
        return "array"
    if shape.params_class or shape.mapping:
        return "object"
    if shape.integer:
        return "integer"
    return "boolean" if shape.boolean and not shape.text else "string"
