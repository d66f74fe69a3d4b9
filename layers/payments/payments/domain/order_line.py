"""One line of what a payment pays for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line as it was priced, in minor units; `amount` is `quantity` times `unit_amount`.

    `product_id` is None where the merchant's own systems sell what the catalogue does not have.
    """

    description: str
    quantity: int
    unit_amount: int
    amount: int
    product_id: str | None = None


@dataclass(frozen=True, slots=True)
class LineChange:
    """How a line differs from what the person saw.

    change: `price`, and `unit_amount` is the price now; or `gone`: it is not sold any more, at
        least not in this currency.
    """

    product_id: str
    change: str
    unit_amount: int | None = None
