"""Everything that is kept of a person."""

from dataclasses import dataclass, field

from payments.domain.card import PaymentMethod
from payments.domain.customer import CustomerRow
from payments.domain.order import Order
from payments.domain.payment import Payment
from payments.domain.person import Person


@dataclass(frozen=True, slots=True)
class Export:
    """A person, their row and cards, and a page of their payments and orders, newest first.

    Orders come after the last payments; `next_cursor` continues with either.
    """

    person: Person
    row: CustomerRow | None = field(repr=False)
    requested_at: str | None
    payment_methods: list[PaymentMethod]
    payments: list[Payment]
    orders: list[Order]
    next_cursor: str | None
