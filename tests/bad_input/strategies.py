"""Requests as anyone may send them, and events that nobody would send."""

import json
import re
from typing import Any

from hypothesis import strategies as st

from tests.bad_input.conftest import ADA
from tests.support.gateway import claims_of
from tests.support.routes import PUBLIC

# Any characters: NUL, lone surrogates, scripts of all kinds.
anything = st.text(st.characters(), max_size=30)

_NUMBERS = st.sampled_from([0, -1, 2**31, 2**64, 10**30, -(10**400), 1.5, 1e308, -0.0])
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | _NUMBERS | anything,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(anything, inner, max_size=4),
    max_leaves=8,
)

# Members of real requests, sometimes with a valid value.
_MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "email": st.sampled_from(["ada@example.com", "a@b", "A@B.CC"]),
    "password": st.sampled_from(["Correct-Horse-1-Battery", "x"]),
    "name": st.sampled_from(["Ada", " ", ""]),
    "phone": st.sampled_from(["+4912345678", "+0"]),
    "birthdate": st.sampled_from(["1815-12-10", "2999-01-01", "0000-00-00"]),
    "gender": st.just("female"),
    "items": st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "product_id": st.sampled_from(["coffee", "tea", ""]) | json_values,
                "quantity": st.sampled_from([1, 0, 101, True, "1"]) | json_values,
                "unit_amount": st.sampled_from([1099, 1, 0, "1099"]) | json_values,
            },
        ),
        max_size=3,
    ),
    "currency": st.sampled_from(["eur", "EUR", "xxx", "eu", "\u0130\u0130\u0130"]),
    "payment_method_id": st.sampled_from(["pm_", "pm_unknown", "pm_\n", "pm_" + "x" * 251, "card"]),
    "cvc_token": st.sampled_from(["cvctok_unknown", "cvctok_", "tok_1\n", "x" * 300]),
}
_objects = st.fixed_dictionaries(
    {}, optional={name: values | json_values for name, values in _MEMBERS.items()}
) | st.dictionaries(anything, json_values, max_size=3)

_OVERWHELMING = (
    "[" * 9000,
    '{"a":' * 3000 + "1" + "}" * 3000,
    '{"quantity": ' + "9" * 9000 + "}",
    '{"quantity": 1e999999}',
    '{"quantity": NaN}',
    '{"a": 1, "a": 2}',
    '{"name": "\\ud800"}',
    '{"name": "\\u0000"}',
    "x" * 20_000,
    "\ufeff{}",
)
bodies = (
    st.none()
    | anything
    | json_values.map(json.dumps)
    | _objects.map(json.dumps)
    | st.sampled_from(_OVERWHELMING)
)

_headers = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["application/json", "text/plain", "", ";", "\u0130"]),
        "content-type": anything,
        "Idempotency-Key": st.sampled_from(["her-first-key", "another-key", "x"]) | anything,
        "Stripe-Signature": st.just("t=1,v1=00") | anything,
        "If-None-Match": st.sampled_from(["*", 'W/"x"']) | anything,
        "Origin": st.just("https://shop.example.com") | anything,
        "Authorization": anything,
        "Accept-Encoding": st.sampled_from(["gzip", "br"]),
    },
)
_queries = st.fixed_dictionaries(
    {},
    optional={
        "limit": st.sampled_from(["1", "0", "101", "1e1", "\u0661", "9" * 5000]) | anything,
        "cursor": st.sampled_from(["W10", "e30", "WzEsMl0", "bnVsbA", "pm_"]) | anything,
        "other": anything,
    },
)
_PLACE = re.compile(r"\{(\w+)\}")
_path_parts = st.sampled_from(["pay_unknown", "..", "%2e%2e", "x" * 300, " ", "\0"]) | anything


@st.composite
def requests(draw: st.DrawFn, route: str, *, payment_id: str) -> dict[str, Any]:
    """The event that API Gateway makes from a request that it accepted."""
    method, _, resource = route.partition(" ")
    part = draw(st.just(payment_id) | _path_parts)
    name = _PLACE.search(resource)
    path = _PLACE.sub(lambda _: part, resource)
    headers, query = draw(_headers), draw(_queries)
    logged_in = route not in PUBLIC and draw(st.sampled_from([True, True, True, False]))
    claims = claims_of(draw(st.sampled_from([ADA, "bob", "who-never-came-before"])))
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers or None,
        "multiValueHeaders": {name: [value] for name, value in headers.items()} or None,
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {k: [v] for k, v in query.items()} or None,
        "pathParameters": {name[1]: part} if name else None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "requestId": "request-1",
            "authorizer": {"claims": claims} if logged_in else None,
        },
        "body": draw(bodies),
        "isBase64Encoded": draw(st.sampled_from([False, False, False, True])),
    }


@st.composite
def broken_requests(draw: st.DrawFn, route: str, *, payment_id: str) -> dict[str, Any]:
    """Such an event with parts missing, or with values that API Gateway never produces."""
    event = draw(requests(route, payment_id=payment_id))
    for name in draw(st.lists(st.sampled_from(sorted(event)), min_size=1, max_size=3)):
        if draw(st.booleans()):
            event.pop(name, None)
        else:
            event[name] = draw(json_values)
    if draw(st.booleans()) and isinstance(event.get("requestContext"), dict):
        odd = draw(json_values | st.fixed_dictionaries({"sub": json_values}))
        event["requestContext"]["authorizer"] = draw(st.sampled_from([odd, {"claims": odd}]))
    return event


events_of_anything = st.dictionaries(
    st.sampled_from(
        ["httpMethod", "path", "headers", "body", "Records", "detail", "requestContext"]
    )
    | anything,
    json_values,
    max_size=5,
)
