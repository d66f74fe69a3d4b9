"""A null where API Gateway can put one, and cursors that are JSON but not ours."""

import base64
import copy
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments import wiring
from tests.bad_input import strategies
from tests.bad_input.conftest import ADA, Shop
from tests.bad_input.test_background_functions import run
from tests.bad_input.test_requests import answer_to, check
from tests.support.api_client import Answer
from tests.support.gateway import Gateway, claims_of, merchants_gateway
from tests.support.routes import MERCHANTS, ROUTES

_SOME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LISTS = [
    route
    for route in ROUTES
    if route.startswith("GET") and "{" not in route and route != "GET /account"
]

# Nulls

_CLAIMS = ("requestContext", "authorizer", "claims")
_PLACES: list[tuple[str, ...]] = [
    *[(name,) for name in ("headers", "multiValueHeaders", "pathParameters", "body", "resource")],
    *[(name,) for name in ("queryStringParameters", "multiValueQueryStringParameters")],
    *[("isBase64Encoded",), ("stageVariables",), ("requestContext", "requestId")],
    *[("requestContext", "authorizer"), _CLAIMS, ("pathParameters", "payment_id")],
    *[(*_CLAIMS, name) for name in ("sub", "email", "name")],
    *[
        (part, name)
        for part in ("headers", "multiValueHeaders")
        for name in (
            *("Content-Type", "Idempotency-Key", "Stripe-Signature", "Origin", "Authorization"),
            *("If-None-Match", "X-Nothing"),
        )
    ],
    *[
        (part, name)
        for part in ("queryStringParameters", "multiValueQueryStringParameters")
        for name in ("limit", "cursor", "q")
    ],
]


def parent_of(event: dict[str, Any], place: Sequence[str]) -> dict[str, Any] | None:
    """The object that a place is in, if the event has it."""
    found: Any = event
    for name in place[:-1]:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def with_nulls(event: dict[str, Any], places: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The event with a null in each of these places."""
    event = copy.deepcopy(event)
    for place in places:
        parent = parent_of(event, place)
        if parent is not None:
            several = place[0].startswith("multi") and len(place) > 1 and len(place[1]) % 2
            parent[place[-1]] = [None] if several else None
    return event


def without(event: dict[str, Any], places: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The event without what is in these places."""
    event = copy.deepcopy(event)
    for place in places:
        parent = parent_of(event, place)
        if parent is not None:
            parent.pop(place[-1], None)
    return event


@pytest.mark.parametrize("route", ROUTES)
@_SOME
@given(data=st.data())
def test_a_null_is_as_good_as_nothing(shop: Shop, route: str, data: st.DataObject) -> None:
    event = data.draw(strategies.requests(route, payment_id=shop.payment["payment_id"]))
    places = data.draw(st.lists(st.sampled_from(_PLACES), min_size=1, max_size=5, unique=True))
    shop.touched.forget()
    with shop.stack.log.captured():
        answer = answer_to(ROUTES[route], with_nulls(event, places))
        touched = shop.touched.so_far()
        same = answer_to(ROUTES[route], without(event, places))

    assert answer.status < 500, answer
    if (*_CLAIMS, "email") not in places:  # without one, Stripe refuses to create a customer
        check(answer, touched)
    if (answer.status, same.status) != (201, 409):  # the second sign-up with one address
        assert face(answer) == face(same)


def face(answer: Answer) -> tuple[int, str | None]:
    """The status of an answer and, if it is a problem, its code."""
    return answer.status, (answer.body or {}).get("code")


# Cursors


def is_not_ours(value: object) -> bool:
    """A cursor of ours is a list of two texts."""
    match value:
        case [str(first), str(second)]:
            return not (first and second)
    return True


def in_base64(value: object) -> str:
    """A value as ours are written."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


_NAMES = st.sampled_from(["user_id", "created_at", "updated_at", "payment_id", "open", "S"])
_TEXTS = st.sampled_from(["ada", "bob", "2026-11-25T12:00:00.000Z", "pay_1", "open", ""])
_keys = st.dictionaries(_NAMES, _TEXTS | st.dictionaries(st.just("S"), _TEXTS), max_size=4)
foreign = (_keys | st.lists(_TEXTS | _keys, max_size=4) | strategies.json_values).filter(
    is_not_ours
)


@pytest.mark.parametrize("route", LISTS)
@_SOME
@given(value=foreign)
def test_a_cursor_that_is_json_but_not_ours_is_refused(
    shop: Shop, route: str, value: object
) -> None:
    method, _, path = route.partition(" ")
    gateway = merchants_gateway() if route in MERCHANTS else Gateway(claims_of(ADA))
    shop.touched.forget()
    with shop.stack.log.captured():
        answer = gateway(method, path, query={"cursor": in_base64(value)})

    assert (answer.status, answer.code) == (422, "validation_error")
    assert [error["field"] for error in answer.body["errors"]] == ["cursor"]
    assert shop.touched.so_far() == []


@_SOME
@given(value=foreign.map(in_base64) | _keys | st.lists(_TEXTS) | st.integers(1, 10**9))
def test_a_bookmark_that_is_json_but_not_ours_does_not_stop_reconciliation(
    shop: Shop, value: object
) -> None:
    lanes = dict.fromkeys(("in_doubt", "unseen", "abandoned", "waiting"), value)
    wiring.bookmarks().save("open-payments", **lanes)
    with shop.stack.log.captured():
        counts = run("reconcile_payments", {"older_than_minutes": 0})

    assert (counts["checked"], counts.get("failed", 0)) == (1, 0)
    shop.touched.forget()
