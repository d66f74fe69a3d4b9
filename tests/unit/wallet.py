"""Ada's cards: at Stripe, in her row, and what is done with them."""

from dataclasses import replace
from typing import Any

from payments.domain.card import PaymentMethod
from payments.domain.customer import Customer, User
from payments.use_cases.detach_payment_method import detach_payment_method
from payments.use_cases.keep_one_card import keep_one_card
from tests.support.fakes.repositories import FakeCustomers, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, a_customer


class Wallet:
    """Ada is a customer, without cards so far."""

    def __init__(
        self, stripe: FakeStripe, customers: FakeCustomers, payments: FakePayments
    ) -> None:
        self.stripe, self.customers, self.payments = stripe, customers, payments
        stripe.has_customer(ADA)
        customers.rows[ADA.user_id] = a_customer()

    def has(self, payment_method_id: str, *, saved: bool = True, **card: Any) -> str:
        """A card that is attached and, unless said otherwise, saved."""
        fingerprint = card.setdefault("fingerprint", f"of {payment_method_id}")
        self.stripe.has_card(payment_method_id, **card)
        if saved:
            known = {**self.row.saved_cards, payment_method_id: fingerprint}
            self.customers.rows[ADA.user_id] = replace(self.row, saved_cards=known)
        return payment_method_id

    def keep_one(self, payment_method_id: str, customer: Customer | None = None) -> str:
        """Decide about a card that was saved just now; the id of the one that stays."""
        stays = keep_one_card(
            self.card(payment_method_id),
            customer or self.row,
            stripe=self.stripe,
            customers=self.customers,
            payments=self.payments,
        )
        return stays.payment_method_id

    def remove(self, payment_method_id: str, user: User = ADA) -> None:
        """Remove a card."""
        detach_payment_method(
            payment_method_id,
            user=user,
            stripe=self.stripe,
            customers=self.customers,
            payments=self.payments,
        )

    def card(self, payment_method_id: str) -> PaymentMethod:
        """A card, as Stripe shows it."""
        return self.stripe.shown(payment_method_id)

    @property
    def row(self) -> Customer:
        """Her row."""
        return self.customers.rows[ADA.user_id]

    @property
    def saved(self) -> set[str]:
        """The cards in her row."""
        return {*self.row.saved_cards}

    @property
    def attached(self) -> set[str]:
        """Her cards at Stripe."""
        cards = self.stripe.cards.values()
        return {each.payment_method_id for each in cards if each.stripe_customer_id == "cus_ada"}

    @property
    def listed(self) -> set[str]:
        """Those of them that she sees."""
        return {each for each in self.attached if not self.card(each).replaced}

    @property
    def default(self) -> str | None:
        """Her default card at Stripe."""
        return next((each for each in self.attached if self.card(each).default), None)
