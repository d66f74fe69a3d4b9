"""Decoding of Stripe's form encoding: `card[number]=4242…`, `expand[]=customer`, `items[0]=a`.

The result is a tree of dicts, lists and strings; what the strings mean is for the validation,
which knows the types. Numbered brackets stay dicts here, since only a type can tell a list
from an object whose keys look like numbers.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from stripe_simulator.errors import StripeError, invalid_parameter

type Form = dict[str, Any]

_KEY = re.compile(r"^(?P<name>[^\[\]]+)(?P<brackets>(\[[^\[\]]*\])*)$")


def decode(encoded: bytes) -> Form:
    """Decode a query string or a form body.

    Raises:
        StripeError: it is no form, or two of its keys contradict each other.
    """
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise StripeError("The request is not valid UTF-8 form data.", began=False) from error
    form: Form = {}
    for key, value in pairs:
        _insert(form, key, value)
    return form


def _insert(form: Form, key: str, value: str) -> None:
    match = _KEY.match(key)
    if match is None:
        raise invalid_parameter(key, f"Invalid parameter name: {key}")
    steps = [match["name"], *re.findall(r"\[([^\[\]]*)\]", match["brackets"])]
    is_list = len(steps) > 1 and steps[-1] == ""
    parents = steps[:-2] if is_list else steps[:-1]
    node: Any = form
    for step in parents:
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise invalid_parameter(key, f"Invalid parameter: {key} is given in two shapes.")
    leaf = steps[-2] if is_list else steps[-1]
    if is_list:
        values = node.setdefault(leaf, [])
        if not isinstance(values, list):
            raise invalid_parameter(key, f"Invalid parameter: {key} is given in two shapes.")
        values.append(value)
    elif isinstance(node.get(leaf), (dict, list)):
        raise invalid_parameter(key, f"Invalid parameter: {key} is given in two shapes.")
    else:
        node[leaf] = value
