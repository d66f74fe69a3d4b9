"""What a key may do. Reading is tried by a list, and writing at objects that do not exist."""

from collections.abc import Callable

import stripe

_NOBODY = "till_no_such_object"

type Try = Callable[[stripe.StripeClient], object]

# What Stripe's dashboard calls it, what Till needs, and a harmless call that needs the same.
NEEDED: dict[str, Try] = {
    "Customers: write": lambda c: c.v1.customers.update(_NOBODY, {}),
    "SetupIntents: write": lambda c: c.v1.setup_intents.cancel(_NOBODY),
    "PaymentMethods: write": lambda c: c.v1.payment_methods.update(_NOBODY, {}),
    "PaymentIntents: write": lambda c: c.v1.payment_intents.cancel(_NOBODY),
    "Charges and Refunds: write": lambda c: c.v1.refunds.update(_NOBODY, {}),
    "Disputes: read": lambda c: c.v1.disputes.list({"limit": 1}),
    "Reviews: read": lambda c: c.v1.reviews.list({"limit": 1}),
    "Early fraud warnings: read": lambda c: c.v1.radar.early_fraud_warnings.list({"limit": 1}),
    "Subscriptions: read": lambda c: c.v1.subscriptions.list({"limit": 1}),
    "Invoices: read": lambda c: c.v1.invoices.list({"limit": 1}),
    "Events: read": lambda c: c.v1.events.list({"limit": 1}),
    "Account: read": lambda c: c.v1.accounts.retrieve_current(),
}
# For these tools alone; the functions never need it.
FOR_SETUP: dict[str, Try] = {
    "Webhook endpoints: write": lambda c: c.v1.webhook_endpoints.update(_NOBODY, {}),
}


def has_right(client: stripe.StripeClient, attempt: Try) -> bool:
    """Whether Stripe lets the key do this.

    Raises:
        stripe.StripeError: Stripe refuses the key, or does not answer.
    """
    try:
        attempt(client)
    except stripe.PermissionError:
        return False
    except stripe.InvalidRequestError:  # there is no such object, but the key may change some
        return True
    return True


def missing_rights(client: stripe.StripeClient) -> list[str]:
    """What the functions need, and the key lacks."""
    return [name for name, attempt in NEEDED.items() if not has_right(client, attempt)]
