"""Every request gets a proper answer, whatever is in it, and a refusal touches nothing.

tests/unit/test_app_requests.py tests a small function without a stack;
here it is every function, with everything that it could write to.
"""

import importlib
import json
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bad_input import strategies
from tests.bad_input.conftest import Shop
from tests.model.people import KNOWN_CODES
from tests.support.api_client import Answer
from tests.support.routes import ROUTES

_SOME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# A request with these answers is understood first, so Stripe may have been called.
_UNDERSTOOD = frozenset(
    {"card_declined", "payment_method_not_found", "idempotency_key_reused", "user_exists"}
    | {"password_rejected", "cvc_required", "payment_not_confirmable", "authentication_failed"}
)


def answer_to(step: str, event: dict[str, Any]) -> Answer:
    """A function's answer, which has to be JSON that can be sent."""
    handler = importlib.import_module(f"functions.{step}.handler")
    response = handler.lambda_handler(event, cast("LambdaContext", None))
    json.dumps(response).encode()
    headers = {name: values[0] for name, values in response["multiValueHeaders"].items()}
    return Answer(response["statusCode"], json.loads(response["body"] or "null"), headers)


def check(answer: Answer, touched: list[str]) -> None:
    """A refusal has a code; if the request makes no sense, nothing was touched."""
    if answer.status < 400:
        return
    assert answer.code in KNOWN_CODES | {"internal_error"}
    if 400 <= answer.status < 500 and answer.code not in _UNDERSTOOD:
        assert touched == []


@pytest.mark.parametrize("route", ROUTES)
@_SOME
@given(data=st.data())
def test_every_request_is_answered_properly(shop: Shop, route: str, data: st.DataObject) -> None:
    payment_id = shop.payment["payment_id"]
    event = data.draw(strategies.requests(route, payment_id=payment_id))
    shop.touched.forget()
    with shop.stack.log.captured():
        answer = answer_to(ROUTES[route], event)

    assert answer.status < 500, answer
    check(answer, shop.touched.so_far())


@pytest.mark.parametrize("route", ROUTES)
@_SOME
@given(data=st.data())
def test_an_event_that_api_gateway_never_makes_is_answered_properly_too(
    shop: Shop, route: str, data: st.DataObject
) -> None:
    payment_id = shop.payment["payment_id"]
    broken = strategies.broken_requests(route, payment_id=payment_id)
    event = data.draw(broken | strategies.events_of_anything)
    shop.touched.forget()
    with shop.stack.log.captured():
        answer = answer_to(ROUTES[route], event)

    check(answer, shop.touched.so_far())
