"""Keep one card once: saved again, it takes the place of what was saved before."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from payments.domain.consent import Consent
from payments.domain.errors import (
    PaymentMethodNotFoundError,
    ServiceUnavailableError,
    StripeUnavailableError,
)
from tests.unit.builders import a_payment
from tests.unit.wallet import Wallet

TEN, ELEVEN = "2026-11-27T10:00:00.000Z", "2026-11-27T11:00:00.000Z"


@pytest.fixture
def twice(wallet: Wallet) -> Wallet:
    """Ada has saved a card at ten, and again at eleven."""
    wallet.has("pm_ten", fingerprint="same", created_at=TEN)
    wallet.has("pm_eleven", fingerprint="same", created_at=ELEVEN)
    return wallet


def test_a_card_saved_again_replaces_the_earlier_one(twice: Wallet) -> None:
    twice.has("pm_other")
    assert twice.keep_one("pm_eleven") == "pm_eleven"
    assert twice.attached == twice.saved == {"pm_eleven", "pm_other"}
    assert twice.default is None


def test_the_card_that_is_saved_late_may_be_the_one_that_leaves(twice: Wallet) -> None:
    assert twice.keep_one("pm_ten") == "pm_eleven"
    assert twice.attached == twice.saved == {"pm_eleven"}


def test_the_new_consent_counts(wallet: Wallet) -> None:
    off = Consent(usage="off_session", text="Charge me.", at=TEN)
    on = Consent(usage="on_session", text="Keep it.", at=ELEVEN)
    wallet.has("pm_off", fingerprint="same", consent=off)
    wallet.has("pm_on", fingerprint="same", consent=on)
    assert wallet.keep_one("pm_on") == "pm_on"
    assert wallet.attached == {"pm_on"}


def test_other_cards_stay(wallet: Wallet) -> None:
    wallet.has("pm_1")
    wallet.has("pm_2")
    assert wallet.keep_one("pm_2") == "pm_2"
    assert wallet.attached == wallet.saved == {"pm_1", "pm_2"}


def test_the_default_card_saved_again_stays_the_default(twice: Wallet) -> None:
    twice.stripe.customers["cus_ada"].default = "pm_ten"
    twice.keep_one("pm_eleven")
    assert (twice.attached, twice.default) == ({"pm_eleven"}, "pm_eleven")
    names = twice.stripe.names_of_calls()
    assert names.index("set_default_payment_method") < names.index("detach_payment_method")


def test_a_default_that_is_another_card_stays_so(twice: Wallet) -> None:
    twice.stripe.customers["cus_ada"].default = twice.has("pm_other")
    twice.keep_one("pm_eleven")
    assert twice.default == "pm_other"


@pytest.mark.parametrize("first", ["pm_ten", "pm_eleven"])
@pytest.mark.parametrize("call", ["list_all_payment_methods", "detach_payment_method"])
def test_of_two_saved_at_once_the_same_one_stays_in_either_order(
    twice: Wallet, first: str, call: str
) -> None:
    """While one of them decides, the other one does, too."""
    (second,) = {"pm_ten", "pm_eleven"} - {first}
    twice.has("pm_nine", fingerprint="same", created_at="2026-11-27T09:00:00.000Z")
    twice.stripe.customers["cus_ada"].default = "pm_nine"
    told: list[str] = []
    twice.stripe.meanwhile(call, lambda: told.append(twice.keep_one(second)))
    told.append(twice.keep_one(first))
    assert told == ["pm_eleven", "pm_eleven"]
    assert (twice.attached, twice.saved) == ({"pm_eleven"}, {"pm_eleven"})
    assert twice.default == "pm_eleven"


def test_who_saved_first_and_read_the_row_before_the_other_is_told_what_stays(
    wallet: Wallet,
) -> None:
    """The other one has been saved since, and has taken its place."""
    wallet.has("pm_ten", fingerprint="same", created_at=TEN)
    row = wallet.row
    wallet.has("pm_eleven", fingerprint="same", created_at=ELEVEN)
    wallet.keep_one("pm_eleven")
    assert wallet.keep_one("pm_ten", row) == "pm_eleven"
    assert wallet.attached == {"pm_eleven"}


def test_a_card_that_is_still_being_saved_is_left_alone(wallet: Wallet) -> None:
    """Its consent may be written later, and would decide otherwise."""
    wallet.has("pm_ten", fingerprint="same", created_at=TEN)
    wallet.has("pm_eleven", saved=False, fingerprint="same", created_at=ELEVEN)
    assert wallet.keep_one("pm_ten") == "pm_ten"
    assert wallet.attached == {"pm_ten", "pm_eleven"}


def test_a_default_that_another_decision_took_away_comes_back(twice: Wallet) -> None:
    twice.stripe.customers["cus_ada"].default = "pm_ten"

    def late() -> None:
        twice.stripe.customers["cus_ada"].default = "pm_ten"

    twice.stripe.meanwhile("set_default_payment_method", late)
    twice.keep_one("pm_eleven")
    assert twice.default == "pm_eleven"


def test_a_card_that_is_removed_meanwhile_is_told_as_it_was(wallet: Wallet) -> None:
    wallet.has("pm_ten", fingerprint="same")
    row, card = wallet.row, "pm_ten"
    wallet.remove(card)
    assert wallet.keep_one(card, row) == card
    assert wallet.attached == wallet.saved == set()


def test_what_the_row_names_and_stripe_no_longer_has_is_forgotten(twice: Wallet) -> None:
    twice.stripe.cards["pm_ten"].stripe_customer_id = None
    assert twice.keep_one("pm_eleven") == "pm_eleven"
    assert twice.saved == {"pm_eleven"}


# A card of an open payment


def test_a_card_of_an_open_payment_is_marked_and_stays_for_it(twice: Wallet) -> None:
    twice.payments.put(a_payment(payment_method_id="pm_ten"))
    assert twice.keep_one("pm_eleven") == "pm_eleven"
    assert twice.attached == {"pm_ten", "pm_eleven"}
    assert twice.listed == twice.saved == {"pm_eleven"}
    assert twice.payments.rows["pay_1"].replaced_card == "pm_ten"


def test_deciding_again_changes_nothing(twice: Wallet) -> None:
    twice.payments.put(a_payment(payment_method_id="pm_ten"))
    twice.keep_one("pm_eleven")
    row, calls = twice.payments.rows["pay_1"], len(twice.stripe.calls)
    twice.keep_one("pm_eleven")
    assert twice.payments.rows["pay_1"] == row
    assert twice.stripe.names_of_calls()[calls:] == ["list_all_payment_methods"]


def test_every_payment_that_needs_it_is_told(twice: Wallet) -> None:
    for number in (1, 2):
        twice.payments.put(a_payment(payment_id=f"pay_{number}", payment_method_id="pm_ten"))
    twice.payments.put(a_payment(payment_id="pay_3", payment_method_id="pm_other"))
    twice.payments.put(
        a_payment(payment_id="pay_4", payment_method_id="pm_ten", status="succeeded")
    )
    twice.keep_one("pm_eleven")
    told = {each.payment_id: each.replaced_card for each in twice.payments.rows.values()}
    assert told == {"pay_1": "pm_ten", "pay_2": "pm_ten", "pay_3": None, "pay_4": None}


def test_a_payment_that_ends_meanwhile_keeps_no_card(twice: Wallet) -> None:
    """The index still names it as open."""
    payment = twice.payments.put(a_payment(payment_method_id="pm_ten"))
    over = replace(payment, status="succeeded", version=payment.version + 1)
    twice.payments.before_writes.add(lambda: twice.payments.put(over))
    twice.keep_one("pm_eleven")
    assert twice.attached == {"pm_eleven"}
    assert twice.payments.rows["pay_1"] == over


def test_a_payment_that_keeps_being_written_to_is_tried_again_later(twice: Wallet) -> None:
    payment = twice.payments.put(a_payment(payment_method_id="pm_ten"))
    later = [replace(payment, version=version) for version in range(3, 20)]
    for row in later:
        twice.payments.before_writes.add(partial(twice.payments.put, row))
    with pytest.raises(ServiceUnavailableError):
        twice.keep_one("pm_eleven")
    assert twice.attached == {"pm_ten", "pm_eleven"}


def test_a_payment_holds_one_replaced_card_at_a_time(twice: Wallet) -> None:
    """It was to be paid with another card, which was replaced as well."""
    twice.has("pm_before", saved=False, replaced=True)
    twice.payments.put(a_payment(payment_method_id="pm_ten", replaced_card="pm_before"))
    twice.keep_one("pm_eleven")
    assert twice.attached == {"pm_ten", "pm_eleven"}
    assert twice.payments.rows["pay_1"].replaced_card == "pm_ten"


# Failures


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("call", "held"),
    [
        ("list_all_payment_methods", False),
        ("set_default_payment_method", False),
        ("detach_payment_method", False),
        ("mark_replaced", True),
    ],
)
def test_what_was_cut_off_is_finished_by_deciding_again(
    twice: Wallet, moment: str, call: str, held: bool
) -> None:
    twice.stripe.customers["cus_ada"].default = "pm_ten"
    if held:
        twice.payments.put(a_payment(payment_method_id="pm_ten"))
    fail: Callable[[str, Exception], None] = getattr(twice.stripe, f"fail_{moment}")
    fail(call, StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        twice.keep_one("pm_eleven")
    # When
    assert twice.keep_one("pm_eleven") == "pm_eleven"
    # Then
    assert twice.listed == twice.saved == {"pm_eleven"}
    assert twice.attached == ({"pm_ten", "pm_eleven"} if held else {"pm_eleven"})
    assert twice.default == "pm_eleven"


def test_the_row_that_was_not_written_is_written_the_next_time(twice: Wallet) -> None:
    twice.customers.fail_next_write = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        twice.keep_one("pm_eleven")
    twice.keep_one("pm_eleven")
    assert twice.saved == {"pm_eleven"}


def test_a_customer_whose_cards_keep_vanishing_is_tried_again_later(twice: Wallet) -> None:
    twice.stripe.customers["cus_ada"].default = "pm_ten"
    for _ in range(9):
        twice.stripe.fail_before("set_default_payment_method", PaymentMethodNotFoundError())
    with pytest.raises(ServiceUnavailableError):
        twice.keep_one("pm_eleven")
    assert twice.attached == {"pm_ten", "pm_eleven"}
