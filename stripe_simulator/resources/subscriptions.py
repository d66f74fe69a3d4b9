"""Subscriptions, as far as somebody must see them who deletes a customer. Steering makes them.

See https://docs.stripe.com/api/subscriptions
"""

from stripe_simulator.lists import listed
from stripe_simulator.state import Call, StripeObject, new_id, now

ENDED = frozenset({"canceled", "incomplete_expired"})


def add(call: Call, customer_id: str, status: str) -> StripeObject:
    """Start a subscription for a customer."""
    customer = call.account.customers.referenced(customer_id, "customer")
    subscription = call.account.subscriptions.add(
        {
            "id": new_id("sub"),
            "object": "subscription",
            "canceled_at": None,
            "created": now(),
            "currency": "eur",
            "customer": customer["id"],
            "ended_at": None,
            "livemode": False,
            "metadata": {},
            "status": status,
        }
    )
    call.emit("customer.subscription.created", subscription)
    return subscription


def move(call: Call, subscription: StripeObject, status: str) -> None:
    """Say what became of it."""
    previous = {"status": subscription["status"]}
    subscription["status"] = status
    if status in ENDED:
        subscription |= {"canceled_at": now(), "ended_at": now()}
        call.emit("customer.subscription.deleted", subscription)
    else:
        call.emit("customer.subscription.updated", subscription, previous)


def end_all_of(call: Call, customer_id: str) -> None:
    """Cancel what a customer has, as deleting the customer does."""
    for subscription in call.account.subscriptions.values():
        if subscription["customer"] == customer_id and subscription["status"] not in ENDED:
            move(call, subscription, "canceled")


def list_all(call: Call) -> StripeObject:
    """Those that have not ended, unless `status` asks for others."""
    customer, status = call.params.get("customer"), call.params.get("status")
    return listed(
        call,
        [
            subscription
            for subscription in call.account.subscriptions.values()
            if customer in {None, subscription["customer"]} and _shown(subscription, status)
        ],
    )


def _shown(subscription: StripeObject, wanted: str | None) -> bool:
    status: str = subscription["status"]
    if wanted is None:
        return status != "canceled"
    return wanted in {"all", status} or (wanted == "ended" and status in ENDED)
