"""The domain: what a payment is, in our words and Stripe's nouns.

Amounts are integers in the currency's minor unit: 1099 is €10.99, and ¥1099.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from payments.errors import CurrencyNotOfferedError, ValidationError

# Stripe forgets an idempotency key after 24 hours at the earliest; an hour less is on the safe
# side of two clocks. https://docs.stripe.com/api/idempotent_requests
STRIPE_REMEMBERS_KEYS_FOR = timedelta(hours=23)

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
MAX_AMOUNT = 99_999_999

PENDING = "pending"
FINAL_STATUSES = frozenset({"succeeded", "canceled"})
CANCELABLE_STATUSES = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action"}
)

# How a dispute ended, in a payment's history; any other status of a dispute is "disputed".
# https://docs.stripe.com/api/disputes/object
_ENDED_DISPUTES = {
    "won": "dispute_won",
    "lost": "dispute_lost",
    "prevented": "dispute_closed",
    "warning_closed": "dispute_closed",
}


def now() -> str:
    """The present moment as ISO 8601 in UTC, to the millisecond: it sorts as text."""
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    """A moment in the form of `now`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    """The Stripe Customer of a user, of one mode: a test customer is never used with a live key.

    `deleted` says that Stripe no longer has it; the person's next step creates another one.
    """

    user_id: str
    stripe_customer_id: str
    livemode: bool
    email: str
    name: str
    created_at: str
    deleted: bool = False
    version: int = 1


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
    """A PaymentIntent as Stripe told it at one moment. `client_secret` is for its owner only.

    What became of the money afterwards belongs to it: `amount_refunded` is in minor units, and
    `dispute_status` is that of the latest dispute, if there ever was one. `payment_id` is our
    metadata on it.
    """

    payment_intent_id: str
    status: str
    client_secret: str
    payment_method_id: str | None
    next_action: Mapping[str, object] | None
    last_payment_error: LastPaymentError | None
    amount_refunded: int = 0
    dispute_status: str | None = None
    payment_id: str | None = None

    def __repr__(self) -> str:
        return f"PaymentIntent({self.payment_intent_id}, {self.status})"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One line of a payment's history: when, from what to what, and who noticed.

    Statuses are those of a PaymentIntent, and after `succeeded` what became of the money:
    `partially_refunded`, `refunded`, `refund_failed`, `disputed`, `dispute_won`, `dispute_lost`,
    `dispute_closed`. `by` is the step that wrote it: `create`, `confirm`, `get`, `webhook`,
    `reconcile`, `replay`.
    """

    at: str
    from_status: str
    to_status: str
    by: str


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
    amount_refunded: int = 0
    dispute_status: str | None = None
    cvc_recollected: bool = False
    history: tuple[StatusChange, ...] = ()
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
            and self.amount_refunded == intent.amount_refunded
            and self.dispute_status == intent.dispute_status
            and (intent.payment_method_id in {None, self.payment_method_id})
        )

    def after(self, intent: PaymentIntent, *, by: str) -> "Payment":
        """The row that says what Stripe says, one version on."""
        at = now()
        return replace(
            self,
            status=intent.status,
            payment_intent_id=intent.payment_intent_id,
            payment_method_id=intent.payment_method_id or self.payment_method_id,
            last_payment_error=intent.last_payment_error,
            amount_refunded=intent.amount_refunded,
            dispute_status=intent.dispute_status,
            cvc_recollected=self._recollected_after(intent),
            history=(*self.history, *self._changes_to(intent, at=at, by=by)),
            version=self.version + 1,
            updated_at=at,
        )

    def _recollected_after(self, intent: PaymentIntent) -> bool:
        """Whether the attempt under way at Stripe already has its CVC.

        A challenge starts only after a confirmation that carried one; the attempt then passes
        through `requires_confirmation` once more, and a refusal ends it.
        """
        if intent.status == "requires_confirmation":
            return self.cvc_recollected
        return intent.status != "requires_payment_method"

    def _changes_to(self, intent: PaymentIntent, *, at: str, by: str) -> Iterator[StatusChange]:
        """The lines that the history gains. What was missed together is told one by one."""
        status = self.history[-1].to_status if self.history else self.status
        for new_status in self._new_statuses(intent):
            yield StatusChange(at=at, from_status=status, to_status=new_status, by=by)
            status = new_status

    def _new_statuses(self, intent: PaymentIntent) -> Iterator[str]:
        if intent.status != self.status:
            yield intent.status
        if intent.amount_refunded < self.amount_refunded:
            yield "refund_failed"
        elif intent.amount_refunded > self.amount_refunded:
            yield "refunded" if intent.amount_refunded >= self.amount else "partially_refunded"
        disputed = _in_history(intent.dispute_status)
        if disputed and disputed != _in_history(self.dispute_status):
            yield disputed


def _in_history(dispute_status: str | None) -> str | None:
    """What the history calls a dispute of this status."""
    return _ENDED_DISPUTES.get(dispute_status, "disputed") if dispute_status else None


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
class Event:
    """What Stripe told us to look at: a hint, which the object itself has to confirm.

    `created` is in seconds since 1970. Of the object it is about: `payment_id` and `user_id` are
    our metadata on it; `payment_intent` is how a PaymentIntent was at that moment, and
    `amount_refunded` (in minor units) how much of a charge had been given back.
    """

    event_id: str
    type: str
    created: int
    livemode: bool
    payment_id: str | None = None
    payment_intent_id: str | None = None
    user_id: str | None = None
    payment_intent: PaymentIntent | None = None
    amount_refunded: int | None = None


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
