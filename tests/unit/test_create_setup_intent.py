"""Create setup intent: start saving a card."""

from dataclasses import replace

import pytest

from payments.domain import clock
from payments.domain.consent import TEXT_MAX_LENGTH, WORDING
from payments.domain.errors import SignedOutError
from payments.domain.setup_intent import SetupIntent
from payments.use_cases.create_setup_intent import create_setup_intent
from tests.support.fakes.repositories import FakeCustomers
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, a_customer, a_guard

pytestmark = pytest.mark.usefixtures("ada_is_a_customer")


def test_our_clock_says_when_the_person_agreed(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    before = clock.now()

    intent = create_setup_intent(
        "on_session",
        consent_text="For me.",
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
    )

    assert intent.consent is not None
    assert before <= intent.consent.at <= clock.now()
    assert (intent.consent.usage, intent.consent.text) == ("on_session", "For me.")


@pytest.mark.parametrize("usage", ["on_session", "off_session"])
def test_each_usage_has_words_that_fit(
    stripe: FakeStripe, customers: FakeCustomers, usage: str
) -> None:
    intent = create_setup_intent(
        usage, consent_text=None, user=ADA, stripe=stripe, guard=a_guard(), customers=customers
    )

    assert intent.consent is not None
    assert intent.consent.text == WORDING[usage]
    assert len(WORDING[usage]) <= TEXT_MAX_LENGTH
    assert WORDING["on_session"] != WORDING["off_session"]


def test_a_first_card_makes_the_person_a_customer(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    intent = create_setup_intent(
        "on_session",
        consent_text=None,
        user=BOB,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
    )

    assert intent.stripe_customer_id == customers.rows[BOB.user_id].stripe_customer_id != "cus_ada"
    assert intent.user_id == BOB.user_id


def test_a_customer_that_stripe_has_lost_is_replaced(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    stripe.forget_customer("cus_ada")

    intent = create_setup_intent(
        "on_session",
        consent_text=None,
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
    )

    assert intent.stripe_customer_id == customers.rows[ADA.user_id].stripe_customer_id != "cus_ada"


def test_who_was_logged_out_everywhere_starts_nothing(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    customers.rows[ADA.user_id] = a_customer(signed_out_at="2026-01-02T00:00:00.000Z")
    before = replace(ADA, auth_time=1)

    with pytest.raises(SignedOutError):
        create_setup_intent(
            "on_session",
            consent_text=None,
            user=before,
            stripe=stripe,
            guard=a_guard(),
            customers=customers,
        )

    assert stripe.setup_intents == {}


def test_the_client_secret_does_not_show(stripe: FakeStripe, customers: FakeCustomers) -> None:
    intent = create_setup_intent(
        "on_session",
        consent_text=None,
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
    )

    assert isinstance(intent, SetupIntent)
    assert intent.client_secret not in repr(intent)
