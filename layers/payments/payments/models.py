"""The domain: what a payment is, in our words and Stripe's nouns.

Amounts are integers in the currency's minor unit: 1099 is €10.99, and ¥1099.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from payments.errors import CurrencyNotOfferedError, ValidationError

# Stripe forgets an idempotency key after 24 hours at the earliest; an hour less is on the safe
# side of two clocks. https://docs.stripe.com/api/idempotent_requests
STRIPE_REMEMBERS_KEYS_FOR = timedelta(hours=23)

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
MAX_AMOUNT = 99_999_999

PENDING = "pending"
FINAL_STATUSES = frozenset({"succeeded", "canceled"})


def now() -> str:
    """The present moment as ISO 8601 in UTC, to the millisecond: it sorts as text."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class User:
    """A person, as the user pool knows them. `user_id` is the Cognito `sub`."""

    user_id: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person tells us when they sign up. Never log it: it holds the password."""

    email: str
    password: str
    name: str
    phone: str | None = None
    birthdate: str | None = None
    gender: str | None = None

    def __repr__(self) -> str:
        return "Registration(…)"


@dataclass(frozen=True, slots=True)
class Customer:
    """The Stripe Customer of a user, of one mode: a test customer is never used with a live key."""

    user_id: str
    stripe_customer_id: str
    livemode: bool
    email: str
    name: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something for sale; `prices` maps a lower-case currency to an amount in minor units."""

    product_id: str
    name: str
    description: str
    image_url: str | None
    prices: Mapping[str, int]

    def price_in(self, currency: str | None, *, default_currency: str) -> tuple[str, int]:
        """The currency and unit amount to charge.

        Without a wish the default currency serves, or the only one there is.

        Raises:
            CurrencyNotOfferedError: the product has no price in that currency.
        """
        wanted = currency or default_currency
        if currency is None and len(self.prices) == 1:
            (wanted,) = self.prices
        if wanted not in self.prices:
            raise CurrencyNotOfferedError(sorted(self.prices))
        return wanted, self.prices[wanted]


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks to buy, and with which card."""

    product_id: str
    quantity: int
    currency: str | None
    payment_method_id: str

    @property
    def request_hash(self) -> str:
        """The same for the same request, so that a key used for another one is noticed."""
        request = [self.product_id, self.quantity, self.currency, self.payment_method_id]
        return hashlib.sha256(json.dumps(request).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LastPaymentError:
    """Why the last attempt failed, in Stripe's words, which are fit for the cardholder."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A PaymentIntent as Stripe told it at one moment. `client_secret` is for its owner only."""

    payment_intent_id: str
    status: str
    client_secret: str
    payment_method_id: str | None
    next_action: Mapping[str, object] | None
    last_payment_error: LastPaymentError | None

    def __repr__(self) -> str:
        return f"PaymentIntent({self.payment_intent_id}, {self.status})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Our row: what was asked for, and a versioned copy of what Stripe says of it."""

    payment_id: str
    user_id: str
    stripe_customer_id: str
    livemode: bool
    product_id: str
    quantity: int
    amount: int
    currency: str
    payment_method_id: str
    request_hash: str
    created_at: str
    updated_at: str
    status: str = PENDING
    payment_intent_id: str | None = None
    last_payment_error: LastPaymentError | None = None
    cvc_recollected: bool = False
    version: int = 1

    @property
    def is_final(self) -> bool:
        """Whether no confirmation can change it any more."""
        return self.status in FINAL_STATUSES

    @property
    def stripe_may_have_forgotten(self) -> bool:
        """Whether Stripe may no longer replay what was created under this payment's key."""
        age = datetime.now(UTC) - datetime.fromisoformat(self.created_at)
        return age > STRIPE_REMEMBERS_KEYS_FOR

    def reflects(self, intent: PaymentIntent) -> bool:
        """Whether the row already says what Stripe says."""
        return (
            self.payment_intent_id == intent.payment_intent_id
            and self.status == intent.status
            and self.last_payment_error == intent.last_payment_error
            and (intent.payment_method_id in {None, self.payment_method_id})
        )

    def recollected_after(self, intent: PaymentIntent) -> bool:
        """Whether the attempt under way at Stripe already has its CVC.

        A challenge starts only after a confirmation that carried one; the attempt then passes
        through `requires_confirmation` once more, and a refusal ends it.
        """
        if intent.status == "requires_confirmation":
            return self.cvc_recollected
        return intent.status != "requires_payment_method"


def payment_id_for(user_id: str, idempotency_key: str, *, livemode: bool) -> str:
    """The id of the payment that this person starts with this key, always the same."""
    mode = "live" if livemode else "test"
    digest = hashlib.sha256(f"{mode}:{user_id}:{idempotency_key}".encode()).hexdigest()
    return f"pay_{digest[:32]}"


def new_payment(
    payment_id: str, order: Order, *, product: Product, customer: Customer, default_currency: str
) -> Payment:
    """A pending payment for this order at the product's price.

    Raises:
        CurrencyNotOfferedError: the product has no price in the currency asked for.
        ValidationError: the total is more than Stripe can charge at once.
    """
    currency, unit_amount = product.price_in(order.currency, default_currency=default_currency)
    amount = unit_amount * order.quantity
    if amount > MAX_AMOUNT:
        raise ValidationError([("quantity", "The total is more than can be charged at once.")])
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


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A saved card: what may be shown of it, never its number."""

    payment_method_id: str
    type: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    cardholder_name: str | None
    created_at: str

    @property
    def expired(self) -> bool:
        """A card is good until the end of its month."""
        today = datetime.now(UTC)
        return (self.exp_year, self.exp_month) < (today.year, today.month)


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Some items and, if there are more, the cursor that continues after them."""

    items: list[Item]
    next_cursor: str | None
