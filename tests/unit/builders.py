"""Small builders: a test names only the values that matter to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from payments.domain.card import PaymentMethod
from payments.domain.clock import timestamp
from payments.domain.customer import Customer, Registration, User
from payments.domain.limits import Limits
from payments.domain.order import Order
from payments.domain.order_line import OrderLine
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.domain.product import Product
from payments.domain.purchase import Purchase, PurchaseItem
from payments.domain.stripe_event import StripeEvent
from payments.guard import Guard
from tests.support.fakes.repositories import FakeLimits

if TYPE_CHECKING:
    from tests.support.fakes.repositories import FakePayments
    from tests.support.fakes.stripe_gateway import FakeStripe

ADA = User(user_id="ada", email="ada@example.com", name="Ada Lovelace")
BOB = User(user_id="bob", email="bob@example.com", name="Bob Byrne")

ACCOUNT = "acct_till"
LONG_AGO = "2020-01-01T00:00:00.000Z"
FAR_FUTURE = "2999-01-01T00:00:00.000Z"


def a_registration(**changes: Any) -> Registration:
    """Ada's entries on the sign-up form."""
    return Registration(
        **{
            "email": ADA.email,
            "password": "Analytical-Engine-1",
            "name": ADA.name,
            **changes,
        }
    )


BILLING_DETAILS: dict[str, object] = {
    "name": ADA.name,
    "email": None,
    "phone": None,
    "address": dict.fromkeys(["line1", "line2", "city", "state", "postal_code", "country"]),
}


def a_customer(**changes: Any) -> Customer:
    """Ada's row in the Customers table, in test mode."""
    return Customer(
        **{
            "user_id": ADA.user_id,
            "stripe_customer_id": "cus_ada",
            "livemode": False,
            "email": ADA.email,
            "name": ADA.name,
            "created_at": LONG_AGO,
            **changes,
        }
    )


def a_product(**changes: Any) -> Product:
    """Coffee, sold in two currencies."""
    return Product(
        **{
            "product_id": "coffee",
            "name": "Coffee",
            "description": "A bag of beans.",
            "image_url": None,
            "prices": {"eur": 1099, "jpy": 1800},
            **changes,
        }
    )


def an_item(**changes: Any) -> PurchaseItem:
    """One bag of coffee, at whatever it costs."""
    return PurchaseItem(**{"product_id": "coffee", "quantity": 1, **changes})


def a_purchase(*items: PurchaseItem, **changes: Any) -> Purchase:
    """One bag of coffee, or these."""
    return Purchase(
        **{
            "items": items or (an_item(),),
            "currency": None,
            "payment_method_id": "pm_card",
            **changes,
        }
    )


def a_line(**changes: Any) -> OrderLine:
    """One bag of coffee; the amount follows from the quantity and the price."""
    line = {
        "product_id": "coffee",
        "description": "Coffee",
        "quantity": 1,
        "unit_amount": 1099,
        **changes,
    }
    return OrderLine(**{"amount": line["quantity"] * line["unit_amount"], **line})


def a_payment(**changes: Any) -> Payment:
    """Ada's payment for coffee, whose intent was created and not yet confirmed."""
    amount = changes.get("amount", 1099)
    return Payment(
        **{
            "payment_id": "pay_1",
            "user_id": ADA.user_id,
            "stripe_customer_id": "cus_ada",
            "livemode": False,
            "lines": (a_line(unit_amount=amount),),
            "amount": 1099,
            "currency": "eur",
            "payment_method_id": "pm_card",
            "request_hash": a_purchase().request_hash,
            "created_at": FAR_FUTURE,
            "updated_at": FAR_FUTURE,
            "status": "requires_confirmation",
            "payment_intent_id": "pi_1",
            "account_id": ACCOUNT,
            "amount_received": amount if changes.get("status") == "succeeded" else 0,
            "cvc_recollected": changes.get("status") in {"succeeded", "canceled"},
            "version": 2,
            **changes,
        }
    )


def a_pending_payment(**changes: Any) -> Payment:
    """A payment that was written down, and of which Stripe may know nothing."""
    pending = {"status": "pending", "payment_intent_id": None, "account_id": None, "version": 1}
    return a_payment(**pending | changes)


def an_intent(**changes: Any) -> PaymentIntent:
    """The payment intent of `a_payment`."""
    amount = changes.get("amount", 1099)
    return PaymentIntent(
        **{
            "payment_intent_id": "pi_1",
            "status": "requires_confirmation",
            "client_secret": "pi_1_secret_of_ada",
            "payment_method_id": "pm_card",
            "next_action": None,
            "last_payment_error": None,
            "payment_id": "pay_1",
            "stripe_customer_id": "cus_ada",
            "amount": amount,
            "currency": "eur",
            "livemode": False,
            "amount_received": amount if changes.get("status") == "succeeded" else 0,
            **changes,
        }
    )


def an_event(event_type: str, **changes: Any) -> StripeEvent:
    """An event about `a_payment`, from one minute after the start of 2026."""
    return StripeEvent(
        **{
            "event_id": "evt_1",
            "type": event_type,
            "created": 1767225660,
            "livemode": False,
            "payment_intent_id": "pi_1",
            **changes,
        }
    )


def a_payment_method(**changes: Any) -> PaymentMethod:
    """A saved card that is valid for a long time."""
    return PaymentMethod(
        **{
            "payment_method_id": "pm_card",
            "type": "card",
            "brand": "visa",
            "last4": "4242",
            "exp_month": 12,
            "exp_year": 2999,
            "cardholder_name": ADA.name,
            "created_at": LONG_AGO,
            "billing_details": BILLING_DETAILS,
            **changes,
        }
    )


def ago(**duration: float) -> str:
    """A time in the past."""
    return timestamp(datetime.now(UTC) - timedelta(**duration))


def an_open_payment(stripe: "FakeStripe", payments: "FakePayments", **changes: object) -> Payment:
    """A payment that nobody has written to for an hour."""
    payment = payments.put(a_payment(**{"updated_at": ago(hours=1), **changes}))
    stripe.has_intent(payment)
    return payment


def an_order(**changes: Any) -> Order:
    """An open order of Ada's: 2 x 10.99, tax and delivery, less a discount."""
    order = Order(
        order_id="ord_1",
        order_reference="R-1001",
        user_id=ADA.user_id,
        livemode=False,
        currency="eur",
        lines=(a_line(quantity=2),),
        tax_amount=200,
        shipping_amount=490,
        discount_amount=100,
        total=2788,
        expires_at="2100-01-01T00:00:00.000Z",
        request_hash="hash",
        created_by="program:shop",
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    return replace(order, **changes)


def a_guard(limits: Limits = Limits()) -> Guard:  # noqa: B008
    """A guard that has seen nobody yet."""
    return Guard(limits, FakeLimits())
