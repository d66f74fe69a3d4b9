"""The gateway: events, cancellations, refunds and disputes."""

import json
import time
from typing import Any

import pytest
from stripe import WebhookSignature

from payments.domain.errors import CustomerMissingError, InvalidSignatureError
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
    assert (event.type, event.payment_id) == ("payment_intent.succeeded", "pay_1")


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


# What an event is about


def test_a_dispute_names_its_intent_and_no_payment() -> None:
    dispute = {"id": "du_1", "object": "dispute", "payment_intent": "pi_1", "metadata": {}}
    assert stripe_event_from_stripe(
        an_event_object(dispute, "charge.dispute.created")
    ) == StripeEvent(
        event_id="evt_1",
        type="charge.dispute.created",
        created=1_767_225_600,
        livemode=False,
        payment_intent_id="pi_1",
    )


def test_a_refunded_charge_names_payment_intent_and_amount() -> None:
    charge = {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": "pi_1",
        "amount_refunded": 99,
        "metadata": {"payment_id": "pay_1"},
    }
    event = stripe_event_from_stripe(an_event_object(charge, "charge.refunded"))
    assert (event.payment_id, event.payment_intent_id) == ("pay_1", "pi_1")
    assert event.amount_refunded == 99


def test_a_customer_names_its_person() -> None:
    customer = a_customer_object(metadata={"user_id": "ada"})
    assert stripe_event_from_stripe(an_event_object(customer, "customer.updated")).user_id == "ada"


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
    paid = {"id": "ch_1", "amount_refunded": 0, "disputed": False, **charge}
    return an_intent_object(status="succeeded", latest_charge=paid)


def test_a_refund_shows_in_the_charge(gateway: StripeGateway, canned: CannedStripe) -> None:
    canned.answers(a_charged_intent(amount_refunded=99))
    intent = gateway.retrieve_payment_intent("pi_1")
    assert (intent.amount_refunded, intent.dispute_status) == (99, None)
    assert canned.only_request.params == {"expand[0]": "latest_charge"}


def test_a_disputed_charge_costs_a_second_call(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.answers(a_charged_intent(disputed=True))
    canned.answers(a_list_of({"id": "du_1", "object": "dispute", "status": "under_review"}))
    assert gateway.retrieve_payment_intent("pi_1").dispute_status == "under_review"
    assert canned.requests[1].params == {"charge": "ch_1", "limit": "1"}


def test_an_authorization_given_back_is_no_refund(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    released = {"id": "ch_1", "amount_refunded": 1099, "disputed": False}
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


def test_a_customer_that_never_existed_has_none_either(
    gateway: StripeGateway, canned: CannedStripe
) -> None:
    canned.refuses(404, code="resource_missing", param="id")
    assert gateway.retrieve_customer("cus_ada") is None


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
