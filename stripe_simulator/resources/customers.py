"""Customers.

See https://docs.stripe.com/api/customers
"""

from stripe_simulator.emails import check_email
from stripe_simulator.errors import StripeError, not_simulated, resource_missing
from stripe_simulator.lists import listed
from stripe_simulator.metadata import merged, unset_if_empty
from stripe_simulator.resources import payment_methods, subscriptions
from stripe_simulator.search import searched
from stripe_simulator.state import Call, StripeObject, new_id, now

PARAMS = frozenset(
    {"address", "description", "email", "metadata", "name", "phone", "preferred_locales"}
    | {"business_name", "individual_name", "invoice_settings", "shipping", "tax_exempt"}
)

_DEFAULT = "invoice_settings[default_payment_method]"


def create(call: Call) -> StripeObject:
    customer: StripeObject = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("")[1:9].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    customer |= _changes(call, customer)
    call.account.customers.add(customer)
    call.emit("customer.created", customer)
    return customer


def retrieve(call: Call) -> StripeObject:
    return call.account.customers.find(call.object_id)


def update(call: Call) -> StripeObject:
    customer = _existing(call)
    changes = _changes(call, customer)
    previous = {name: customer.get(name) for name in changes if customer.get(name) != changes[name]}
    customer |= changes
    if previous:
        call.emit("customer.updated", customer, previous)
    return customer


def delete(call: Call) -> StripeObject:
    """Delete a customer, which detaches its cards and cancels its subscriptions.

    Its id keeps answering that it is deleted.
    """
    customer = _existing(call)
    subscriptions.end_all_of(call, customer["id"])
    for payment_method in payment_methods.attached_to(call.account, customer["id"]):
        payment_methods.release(call, payment_method)
    call.emit("customer.deleted", customer)
    deleted = {"id": customer["id"], "object": "customer", "deleted": True}
    call.account.customers[customer["id"]] = deleted
    return deleted


def list_all(call: Call) -> StripeObject:
    email = call.params.get("email")
    return listed(call, [c for c in _remaining(call) if email is None or c.get("email") == email])


def search(call: Call) -> StripeObject:
    return searched(call, _remaining(call))


def list_payment_methods(call: Call) -> StripeObject:
    customer = _existing(call)
    return listed(call, payment_methods.matching(call, customer["id"]))


def retrieve_payment_method(call: Call) -> StripeObject:
    customer = _existing(call)
    payment_method = call.account.payment_methods.find(call.nested_id)
    if payment_method["customer"] != customer["id"]:
        raise StripeError(
            f"Customer {customer['id']} has no such payment method: {call.nested_id}.",
            status=404,
            param="customer",
        )
    return payment_method


def _existing(call: Call) -> StripeObject:
    customer = call.account.customers.find(call.object_id)
    if customer.get("deleted"):
        raise resource_missing("customer", call.object_id, param="id", status=404)
    return customer


def _remaining(call: Call) -> list[StripeObject]:
    return [c for c in call.account.customers.values() if not c.get("deleted")]


def _changes(call: Call, customer: StripeObject) -> StripeObject:
    check_email(call.params.get("email", ""), "email")
    changes = {name: unset_if_empty(value) for name, value in call.params.items() if name in PARAMS}
    if "metadata" in call.params:
        changes["metadata"] = merged(customer["metadata"], call.params["metadata"])
    if "invoice_settings" in call.params:
        changes["invoice_settings"] = _invoice_settings(call, customer)
    return changes


def _invoice_settings(call: Call, customer: StripeObject) -> StripeObject:
    """The settings with another default card.

    Raises:
        StripeError: it is not attached to the customer.
    """
    settings: StripeObject = customer["invoice_settings"]
    given = call.params["invoice_settings"]
    if isinstance(given, dict):
        for name in given.keys() - {"default_payment_method"}:
            raise not_simulated(f"invoice_settings[{name}]")
    if not isinstance(given, dict) or "default_payment_method" not in given:
        return settings
    default = unset_if_empty(given["default_payment_method"])
    if default is not None:
        card = call.account.payment_methods.referenced(default, _DEFAULT)
        if card["customer"] != customer["id"]:
            raise StripeError(
                f"The customer does not have a payment method with the ID {default}. The payment"
                " method must be attached to the customer.",
                code="resource_missing",
                param=_DEFAULT,
            )
    return settings | {"default_payment_method": default}
