"""Stripe's events save a card, if the browser or our own answer was lost."""

from dataclasses import replace

from payments.domain.consent import Consent
from payments.domain.stripe_event import EventOutcome, StripeEvent
from payments.recorder import Recorder
from payments.use_cases.stripe_webhook import stripe_webhook
from tests.support.fakes.repositories import FakeCustomers, FakeLimits
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, a_customer, an_event

CONSENT = Consent("off_session", "My coffee, every month.", "2026-01-01T00:00:00.000Z")


def set_up(stripe: FakeStripe, customers: FakeCustomers, **changes: object) -> StripeEvent:
    """The browser has set up a card, and Stripe tells of it."""
    stripe.has_customer(ADA)
    customers.rows[ADA.user_id] = a_customer()
    stripe.has_card("pm_new", of=None)
    intent = stripe.create_setup_intent("cus_ada", user_id=ADA.user_id, consent=CONSENT)
    stripe.set_up(intent.setup_intent_id, "pm_new")
    about = {"object_id": intent.setup_intent_id, "user_id": ADA.user_id, "stack": stripe.stack}
    return an_event("setup_intent.succeeded", payment_intent_id=None, **about | changes)


def test_a_card_is_saved_whose_browser_did_not_come_back(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    event = set_up(stripe, customers)

    assert stripe_webhook(event, recorder) is EventOutcome.RECORDED

    assert customers.rows[ADA.user_id].saved_cards == {"pm_new": "of pm_new"}
    assert stripe.shown("pm_new").consent == CONSENT
    assert stripe_webhook(event, recorder) is EventOutcome.KNOWN


def test_a_card_that_another_stack_set_up_is_not_ours(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    event = set_up(stripe, customers, stack="somebody-elses")

    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS
    assert customers.rows[ADA.user_id].saved_cards == {}


def test_a_save_that_was_cut_off_after_the_consent_is_finished_by_either_event(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    set_up(stripe, customers)
    stripe.record_consent("pm_new", CONSENT)
    attached = an_event("payment_method.attached", payment_intent_id=None, object_id="pm_new")

    assert stripe_webhook(attached, recorder) is EventOutcome.RECORDED

    assert customers.rows[ADA.user_id].saved_cards == {"pm_new": "of pm_new"}


def test_a_card_that_is_still_being_set_up_waits_for_its_consent(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    set_up(stripe, customers)
    attached = an_event("payment_method.attached", payment_intent_id=None, object_id="pm_new")

    assert stripe_webhook(attached, recorder) is EventOutcome.NOT_KEPT

    assert customers.rows[ADA.user_id].saved_cards == {}


def test_a_card_that_was_removed_since_is_not_saved_by_its_event(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    event = set_up(stripe, customers)
    stripe.detach_payment_method("pm_new")

    assert stripe_webhook(event, recorder) is EventOutcome.NOT_OURS

    assert customers.rows[ADA.user_id].saved_cards == {}


def test_a_setup_intent_that_was_declined_three_times_is_cancelled(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    event = replace(set_up(stripe, customers), type="setup_intent.setup_failed")
    stripe.setup_intents["seti_1"] = replace(
        stripe.setup_intents["seti_1"], status="requires_payment_method"
    )
    for number in (1, 2, 2, 3):
        assert stripe.setup_intents["seti_1"].status == "requires_payment_method"
        outcome = stripe_webhook(replace(event, event_id=f"evt_{number}"), recorder)
        assert outcome is EventOutcome.RECORDED
    assert stripe.setup_intents["seti_1"].status == "canceled"


def test_a_decline_at_another_stacks_setup_intent_is_not_ours(
    recorder: Recorder, stripe: FakeStripe, customers: FakeCustomers, limits: FakeLimits
) -> None:
    event = set_up(stripe, customers, stack="somebody-elses")
    failed = replace(event, type="setup_intent.setup_failed")
    assert stripe_webhook(failed, recorder) is EventOutcome.NOT_OURS
    assert limits.calls == []
