"""`expand`: objects instead of their ids in an answer.

See https://docs.stripe.com/api/expanding_objects
"""

from collections.abc import Iterable
from typing import Any

from stripe_simulator.errors import StripeError, invalid_parameter
from stripe_simulator.state import Account, Collection, StripeObject, copied

_DEEPEST = 4
_LATEST_REFUNDS = 10  # as many as a charge comes with; a list has all of them


def expanded(account: Account, answer: StripeObject, paths: Iterable[str]) -> StripeObject:
    """A copy of the answer in which each path leads to an object.

    Raises:
        StripeError: a path leads to nothing that can be expanded.
    """
    result: StripeObject = copied(answer)
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise invalid_parameter("expand", f"At most {_DEEPEST} levels can be expanded: {path}")
        _expand(account, result, steps, path)
    return result


def _expand(account: Account, node: Any, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    if step == "data" and isinstance(node.get("data"), list) and rest:
        for item in node["data"]:
            _expand(account, item, rest, path)
        return
    if step == "refunds" and node.get("object") == "charge":
        node[step] = _refunds_of(account, node)
    elif step == "amount_details" and node.get("object") == "payment_intent":
        node[step]["line_items"] = _line_items_of(account, node)
    elif step not in node:
        raise _cannot(path)
    elif isinstance(node[step], str):
        collection = _collection_of(account, step)
        if collection is None or node[step] not in collection:
            raise _cannot(path)
        node[step] = copied(collection[node[step]])
    elif node[step] is not None and not isinstance(node[step], dict):
        raise _cannot(path)
    if rest and node[step] is not None:
        _expand(account, node[step], rest, path)


def _collection_of(account: Account, name: str) -> Collection | None:
    return {
        "charge": account.charges,
        "customer": account.customers,
        "default_payment_method": account.payment_methods,
        "dispute": account.disputes,
        "latest_charge": account.charges,
        "mandate": account.mandates,
        "payment_intent": account.payment_intents,
        "payment_method": account.payment_methods,
        "review": account.reviews,
    }.get(name)


def _refunds_of(account: Account, charge: StripeObject) -> StripeObject:
    refunds = [copied(r) for r in account.refunds.values() if r["charge"] == charge["id"]]
    return {
        "object": "list",
        "data": refunds[::-1][:_LATEST_REFUNDS],
        "has_more": len(refunds) > _LATEST_REFUNDS,
        "url": f"/v1/charges/{charge['id']}/refunds",
    }


def _line_items_of(account: Account, intent: StripeObject) -> StripeObject:
    return {
        "object": "list",
        "data": copied(account.line_items.get(intent["id"], [])),
        "has_more": False,
        "url": f"/v1/payment_intents/{intent['id']}/amount_details_line_items",
    }


def _cannot(path: str) -> StripeError:
    return invalid_parameter("expand", f"This property cannot be expanded: {path}")
