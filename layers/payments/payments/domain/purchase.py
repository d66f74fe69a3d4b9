"""What a person buys from the catalogue, and the payment that it becomes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from payments.domain.actor import Actor
from payments.domain.clock import now
from payments.domain.currency import problem_with
from payments.domain.customer import Customer
from payments.domain.errors import (
    CurrencyNotOfferedError,
    OrderNotPayableError,
    ProductNotFoundError,
    ValidationError,
)
from payments.domain.order_line import LineChange, OrderLine
from payments.domain.payment import Payment
from payments.domain.product import Product

type Products = Mapping[str, Product]
"""The products on sale, by their ids."""


@dataclass(frozen=True, slots=True)
class PurchaseItem:
    """So many of a product. `unit_amount` is the price that the person saw, if the app tells."""

    product_id: str
    quantity: int
    unit_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a person wants to buy, and with which card. Each product is in one item only."""

    items: tuple[PurchaseItem, ...]
    currency: str | None
    payment_method_id: str

    @property
    def product_ids(self) -> list[str]:
        """The products in it."""
        return [item.product_id for item in self.items]

    @property
    def request_hash(self) -> str:
        """A hash of the request, to notice when a key is reused for a different one."""
        items = [[item.product_id, item.quantity, item.unit_amount] for item in self.items]
        request = [items, self.currency, self.payment_method_id]
        return hashlib.sha256(json.dumps(request).encode()).hexdigest()


def new_payment(
    payment_id: str,
    purchase: Purchase,
    *,
    products: Products,
    customer: Customer,
    default_currency: str,
) -> Payment:
    """A pending payment for this purchase at the catalogue's prices.

    Raises:
        ProductNotFoundError: a product is not on sale, and the person has not said what they saw.
        OrderNotPayableError: a product that the person saw is gone, or has another price now.
        CurrencyNotOfferedError: not all products have a price in one currency.
        ValidationError: Stripe would not charge the total.
    """
    currency = _currency_of(purchase, products, default_currency=default_currency)
    changes = list(_changes(purchase, products, currency))
    if changes:
        raise OrderNotPayableError(changes)
    lines = tuple(
        OrderLine(
            product_id=item.product_id,
            description=products[item.product_id].name,
            quantity=item.quantity,
            unit_amount=products[item.product_id].prices[currency],
            amount=products[item.product_id].prices[currency] * item.quantity,
        )
        for item in purchase.items
    )
    amount = sum(line.amount for line in lines)
    problem = problem_with(currency, amount)
    if problem:
        raise ValidationError([("items", f"The total {problem}.")])
    created_at = now()
    return Payment(
        payment_id=payment_id,
        user_id=customer.user_id,
        stripe_customer_id=customer.stripe_customer_id,
        livemode=customer.livemode,
        lines=lines,
        amount=amount,
        currency=currency,
        payment_method_id=purchase.payment_method_id,
        created_by=str(Actor.person(customer.user_id)),
        request_hash=purchase.request_hash,
        created_at=created_at,
        updated_at=created_at,
    )


def _currency_of(purchase: Purchase, products: Products, *, default_currency: str) -> str:
    """The currency to charge: as asked for, or the default one, or the only one of all products."""
    if purchase.currency:
        return purchase.currency
    prices = [products[each].prices for each in purchase.product_ids if each in products]
    offered = sorted(set(prices[0]).intersection(*prices[1:])) if prices else [default_currency]
    if default_currency in offered:
        return default_currency
    if len(offered) == 1:
        return offered[0]
    raise CurrencyNotOfferedError(offered)


def _changes(purchase: Purchase, products: Products, currency: str) -> Iterator[LineChange]:
    """What has changed since the person saw it."""
    for item in purchase.items:
        product = products.get(item.product_id)
        price = product.prices.get(currency) if product else None
        if price is not None:
            if item.unit_amount not in {None, price}:
                yield LineChange(item.product_id, "price", price)
        elif item.unit_amount is not None:
            yield LineChange(item.product_id, "gone")
        elif product is None:
            raise ProductNotFoundError(item.product_id)
        else:
            raise CurrencyNotOfferedError(sorted(product.prices))
