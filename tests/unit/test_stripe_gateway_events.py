"""The gateway: events, cancellations, refunds and disputes."""

import json
import time
from typing import Any

import pytest
from stripe import WebhookSignature

from payments.domain.errors import (
    CursorUnknownError,
    CustomerMissingError,
    InvalidSignatureError,
    PaymentRefusedError,
)
from payments.domain.payment_intent import Dispute, Refund
from payments.domain.stripe_event import StripeEvent
from payments.stripe_gateway.gateway import StripeGateway
from payments.stripe_gateway.objects import stripe_event_from_stripe
from tests.support.fakes.stripe_transport import CannedStripe, FakeStripeSecret
from tests.unit.stripe_objects import a_customer_object, a_list_of, an_intent_object

SECRETS = ["whsec_new", "whsec_old"]


def an_event_object(about: dict[str, Any], event_type: str, **changes: Any) -> dict[str, Any]:
    """A StripeEvent about an object."""
    return {
        "id": "evt_1",
        "object": "event",
        "type": event_type,
        "created": 1_767_225_600,
        "livemode": False,
        "data": {"object": about},
        **changes,
    }


PAYLOAD = json.dumps(
    an_event_object(
        an_intent_object(status="succeeded", metadata={"payment_id": "pay_1"}),
        "payment_intent.succeeded",
    )
)


@pytest.fixture
def signed(gateway: StripeGateway) -> StripeGateway:
    """A gateway in the middle of a rotation of its signing secrets."""
    assert isinstance(gateway._secret, FakeStripeSecret)
    gateway._secret.signing_secrets = SECRETS
    return gateway


def sign(payload: str, secret: str, *, age: int = 0) -> str:
    """Stripe's signature header."""
    header: str = WebhookSignature.generate_signature_header(
        payload, secret, int(time.time()) - age
    )
    return header


# Webhooks


@pytest.mark.parametrize("secret", SECRETS)
def test_each_signing_secret_is_accepted(signed: StripeGateway, secret: str) -> None:
    event = signed.verified_event(PAYLOAD.encode(), sign(PAYLOAD, secret))
    assert (event.type, event.payment_intent_id) == ("payment_intent.succeeded", "pi_1")


def test_a_signature_that_does_not_fit_has_the_secrets_read_again(signed: StripeGateway) -> None:
    # Given a rotation that this process has not noticed
    assert isinstance(signed._secret, FakeStripeSecret)
    signed._secret.next_signing_secrets = ["whsec_newest", "whsec_new"]
    # When
    event = signed.verified_event(PAYLOAD.encode(), sign(PAYLOAD, "whsec_newest"))
    # Then
    assert event.payment_intent_id == "pi_1"
    signed.verified_event(PAYLOAD.encode(), sign(PAYLOAD, "whsec_newest"))
    assert signed._secret.refreshes == 1


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=1",
        "v1=abc",
        "t=now,v1=abc",
        "t=1,v1=é",
        sign(PAYLOAD, "whsec_other"),
        sign(PAYLOAD, "whsec_new", age=301),
        sign(PAYLOAD + " ", "whsec_new"),
    ],
)
def test_what_is_not_provably_stripes_and_recent_is_refused(
    signed: StripeGateway, signature: str
) -> None:
    with pytest.raises(InvalidSignatureError):
        signed.verified_event(PAYLOAD.encode(), signature)


def test_bytes_that_are_not_text_are_refused(signed: StripeGateway) -> None:
    with pytest.raises(InvalidSignatureError):
        signed.verified_event(b"\xff\xfe", sign(PAYLOAD, "whsec_new"))


def test_without_a_signing_secret_everything_is_refused(gateway: StripeGateway) -> None:
    with pytest.raises(InvalidSignatureError):
        gateway.verified_event(PAYLOAD.encode(), sign(PAYLOAD, ""))


@pytest.mark.parametrize("payload", ["", "{", "[" * 5000, "null", "[]", "1", '"event"', "{}"])
def test_what_stripe_signed_is_an_event_even_if_nobody_understands_it(
    signed: StripeGateway, payload: str
) -> None:
    event = signed.verified_event(payload.encode(), sign(payload, "whsec_new"))
    assert event == UNREADABLE


# What an event is about

UNREADABLE = StripeEvent(event_id="", type="", created=0, livemode=False, understood=False)


def test_a_dispute_names_its_intent_and_no_payment() -> None:
    dispute = {"id": "du_1", "object": "dispute", "payment_intent": "pi_1", "metadata": {}}
    assert stripe_event_from_stripe(
        an_event_object(dispute, "charge.dispute.created")
    ) == StripeEvent(
        event_id="evt_1",
        type="charge.dispute.created",
        created=1_767_225_600,
        livemode=False,
        object_id="du_1",
        payment_intent_id="pi_1",
    )


def test_a_refunded_charge_names_payment_intent_and_amount() -> None:
    charge = {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": "pi_1",
        "amount_refunded": 99,
    }
    event = stripe_event_from_stripe(an_event_object(charge, "charge.refunded"))
    assert event.payment_intent_id == "pi_1"
    assert event.amount_refunded == 99


def test_a_customer_names_its_person() -> None:
    customer = a_customer_object(metadata={"user_id": "ada"})
    assert stripe_event_from_stripe(an_event_object(customer, "customer.updated")).user_id == "ada"


def test_an_event_of_a_connected_account_says_so() -> None:
    event = an_event_object(an_intent_object(), "payment_intent.created", account="acct_1")
    assert stripe_event_from_stripe(event).connected
    assert not stripe_event_from_stripe(json.loads(PAYLOAD)).connected


def test_a_thin_event_has_an_id_and_a_type_and_no_more() -> None:
    event = {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": "v2.core.account.updated",
        "created": "2026-11-27T05:00:00.000Z",
        "livemode": False,
        "context": None,
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/1"},
    }
    assert stripe_event_from_stripe(event) == StripeEvent(
        event_id="evt_1",
        type="v2.core.account.updated",
        created=0,
        livemode=False,
        understood=False,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"data": None},
        {"data": "pi_1"},
        {"data": {}},
        {"data": {"object": None}},
        {"data": {"object": []}},
        {"data": {"object": "pi_1"}},
        {"data": {"object": {"id": "pi_1"}}},
        {"data": {"object": {"object": "payment_intent"}}},
        {"data": {"object": {"object": ["payment_intent"], "id": "pi_1"}}},
        {"livemode": None},
        {"livemode": "false"},
    ],
)
def test_without_an_object_or_a_mode_an_event_is_not_understood(changes: dict[str, Any]) -> None:
    event = stripe_event_from_stripe(json.loads(PAYLOAD) | changes)
    assert not event.understood
    assert (event.event_id, event.type) == ("evt_1", "payment_intent.succeeded")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": None},
        {"status": ["succeeded"]},
        {"client_secret": {}},
        {"customer": {"id": "cus_ada"}},
        {"amount": [1099]},
        {"last_payment_error": "card_declined"},
        {"last_payment_error": {}},
        {"last_payment_error": {"code": ["card_declined"]}},
        {"latest_charge": {"refunds": {"data": [{"id": "re_1"}]}}},
    ],
)
def test_an_odd_intent_is_a_hint_all_the_same(changes: dict[str, Any]) -> None:
    about = an_intent_object(status="succeeded")
    event = stripe_event_from_stripe(an_event_object(about | changes, "payment_intent.succeeded"))
    assert event.understood
    assert event.payment_intent_id == "pi_1"


@pytest.mark.parametrize("missing", ["status", "client_secret"])
def test_an_intent_that_lacks_something_is_asked_for(missing: str) -> None:
    about = an_intent_object()
    del about[missing]
    event = stripe_event_from_stripe(an_event_object(about, "payment_intent.succeeded"))
    assert (event.understood, event.payment_intent) == (True, None)


@pytest.mark.parametrize(
    "value",
    [None, 1, True, [], {}, "", " ", ".", "../x", "a/b", "a\n", "\0", "é", "\ud800", "x" * 256],
)
def test_what_is_no_id_is_none(value: object) -> None:
    charge = {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": value,
        "amount_refunded": "99",
        "metadata": {"user_id": value},
    }
    event = stripe_event_from_stripe(
        an_event_object(charge, "charge.refunded", id=value, created=True)
    )
    assert event == StripeEvent(
        event_id="", type="charge.refunded", created=0, livemode=False, object_id="ch_1"
    )


def test_eventbridge_brings_the_same_events(gateway: StripeGateway) -> None:
    assert gateway.event_from_eventbridge(json.loads(PAYLOAD)).payment_intent_id == "pi_1"
    assert gateway.event_from_eventbridge(None) == UNREADABLE


# The Events API


def test_events_are_listed_by_type_and_time_a_hundred_at_once(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    event = json.loads(PAYLOAD)
    canned.answers(a_list_of(event, has_more=True))
    page = gateway.list_events(["charge.refunded"], since=1, until=2, cursor="evt_0")
    assert canned.only_request.params == {
        "types[0]": "charge.refunded",
        "created[gte]": "1",
        "created[lt]": "2",
        "limit": "100",
        "starting_after": "evt_0",
    }
    assert [each.event_id for each in page.items] == ["evt_1"]
    assert page.next_cursor == "evt_1"


def test_the_last_page_has_no_cursor(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers(a_list_of())
    assert gateway.list_events([], since=1, until=2, cursor=None).next_cursor is None


@pytest.mark.parametrize(
    "odd",
    [
        None,
        1,
        "evt_2",
        [],
        {},
        {"object": "event"},
        {"object": "v2.core.event", "id": "evt_2", "type": "v2.core.account.updated"},
        {"object": "event", "id": "evt_2", "type": "charge.refunded", "data": {"object": None}},
        {"object": ["event"], "id": ["evt_2"], "type": 1},
    ],
)
def test_an_event_of_a_page_that_cannot_be_read_leaves_the_others(
    gateway: StripeGateway, canned: CannedStripe, odd: Any
) -> None:
    first, last = (json.loads(PAYLOAD) | {"id": name} for name in ("evt_3", "evt_1"))
    canned.answers(a_list_of(first, odd, last, has_more=True))
    page = gateway.list_events([], since=1, until=2, cursor=None)
    assert [event.understood for event in page.items] == [True, False, True]
    assert page.next_cursor == "evt_1"


def test_a_page_ends_at_the_last_event_that_has_an_id(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_list_of(json.loads(PAYLOAD), {}, has_more=True))
    assert gateway.list_events([], since=1, until=2, cursor=None).next_cursor == "evt_1"


def test_a_cursor_that_stripe_no_longer_knows_is_told_as_such(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(400, code="resource_missing", param="starting_after")
    with pytest.raises(CursorUnknownError):
        gateway.list_events([], since=1, until=2, cursor="evt_gone")


@pytest.mark.parametrize(
    ("code", "param", "cursor"),
    [
        ("parameter_invalid_empty", "starting_after", "evt_1"),
        ("resource_missing", "type", "evt_1"),
        ("resource_missing", "starting_after", None),
    ],
)
def test_another_refusal_is_not_the_cursors_fault(
    gateway: StripeGateway, canned: CannedStripe, code: str, param: str, cursor: str | None
) -> None:
    canned.refuses(400, code=code, param=param)
    with pytest.raises(PaymentRefusedError):
        gateway.list_events([], since=1, until=2, cursor=cursor)


def test_one_event_is_retrieved(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers(json.loads(PAYLOAD))
    assert gateway.retrieve_event("evt_1").payment_intent_id == "pi_1"
    assert canned.only_request.path == "/v1/events/evt_1"


# Cancelling


def test_an_abandoned_intent_is_cancelled_as_such(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(an_intent_object(status="canceled"))
    assert gateway.cancel_payment_intent("pi_1").status == "canceled"
    request = canned.only_request
    assert request.path == "/v1/payment_intents/pi_1/cancel"
    assert request.params["cancellation_reason"] == "abandoned"


def test_an_intent_that_can_no_longer_be_cancelled_is_returned_unchanged(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(
        400,
        code="payment_intent_unexpected_state",
        payment_intent=an_intent_object(status="succeeded", latest_charge="ch_1"),
    )
    canned.answers(an_intent_object(status="succeeded"))
    assert gateway.cancel_payment_intent("pi_1").status == "succeeded"


# What happened to the money


def a_charged_intent(**charge: object) -> dict[str, Any]:
    """A paid PaymentIntent with its charge."""
    paid = {"id": "ch_1", "refunds": a_list_of(), "disputed": False, **charge}
    return an_intent_object(status="succeeded", latest_charge=paid)


def a_refund(refund_id: str, amount: int, status: str | None, **changes: Any) -> dict[str, Any]:
    """A refund of the charge."""
    return {"id": refund_id, "object": "refund", "amount": amount, "status": status, **changes}


def test_refunds_are_told_by_the_charge_and_count_once_they_have_succeeded(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given refunds, newest first, and a charge that counts them otherwise
    refunds = a_list_of(
        a_refund("re_5", 5, None),
        a_refund("re_4", 40, "canceled", failure_reason="merchant_request"),
        a_refund("re_3", 300, "failed", failure_reason="expired_or_canceled_card"),
        a_refund("re_2", 2, "pending"),
        a_refund("re_1", 99, "succeeded"),
    )
    canned.answers(a_charged_intent(refunds=refunds, amount_refunded=446))
    # When
    intent = gateway.retrieve_payment_intent("pi_1")
    # Then
    assert (intent.amount_refunded, intent.dispute_status) == (99, None)
    assert intent.refunds == (
        Refund("re_1", 99, "succeeded"),
        Refund("re_2", 2, "pending"),
        Refund("re_3", 300, "failed", "expired_or_canceled_card"),
        Refund("re_4", 40, "canceled", "merchant_request"),
        Refund("re_5", 5, "pending"),
    )
    assert canned.only_request.params == {
        "expand[0]": "latest_charge",
        "expand[1]": "latest_charge.refunds",
    }


def test_more_refunds_than_a_charge_comes_with_are_listed(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    # Given
    newest, middle, oldest = (a_refund(f"re_{n}", n, "succeeded") for n in (3, 2, 1))
    canned.answers(a_charged_intent(refunds=a_list_of(newest, has_more=True)))
    canned.answers(a_list_of(newest, middle, has_more=True))
    canned.answers(a_list_of(oldest))
    # When
    intent = gateway.retrieve_payment_intent("pi_1")
    # Then
    assert [refund.refund_id for refund in intent.refunds] == ["re_1", "re_2", "re_3"]
    assert intent.amount_refunded == 6
    assert [request.path for request in canned.requests[1:]] == ["/v1/refunds"] * 2
    assert canned.requests[1].params == {"payment_intent": "pi_1", "limit": "100"}
    assert canned.requests[2].params["starting_after"] == "re_2"


def test_a_disputed_charge_costs_a_second_call(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_charged_intent(disputed=True))
    canned.answers(a_list_of({"id": "du_1", "object": "dispute", "status": "under_review"}))
    intent = gateway.retrieve_payment_intent("pi_1")
    assert intent.dispute_status == "under_review"
    assert intent.disputes == (Dispute("du_1", "under_review"),)
    assert canned.requests[1].path == "/v1/disputes"
    assert canned.requests[1].params == {"payment_intent": "pi_1", "limit": "100"}


def test_a_dispute_that_we_know_of_is_read_whatever_the_charge_says(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_charged_intent(disputed=False))
    canned.answers(a_list_of({"id": "du_1", "object": "dispute", "status": "warning_closed"}))
    intent = gateway.retrieve_payment_intent("pi_1", disputed=True)
    assert intent.disputes == (Dispute("du_1", "warning_closed"),)


def test_a_charge_that_is_not_disputed_costs_one_call_and_takes_no_inquiry_away(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_charged_intent(disputed=False))
    assert gateway.retrieve_payment_intent("pi_1").disputes is None
    assert canned.only_request.path == "/v1/payment_intents/pi_1"


@pytest.mark.parametrize(
    ("statuses", "weightiest"),
    [
        (["won", "lost"], "lost"),
        (["lost", "needs_response", "won"], "needs_response"),
        (["under_review", "needs_response"], "needs_response"),
        (["warning_closed", "won"], "won"),
        (["warning_needs_response", "lost"], "warning_needs_response"),
        (["needs_response", "something_new"], "something_new"),
        (["prevented"], "prevented"),
    ],
)
def test_of_several_disputes_the_weightiest_counts(
    gateway: StripeGateway, canned: CannedStripe, statuses: list[str], weightiest: str
) -> None:
    disputes = [{"id": f"du_{n}", "status": status} for n, status in enumerate(statuses)]
    canned.answers(a_charged_intent(disputed=True))
    canned.answers(a_list_of(*disputes))
    intent = gateway.retrieve_payment_intent("pi_1")
    assert intent.dispute_status == weightiest
    assert [dispute.status for dispute in intent.disputes or ()] == statuses[::-1]


def test_a_key_that_may_not_read_disputes_costs_them_and_not_the_payment(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_charged_intent(disputed=True))
    canned.refuses(403)
    intent = gateway.retrieve_payment_intent("pi_1")
    assert (intent.status, intent.disputes) == ("succeeded", None)


def test_an_authorization_given_back_is_no_refund(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    refunds = a_list_of(a_refund("re_1", 1099, "succeeded"))
    released = {"id": "ch_1", "amount_refunded": 1099, "refunds": refunds, "disputed": False}
    canned.answers(an_intent_object(status="canceled", latest_charge=released))
    assert gateway.retrieve_payment_intent("pi_1").amount_refunded == 0


# Customers


@pytest.mark.parametrize(
    ("customer", "profile"),
    [
        (a_customer_object(email="ada@example.com", name="Ada"), ("ada@example.com", "Ada")),
        (a_customer_object(email=None, name=None), ("", "")),
        ({"id": "cus_ada", "object": "customer", "deleted": True}, None),
    ],
)
def test_a_customer_has_a_profile_until_it_is_deleted(
    gateway: StripeGateway,
    canned: CannedStripe,
    customer: dict[str, Any],
    profile: tuple[str, str] | None,
) -> None:
    canned.answers(customer)
    assert gateway.retrieve_customer("cus_ada") == profile


def test_a_customer_that_our_key_does_not_see_is_not_called_deleted(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(404, code="resource_missing", param="id")
    with pytest.raises(CustomerMissingError):
        gateway.retrieve_customer("cus_ada")


def test_the_cards_of_a_deleted_customer_say_that_it_is_missing(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(404, code="resource_missing", param="id")
    with pytest.raises(CustomerMissingError):
        gateway.list_payment_methods("cus_ada", limit=1, cursor=None)


def test_stripes_request_log_shows_which_function_called(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(an_intent_object())
    gateway.retrieve_payment_intent("pi_1")
    assert canned.only_request.headers["User-Agent"].endswith(" till/tests")
