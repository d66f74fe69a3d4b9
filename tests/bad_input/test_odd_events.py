"""Events that are signed and yet odd, as of an API version nobody knew.

Stripe would send them again for days, and they would be as odd then: each is taken, and its outcome
says what became of it.
"""

import json
from typing import Any

import pytest

from tests.bad_input.conftest import Shop
from tests.bad_input.test_webhooks import deliver, signed
from tests.support.gateway import run

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
THIN: dict[str, Any] = {
    "id": "evt_1",
    "object": "v2.core.event",
    "type": "v2.core.account.updated",
    "created": "2026-11-27T05:00:00.000Z",
    "livemode": False,
    "context": None,
    "related_object": {"id": "acct_1", "type": "v2.core.account"},
}


def about(**members: object) -> dict[str, Any]:
    """The event, with changed members of its intent."""
    return EVENT | {"data": {"object": EVENT["data"]["object"] | members}}


def about_another(event_type: str, **members: object) -> dict[str, Any]:
    """An event about another object."""
    return EVENT | {"type": event_type, "data": {"object": {"id": "x_1", **members}}}


def without(name: str, *, of: dict[str, Any]) -> dict[str, Any]:
    """A mapping without one member."""
    return {key: value for key, value in of.items() if key != name}


def about_an_intent_without(name: str) -> dict[str, Any]:
    """The event, whose intent lacks a member."""
    return EVENT | {"data": {"object": without(name, of=EVENT["data"]["object"])}}


NOT_UNDERSTOOD: dict[str, object] = {
    "null": None,
    "a list": [],
    "a number": 1,
    "a text": "event",
    "an empty object": {},
    "hardly anything": {"id": "evt_1", "object": "event"},
    "about null": EVENT | {"data": {"object": None}},
    "about a list": EVENT | {"data": {"object": []}},
    "about a text": EVENT | {"data": {"object": "pi_1"}},
    "about an empty object": EVENT | {"data": {"object": {}}},
    "with data that are none": EVENT | {"data": "pi_1"},
    "with a type that is none": EVENT | {"type": ["payment_intent.succeeded"]},
    "with a mode that is none": EVENT | {"livemode": "false"},
    "about an object of no kind": about(object=None),
    "about an object of a kind that is none": about(object=["payment_intent"]),
    "about an object with an id that is none": about(id=["pi_1"]),
    "thin, of a type that is never thin": THIN | {"type": "payment_intent.succeeded"},
    "about a card, without the card": EVENT | {"type": "payment_method.attached", "data": None},
    **{f"without {name}": without(name, of=EVENT) for name in ("type", "livemode", "data")},
    **{
        f"about an intent without {name}": about_an_intent_without(name)
        for name in ("object", "id")
    },
}
NO_JSON = {"nothing": "", "half an object": "{", "deeply nested": "[" * 5000, "a BOM": "\ufeff{}"}
# Enough is left of these to see whose they are.
NOT_OURS: dict[str, object] = {
    "with metadata that are none": about(metadata="pay_1"),
    "with an object for an id": EVENT | {"id": {"evt": 1}},
    "of no time": EVENT | {"created": None},
    "of a time in words": EVENT | {"created": "2026-11-27T05:00:00.000Z"},
    "of the other mode": EVENT | {"livemode": True},
    "of a connected account": EVENT | {"account": "acct_1"},
    "of a connected account, about nothing": EVENT | {"account": "acct_1", "data": None},
    "of a person without a name": about_another("customer.updated", object="customer"),
    "of an odd person": about_another(
        "customer.updated", object="customer", metadata={"user_id": ["ada"]}
    ),
    "of a charge without an intent": about_another("charge.refunded", object="charge"),
    "of a dispute without an intent": about_another("charge.dispute.created", object="dispute"),
    **{f"without {name}": without(name, of=EVENT) for name in ("id", "created", "object")},
    **{
        f"about an intent without {name}": about_an_intent_without(name)
        for name in ("status", "client_secret", "metadata")
    },
}
UNKNOWN_TYPE: dict[str, object] = {
    "thin": THIN,
    "thin, about something we know": THIN | {"type": "v1.payment_intent.succeeded"},
    "of an unknown type": EVENT | {"type": "payment_intent.invented"},
    "of an unknown type, about nothing": EVENT | {"type": "invoice.paid", "data": None},
    "of an unknown type and a connected account": THIN | {"account": "acct_1"},
}

PAYLOADS = [
    *((name, json.dumps(odd), "not_understood") for name, odd in NOT_UNDERSTOOD.items()),
    *((name, payload, "not_understood") for name, payload in NO_JSON.items()),
    *((name, json.dumps(odd), "not_ours") for name, odd in NOT_OURS.items()),
    *((name, json.dumps(odd), "unknown_type") for name, odd in UNKNOWN_TYPE.items()),
]


def metrics_in(log: str) -> list[tuple[str, list[float]]]:
    """The metrics StripeEvents in a log, by outcome."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [(line["outcome"], line["StripeEvents"]) for line in lines if "StripeEvents" in line]


@pytest.mark.parametrize(
    ("payload", "outcome"),
    [each[1:] for each in PAYLOADS],
    ids=[f"{outcome}: {name}" for name, _, outcome in PAYLOADS],
)
def test_an_odd_event_is_taken_and_changes_nothing(shop: Shop, payload: str, outcome: str) -> None:
    row = shop.row

    with shop.stack.log.captured():
        answer = deliver(payload, signed(payload))

    assert (answer.status, answer.body) == (200, {"outcome": outcome})
    assert shop.touched.so_far() == []
    assert shop.row == row
    assert (outcome, [1.0]) in metrics_in(shop.stack.log.drained())


@pytest.mark.parametrize("detail", [*NOT_UNDERSTOOD.values(), *NOT_OURS.values()])
def test_by_eventbridge_it_is_the_same(shop: Shop, detail: object) -> None:
    expected = "not_ours" if detail in NOT_OURS.values() else "not_understood"

    answer = run("stripe_webhook", {"source": "aws.partner/stripe.com/ed_1", "detail": detail})

    assert answer == {"outcome": expected}
    assert shop.touched.so_far() == []


def test_eventbridge_without_an_event_is_not_understood(shop: Shop) -> None:
    answer = run("stripe_webhook", {"source": "aws.partner/stripe.com/ed_1"})

    assert answer == {"outcome": "not_understood"}
    assert shop.touched.so_far() == []


def test_what_is_not_understood_can_be_found_in_the_log_and_says_nothing_of_the_rest(
    shop: Shop,
) -> None:
    payload = json.dumps(EVENT | {"id": "evt_strange", "data": {"object": "something secret"}})

    with shop.stack.log.captured():
        deliver(payload, signed(payload))

    log = shop.stack.log.drained()
    assert '"event_id":"evt_strange"' in log
    assert "something secret" not in log


@pytest.mark.parametrize(
    "oddity",
    [
        {"status": None},
        {"status": ["requires_confirmation"]},
        {"status": "a_status_of_the_future"},
        {"client_secret": None},
        {"customer": {"id": "cus_1"}},
        {"amount": "1099"},
        {"amount": [1099]},
        {"last_payment_error": "declined"},
        {"last_payment_error": {"code": []}},
        {"latest_charge": {"refunds": {"data": [None]}}},
        {"next_action": []},
    ],
)
def test_an_odd_event_about_a_payment_of_ours_is_a_hint_all_the_same(
    shop: Shop, oddity: dict[str, object]
) -> None:
    row = shop.row
    mine = about(
        **{
            "id": shop.payment["payment_intent_id"],
            "metadata": {"payment_id": shop.payment["payment_id"]},
            **oddity,
        }
    )
    payload = json.dumps(mine)

    answer = deliver(payload, signed(payload))

    assert (answer.status, answer.body) == (200, {"outcome": "known"})
    assert shop.touched.so_far() == []
    assert shop.row == row


@pytest.mark.parametrize(
    "oddity", [{"created": -1}, {"api_version": "2999-01-01.future"}, {"something": {"new": True}}]
)
def test_an_event_that_is_only_unusual_is_taken(shop: Shop, oddity: dict[str, Any]) -> None:
    payload = json.dumps(EVENT | oddity)

    answer = deliver(payload, signed(payload))

    assert (answer.status, answer.body) == (200, {"outcome": "not_ours"})
    assert shop.touched.so_far() == []


@pytest.mark.parametrize(
    "payment_id", ["pay_unknown", "", "x" * 500, "\0", "\U0001f0a1", "\ud800", 1, None]
)
def test_an_event_about_a_payment_that_nobody_knows_changes_nothing(
    shop: Shop, payment_id: object
) -> None:
    payload = json.dumps(about(metadata={"payment_id": payment_id}))

    answer = deliver(payload, signed(payload))

    assert (answer.status, answer.body) == (200, {"outcome": "not_ours"})
    assert shop.touched.so_far() == []


@pytest.mark.parametrize(
    "intent_id",
    ["pi_unknown", "", " ", ".", "..", "../customers/cus_1", "pi_1/../../x", "pi_1?a=b", "x" * 500,
     "\0", "\ud800", 1, {"id": "pi_1"}, None],
)  # fmt: skip
@pytest.mark.parametrize("event_type", ["charge.dispute.created", "refund.failed"])
def test_an_event_about_an_intent_that_nobody_knows_changes_nothing(
    shop: Shop, event_type: str, intent_id: object
) -> None:
    noun = event_type.split(".")[-2]
    payload = json.dumps(about_another(event_type, object=noun, payment_intent=intent_id))

    answer = deliver(payload, signed(payload))

    assert (answer.status, answer.body) == (200, {"outcome": "not_ours"})
    assert shop.touched.so_far() == []


def test_whoever_is_not_stripe_learns_nothing_about_odd_events(shop: Shop) -> None:
    for _, payload, _ in PAYLOADS:
        answer = deliver(payload, signed(payload, "whsec_x"))

        assert (answer.status, answer.code) == (400, "invalid_signature")
    assert shop.touched.so_far() == []
