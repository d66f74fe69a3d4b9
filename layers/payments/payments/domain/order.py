"""An order, and the payment that it becomes."""

import hashlib
import json
from dataclasses import dataclass

from payments.domain.clock import now
from payments.domain.currency import problem_with
from payments.domain.customer import Customer
from payments.domain.errors import ValidationError
from payments.domain.payment import Payment
from payments.domain.product import Product


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants to buy, and with which card."""

    product_id: str
    quantity: int
    currency: str | None
    payment_method_id: str

    @property
    def request_hash(self) -> str:
        """A hash of the order, to notice when a key is reused for a different one."""
        request = [self.product_id, self.quantity, self.currency, self.payment_method_id]
        return hashlib.sha256(json.dumps(request).encode()).hexdigest()


def new_payment(
    payment_id: str, order: Order, *, product: Product, customer: Customer, default_currency: str
) -> Payment:
    """A pending payment for this order at the product's price.

    Raises:
        CurrencyNotOfferedError: the product has no price in the currency asked for.
        ValidationError: Stripe would not charge the total.
    """
    currency, unit_amount = product.price_in(order.currency, default_currency=default_currency)
    amount = unit_amount * order.quantity
    problem = problem_with(currency, amount)
    if problem:
        raise ValidationError([("quantity", f"The total {problem}.")])
    created_at = now()
    return Payment(
        payment_id=payment_id,
        user_id=customer.user_id,
        stripe_customer_id=customer.stripe_customer_id,
        livemode=customer.livemode,
        product_id=product.product_id,
        quantity=order.quantity,
        amount=amount,
        currency=currency,
        payment_method_id=order.payment_method_id,
        request_hash=order.request_hash,
        created_at=created_at,
        updated_at=created_at,
    )
