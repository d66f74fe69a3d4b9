"""Signed but odd events, as from an unknown API version: Stripe has to send them again."""

import json
from typing import Any

import pytest

from tests.bad_input.conftest import Shop
from tests.bad_input.test_webhooks import deliver, signed

EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": 1_700_000_000,
    "livemode": False,
    "data": {
        "object": {
            "id": "pi_1",
            "object": "payment_intent",
            "status": "succeeded",
            "client_secret": "pi_1_secret_1",
            "metadata": {"payment_id": "pay_1"},
        }
    },
}


MEMBERS = ("id", "type", "created", "livemode", "data")
MEMBERS_OF_AN_INTENT = ("object", "id", "status", "client_secret")


def about(**members: object) -> dict[str, Any]:
    """The event, with changed members of its intent."""
    return EVENT | {"data": {"object": EVENT["data"]["object"] | members}}


def without(name: str, *, of: dict[str, Any]) -> dict[str, Any]:
    """A mapping without one member."""
    return {key: value for key, value in of.items() if key != name}


ODD: dict[str, object] = {
    "null": None,
    "a list": [],
    "a number": 1,
    "a text": "event",
    "an empty object": {},
    "hardly anything": {"id": "evt_1", "object": "event"},
    "about null": EVENT | {"data": {"object": None}},
    "about a list": EVENT | {"data": {"object": []}},
    "about a text": EVENT | {"data": {"object": "pi_1"}},
    "with data that are none": EVENT | {"data": "pi_1"},
    "with metadata that are none": about(metadata="pay_1"),
    **{f"without {name}": without(name, of=EVENT) for name in MEMBERS},
    **{
        f"about an intent without {name}": EVENT
        | {"data": {"object": without(name, of=EVENT["data"]["object"])}}
        for name in MEMBERS_OF_AN_INTENT
    },
}
NO_JSON = {"nothing": "", "half an object": "{", "deeply nested": "[" * 5000, "a BOM": "\ufeff{}"}
PAYLOADS = {name: json.dumps(odd) for name, odd in ODD.items()} | NO_JSON


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_an_event_that_cannot_be_understood_must_be_sent_again(shop: Shop, payload: str) -> None:
    row = shop.row

    answer = deliver(payload, signed(payload))

    assert answer.status >= 500
    assert answer.code in {"internal_error", "service_unavailable"}
    assert shop.touched.so_far() == []
    assert shop.row == row


@pytest.mark.parametrize(
    "oddity",
    [
        {"type": "payment_intent.invented"},
        {"type": ""},
        {"type": "customer.updated"},  # about an object without a person
        {"livemode": True},
        {"created": -1},
        {"api_version": "2999-01-01.future"},
        {"something": {"new": True}},
    ],
)
def test_an_event_that_is_only_unusual_is_taken(shop: Shop, oddity: dict[str, Any]) -> None:
    payload = json.dumps(EVENT | oddity)

    answer = deliver(payload, signed(payload))

    assert answer.status == 200
    assert shop.touched.so_far() == []


@pytest.mark.parametrize("payment_id", ["pay_unknown", "", "x" * 500, "\0", "\U0001f0a1", 1, None])
def test_an_event_about_a_payment_that_nobody_knows_changes_nothing(
    shop: Shop, payment_id: object
) -> None:
    payload = json.dumps(about(metadata={"payment_id": payment_id}))

    answer = deliver(payload, signed(payload))

    assert answer.status in {200, 503}
    assert shop.touched.so_far() == []
