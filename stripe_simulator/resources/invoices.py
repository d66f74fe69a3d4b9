"""Invoices, as far as somebody must see them who deletes a customer. Steering makes them.

See https://docs.stripe.com/api/invoices
"""

from stripe_simulator.lists import listed
from stripe_simulator.state import Call, StripeObject, new_id, now

_EVENTS = {
    "open": "finalized",
    "paid": "paid",
    "uncollectible": "marked_uncollectible",
    "void": "voided",
}


def add(call: Call, customer_id: str, status: str) -> StripeObject:
    """Make an invoice for a customer."""
    customer = call.account.customers.referenced(customer_id, "customer")
    invoice = call.account.invoices.add(
        {
            "id": new_id("in"),
            "object": "invoice",
            "amount_due": 1099,
            "created": now(),
            "currency": "eur",
            "customer": customer["id"],
            "livemode": False,
            "metadata": {},
            "status": status,
        }
    )
    call.emit("invoice.created", invoice)
    return invoice


def move(call: Call, invoice: StripeObject, status: str) -> None:
    """Say what became of it."""
    previous = {"status": invoice["status"]}
    invoice["status"] = status
    call.emit(f"invoice.{_EVENTS.get(status, 'updated')}", invoice, previous)


def list_all(call: Call) -> StripeObject:
    wanted = {name: call.params[name] for name in ("customer", "status") if name in call.params}
    return listed(
        call,
        [
            invoice
            for invoice in call.account.invoices.values()
            if all(invoice[name] == value for name, value in wanted.items())
        ],
    )
