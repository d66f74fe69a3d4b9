"""Attach: save what a SetupIntent has set up."""

from dataclasses import replace

import pytest

from payments.domain.card import PaymentMethod
from payments.domain.consent import Consent
from payments.domain.customer import User
from payments.domain.errors import (
    PaymentMethodNotFoundError,
    SetupIntentNotFoundError,
    SetupIntentUnfinishedError,
    SignedOutError,
    StripeUnavailableError,
)
from payments.use_cases.attach_set_up_card import attach_set_up_card
from tests.unit.builders import ADA, BOB, a_customer, a_guard
from tests.unit.wallet import Wallet

AGREED = Consent("off_session", "Each month.", "2026-01-02T00:00:00.000Z")


def begun(wallet: Wallet, consent: Consent = AGREED) -> str:
    """A SetupIntent that waits for the browser."""
    intent = wallet.stripe.create_setup_intent("cus_ada", user_id=ADA.user_id, consent=consent)
    return intent.setup_intent_id


def set_up(wallet: Wallet, card: str = "pm_new", consent: Consent = AGREED) -> str:
    """A SetupIntent that the browser has confirmed."""
    setup_intent_id = begun(wallet, consent)
    if card not in wallet.stripe.cards:
        wallet.stripe.has_card(card, of=None)
    wallet.stripe.set_up(setup_intent_id, card)
    wallet.stripe.calls.clear()
    return setup_intent_id


def save(wallet: Wallet, setup_intent_id: str, user: User = ADA) -> tuple[PaymentMethod, bool]:
    """Save its card."""
    return attach_set_up_card(
        setup_intent_id,
        user=user,
        stripe=wallet.stripe,
        guard=a_guard(),
        customers=wallet.customers,
        payments=wallet.payments,
    )


def test_the_consent_is_written_and_then_the_card_is_saved(wallet: Wallet) -> None:
    setup_intent_id = set_up(wallet)
    saved_before: list[set[str]] = []
    wallet.stripe.meanwhile("record_consent", lambda: saved_before.append(wallet.saved))

    card, new = save(wallet, setup_intent_id)

    assert (card.payment_method_id, card.consent, new) == ("pm_new", AGREED, True)
    assert (saved_before, wallet.saved) == ([set()], {"pm_new"})
    assert wallet.stripe.names_of_calls() == ["retrieve_setup_intent", "record_consent"]


def test_saved_again_it_costs_one_look(wallet: Wallet) -> None:
    setup_intent_id = set_up(wallet)
    card, _ = save(wallet, setup_intent_id)
    wallet.stripe.calls.clear()

    assert save(wallet, setup_intent_id) == (card, False)
    assert wallet.stripe.names_of_calls() == ["retrieve_setup_intent"]


def test_an_earlier_consent_does_not_come_back(wallet: Wallet) -> None:
    earlier = Consent("off_session", "Each month.", "2026-01-01T00:00:00.000Z")
    later = Consent("on_session", "Only I.", "2026-01-03T00:00:00.000Z")
    first, second = set_up(wallet, consent=earlier), set_up(wallet, consent=later)

    for setup_intent_id in (first, second, first):
        save(wallet, setup_intent_id)

    assert wallet.card("pm_new").consent == later


def test_a_save_that_was_cut_off_is_finished_and_told_as_new(wallet: Wallet) -> None:
    setup_intent_id = set_up(wallet)
    wallet.stripe.fail_after("record_consent", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        save(wallet, setup_intent_id)
    assert wallet.saved == set()

    card, new = save(wallet, setup_intent_id)

    assert (card.consent, new, wallet.saved) == (AGREED, True, {"pm_new"})


def test_what_the_browser_has_not_finished_saves_nothing(wallet: Wallet) -> None:
    with pytest.raises(SetupIntentUnfinishedError):
        save(wallet, begun(wallet))

    assert wallet.saved == set()


def test_somebody_elses_is_not_found_and_nothing_is_written(wallet: Wallet) -> None:
    wallet.stripe.has_customer(BOB, "cus_bob")
    wallet.customers.rows[BOB.user_id] = a_customer(
        user_id=BOB.user_id, stripe_customer_id="cus_bob"
    )
    setup_intent_id = set_up(wallet)

    with pytest.raises(SetupIntentNotFoundError):
        save(wallet, setup_intent_id, BOB)

    assert wallet.card("pm_new").consent is None
    assert wallet.customers.rows[BOB.user_id].saved_cards == {}


def test_who_has_no_customer_has_no_setup_intent_and_gets_neither(wallet: Wallet) -> None:
    setup_intent_id = set_up(wallet)

    with pytest.raises(SetupIntentNotFoundError):
        save(wallet, setup_intent_id, BOB)

    assert wallet.stripe.calls == []
    assert BOB.user_id not in wallet.customers.rows


def test_a_customer_of_the_other_mode_has_no_setup_intent_here(wallet: Wallet) -> None:
    setup_intent_id = set_up(wallet)
    wallet.customers.rows[ADA.user_id] = replace(wallet.row, livemode=True)

    with pytest.raises(SetupIntentNotFoundError):
        save(wallet, setup_intent_id)

    assert wallet.stripe.calls == []


def test_a_card_that_was_removed_since_stays_so(wallet: Wallet) -> None:
    setup_intent_id = set_up(wallet)
    save(wallet, setup_intent_id)
    wallet.remove("pm_new")

    with pytest.raises(PaymentMethodNotFoundError):
        save(wallet, setup_intent_id)

    assert (wallet.saved, wallet.attached) == (set(), set())


def test_who_was_logged_out_everywhere_saves_nothing(wallet: Wallet) -> None:
    setup_intent_id = set_up(wallet)
    signed_out = replace(wallet.row, signed_out_at="2026-01-02T00:00:00.000Z")
    wallet.customers.rows[ADA.user_id] = signed_out

    with pytest.raises(SignedOutError):
        save(wallet, setup_intent_id, replace(ADA, auth_time=1))

    assert wallet.stripe.calls == []
