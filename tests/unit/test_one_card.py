"""One card once: which of equal cards stays."""

from itertools import permutations
from typing import Any

import pytest

from payments.domain.card import PaymentMethod
from payments.domain.consent import Consent
from payments.domain.one_card import equal_cards, replaced_by, the_one_that_stays
from tests.unit.builders import a_payment_method

TEN = "2026-11-27T10:00:00.000Z"
ELEVEN = "2026-11-27T11:00:00.000Z"
NOON = "2026-11-27T12:00:00.000Z"


def a_card(payment_method_id: str, created_at: str = TEN, **changes: Any) -> PaymentMethod:
    """One of a person's cards, with the fingerprint `same`."""
    return a_payment_method(
        **{
            "payment_method_id": payment_method_id,
            "created_at": created_at,
            "fingerprint": "same",
            **changes,
        }
    )


def consent(at: str, usage: str = "on_session") -> Consent:
    """What the person agreed to, and when."""
    return Consent(usage=usage, text="You may keep my card.", at=at)


def stays(*cards: PaymentMethod, saved: set[str] | None = None) -> str | None:
    """The id of the card that stays, whatever the order in which Stripe lists them."""
    known = {each.payment_method_id for each in cards} if saved is None else saved
    found = [the_one_that_stays(order, known) for order in permutations(cards)]
    (chosen,) = {each.payment_method_id if each else None for each in found}
    return chosen


def test_cards_with_the_same_fingerprint_are_equal() -> None:
    one, other = a_card("pm_1"), a_card("pm_2", fingerprint="another")
    again = a_card("pm_3")
    assert equal_cards(one, [other, again, one]) == [again, one]


def test_a_card_without_a_fingerprint_equals_only_itself() -> None:
    one, other = a_card("pm_1", fingerprint=None), a_card("pm_2", fingerprint=None)
    assert equal_cards(one, [one, other]) == [one]


def test_the_card_that_was_saved_last_stays() -> None:
    assert stays(a_card("pm_9", TEN), a_card("pm_1", ELEVEN)) == "pm_1"


def test_the_consent_says_when_a_card_was_saved() -> None:
    earlier = a_card("pm_9", NOON, consent=consent(TEN, "off_session"))
    later = a_card("pm_1", TEN, consent=consent(ELEVEN))
    assert stays(earlier, later) == "pm_1"
    assert stays(a_card("pm_9", ELEVEN), a_card("pm_1", TEN, consent=consent(NOON))) == "pm_1"


def test_of_two_at_the_same_moment_the_one_for_charges_in_absence_stays() -> None:
    on, off = consent(TEN), consent(TEN, "off_session")
    assert stays(a_card("pm_9", consent=on), a_card("pm_1", consent=off)) == "pm_1"


def test_otherwise_the_id_decides() -> None:
    assert stays(a_card("pm_9"), a_card("pm_1"), a_card("pm_5")) == "pm_9"


def test_what_is_not_saved_yet_does_not_stay_in_the_place_of_what_is() -> None:
    assert stays(a_card("pm_9", NOON), a_card("pm_1", TEN), saved={"pm_1"}) == "pm_1"
    assert stays(a_card("pm_9"), saved=set()) is None


def test_what_was_replaced_does_not_come_back() -> None:
    assert stays(a_card("pm_9", NOON, replaced=True), a_card("pm_1")) == "pm_1"


@pytest.mark.parametrize(
    ("other", "saved", "replaced"),
    [
        (a_card("pm_2"), {"pm_1", "pm_2"}, True),
        (a_card("pm_2", replaced=True), {"pm_1"}, True),  # what stayed for a payment
        (a_card("pm_2"), {"pm_1"}, False),  # it is being saved: that decides again
    ],
)
def test_what_is_replaced(other: PaymentMethod, saved: set[str], replaced: bool) -> None:
    one = a_card("pm_1")
    assert replaced_by(one, [other, one], saved) == ([other] if replaced else [])
