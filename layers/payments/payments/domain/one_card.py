"""One card once: which of a person's equal cards stays, and who still needs the others.

Two PaymentMethods are the same card if Stripe gives them the same fingerprint.
See https://docs.stripe.com/api/payment_methods/object#payment_method_object-card-fingerprint
"""

from collections.abc import Collection, Iterable

from payments.domain.card import PaymentMethod


def equal_cards(card: PaymentMethod, cards: Iterable[PaymentMethod]) -> list[PaymentMethod]:
    """Those that are the same card, itself included. One without a fingerprint has no equal."""
    return [
        each
        for each in cards
        if each.payment_method_id == card.payment_method_id
        or (each.fingerprint and each.fingerprint == card.fingerprint)
    ]


def the_one_that_stays(
    equal: Iterable[PaymentMethod], saved: Collection[str]
) -> PaymentMethod | None:
    """The one that was saved last; None if none of them is saved.

    Nothing that decides it changes once a card is saved, so all who decide at once agree. Of those
    that were saved at the same moment, it is one that may be charged in the person's absence.
    """
    rivals = [each for each in equal if each.payment_method_id in saved and not each.replaced]
    return max(
        rivals,
        key=lambda each: (each.saved_at, each.usable_off_session, each.payment_method_id),
        default=None,
    )


def replaced_by(
    stays: PaymentMethod, equal: Iterable[PaymentMethod], saved: Collection[str]
) -> list[PaymentMethod]:
    """The cards whose place it takes.

    What is attached and not yet saved is left alone: saving it decides again, with its consent.
    """
    return [
        each
        for each in equal
        if each.payment_method_id != stays.payment_method_id
        and (each.replaced or each.payment_method_id in saved)
    ]
