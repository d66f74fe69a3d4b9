"""The audit: compare every field of our rows with Stripe. Pure: evidence in, differences out."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trials.soak.audit_events import differences_in_events
from trials.soak.audit_history import (
    OUR_ENDS,
    STATUSES,
    attempts_in,
    differences_in_history,
)
from trials.soak.audit_money import differences_in_money
from trials.soak.audit_replies import differences_in_replies
from trials.soak.difference import Difference
from trials.soak.evidence import Evidence, Row
from trials.soak.stripe import StripeObject

_CLOSED = {"succeeded", "canceled"} | OUR_ENDS
# Without an intent there is a reason, and nobody works on it any more.
_NEVER_BEGUN = {"refused", "expired"}
_LINE_IN_METADATA = ("product_id", "quantity", "unit_amount", "description")
# Of several disputes, the first of these says most.
_WEIGHTS = (
    "needs_response",
    "under_review",
    "warning_needs_response",
    "warning_under_review",
    "lost",
    "won",
    "warning_closed",
    "prevented",
)


def differences_in(evidence: Evidence) -> list[Difference]:
    """Everything that is not as it should be."""
    return [
        *_Payments(evidence).differences(),
        *_differences_in_customers(evidence),
        *differences_in_money(evidence),
        *differences_in_history(evidence.payments),
        *differences_in_events(evidence.payments, evidence.events),
        *differences_in_replies(evidence),
        *(Difference("reconciler", "reconcile", each) for each in evidence.reconciler_failures),
    ]


@dataclass(frozen=True)
class _Stripe:
    """One payment's objects in Stripe."""

    intent: StripeObject
    charges: list[StripeObject]
    refunds: list[StripeObject]
    disputes: list[StripeObject]

    @property
    def charge(self) -> StripeObject | None:
        """The latest one."""
        latest = self.intent["latest_charge"]
        return next((charge for charge in self.charges if charge["id"] == latest), None)


class _Payments:
    """Compares rows with intents, in both directions, and the money."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._rows = {row["payment_id"]: row for row in evidence.payments}
        self._intents = {intent["id"]: intent for intent in evidence.intents}
        self._charges = {charge["id"]: charge for charge in evidence.charges}
        self._refused = Counter(evidence.refused_intents)

    def _at_stripe(self, intent: StripeObject) -> _Stripe:
        def own(objects: Sequence[StripeObject]) -> list[StripeObject]:
            """Oldest first, as in rows."""
            return [each for each in reversed(objects) if each["payment_intent"] == intent["id"]]

        evidence = self._evidence
        return _Stripe(
            intent,
            charges=own(evidence.charges),
            refunds=own(evidence.refunds),
            disputes=own(evidence.disputes),
        )

    def differences(self) -> Iterator[Difference]:
        for payment_id, row in self._rows.items():
            yield from self._of_row(payment_id, row)
        for intent in self._intents.values():
            yield from self._of_intent(intent)
        yield from self._double_charges()

    def _of_row(self, payment_id: str, row: Row) -> Iterator[Difference]:
        yield from _of_status(row)
        yield from self._of_price(row)
        intent_id = row.get("payment_intent_id")
        if intent_id is None:
            if row["status"] not in _NEVER_BEGUN:
                detail = f"is still {row['status']}, with no intent"
                yield Difference("unfinished", payment_id, detail)
            return
        intent = self._intents.get(intent_id)
        if intent is None:
            yield Difference("no_intent", payment_id, f"names {intent_id}, unknown to Stripe")
            return
        stripe = self._at_stripe(intent)
        for name, ours, theirs in _compared(row, stripe):
            if ours != theirs:
                yield Difference(name, payment_id, f"{ours!r} in the row, {theirs!r} at Stripe")
        refused = self._refused[intent_id]
        if attempts_in(row) > refused:
            detail = f"tells of {attempts_in(row)} refused attempts in a row, of {refused}"
            yield Difference("attempts", payment_id, detail)

    def _of_price(self, row: Row) -> Iterator[Difference]:
        for line in row["lines"] if not row.get("order_id") else ():
            product = f"{line['product_id']} in {row['currency']}"
            if line["unit_amount"] not in self._evidence.prices.get(product, set()):
                detail = f"{line['unit_amount']} was never the price of {product}"
                yield Difference("price", row["payment_id"], detail)
        lines = sum(line["quantity"] * line["unit_amount"] for line in row["lines"])
        others = row.get("tax_amount", 0) + row.get("shipping_amount", 0)
        if row["amount"] != lines + others - row.get("discount_amount", 0):
            yield Difference("sum", row["payment_id"], f"{row['amount']} is not the lines' sum")

    def _of_intent(self, intent: StripeObject) -> Iterator[Difference]:
        payment_id = intent["metadata"].get("payment_id", "")
        row = self._rows.get(payment_id)
        if row is None:
            yield Difference("no_row", intent["id"], f"is of {payment_id!r}, which has no row")
        elif row.get("payment_intent_id") is None and row["status"] in _NEVER_BEGUN:
            yield Difference(
                "begun", intent["id"], f"is of {payment_id}, which is {row['status']} without it"
            )
        elif row.get("payment_intent_id") != intent["id"]:
            yield Difference(
                "second_intent", intent["id"], f"belongs to {payment_id}, which has another"
            )

    def _double_charges(self) -> Iterator[Difference]:
        taken = Counter(
            charge["metadata"].get("payment_id", charge["payment_intent"])
            for charge in self._charges.values()
            if charge["captured"] and charge["status"] == "succeeded"
        )
        for payment_id, row in self._rows.items():
            wanted = int(row["status"] == "succeeded")
            if taken[payment_id] != wanted:
                detail = f"{row['status']}, but charged {taken[payment_id]} times"
                yield Difference("charges", payment_id, detail)
        for payment_id in taken.keys() - self._rows.keys():
            yield Difference("charges", payment_id, "charged, but there is no row")


def _of_status(row: Row) -> Iterator[Difference]:
    """What a row's status says by itself."""
    status, payment_id = row["status"], row["payment_id"]
    if status not in STATUSES | {"pending"}:
        yield Difference("unknown_status", payment_id, status)
    closed = status in _CLOSED and "replaced_card" not in row
    if ("open" in row) == closed:
        yield Difference("open", payment_id, f"index of open payments, though {status}")
    if status in OUR_ENDS:
        if not row.get("last_payment_error"):
            yield Difference("no_reason", payment_id, f"is {status}, and nobody knows why")
        if status not in _NEVER_BEGUN:  # nobody does here what leads to these
            yield Difference("ended_by_us", payment_id, status)


def _compared(row: Row, stripe: _Stripe) -> Iterator[tuple[str, Any, Any]]:
    """Each thing that both sides tell: its name, ours, theirs."""
    intent, charge = stripe.intent, stripe.charge
    for name in ("status", "amount", "currency"):
        yield name, row[name], intent[name]
    yield "customer", row["stripe_customer_id"], intent["customer"]
    if intent["payment_method"]:  # a refused one is removed from the intent, and stays on the row
        yield "payment_method", row["payment_method_id"], intent["payment_method"]
    for name in ("payment_id", "user_id"):
        yield f"metadata.{name}", row[name], intent["metadata"].get(name)
    packed = [[line.get(name) for name in _LINE_IN_METADATA] for line in row["lines"]]
    parts = [each for name, each in intent["metadata"].items() if name.startswith("lines_")]
    yield "metadata.lines", packed, json.loads("".join(parts) or "[]")
    failed, refused = row.get("last_payment_error"), intent["last_payment_error"]
    for name in ("code", "decline_code"):
        yield f"last_payment_error.{name}", (failed or {}).get(name), (refused or {}).get(name)
    yield "amount_capturable", row.get("amount_capturable", 0), intent.get("amount_capturable", 0)
    yield "amount_received", row.get("amount_received", 0), intent["amount_received"]
    if charge and intent["status"] == "succeeded":
        yield "charged", row["amount"], charge["amount"]
    given_back = [each["amount"] for each in stripe.refunds if each["status"] == "succeeded"]
    yield "amount_refunded", row["amount_refunded"], sum(given_back)
    yield (
        "refunds",
        _named(row, "refunds", "refund_id", "amount"),
        _listed(stripe.refunds, "amount"),
    )
    yield "disputes", _named(row, "disputes", "dispute_id"), _listed(stripe.disputes)
    yield "dispute_status", row.get("dispute_status"), _weightiest(stripe.disputes)


def _named(row: Row, what: str, *names: str) -> list[tuple[Any, ...]]:
    """The row's refunds or disputes: of each what is named, and its status."""
    return [tuple(each[name] for name in (*names, "status")) for each in row.get(what) or ()]


def _listed(objects: list[StripeObject], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(each[name] for name in ("id", *names, "status")) for each in objects]


def _weightiest(disputes: list[StripeObject]) -> str | None:
    statuses = [dispute["status"] for dispute in disputes]
    return min(statuses, key=_WEIGHTS.index, default=None)


def _differences_in_customers(evidence: Evidence) -> Iterator[Difference]:
    """Each person has one living Customer, and the row has it or says that it was deleted.

    A person without a row is fine: Stripe failed during their sign-up, and they have not come
    back since.
    """
    living = {customer["id"]: customer for customer in evidence.customers}
    of_person: defaultdict[str, list[str]] = defaultdict(list)
    for customer in evidence.customers:
        of_person[customer["metadata"].get("user_id", "")].append(customer["id"])
    for user_id, ids in of_person.items():
        if len(ids) > 1:
            yield Difference("customers", user_id, f"has {len(ids)} customers: {sorted(ids)}")
    for row in evidence.customer_rows:
        if "stripe_customer_id" not in row:
            continue  # Stripe failed at creating one, and the person has not come back since
        user_id, found = row["user_id"], living.get(row["stripe_customer_id"])
        if found is None and not row.get("deleted"):
            yield Difference("deleted_customer", user_id, "was deleted, but not in the row")
        elif found is not None and row.get("deleted"):
            yield Difference("living_customer", user_id, "is deleted in the row, but exists")
        elif found is not None:
            theirs = (found["metadata"].get("user_id"), found["email"], found["name"])
            if (user_id, row["email"], row["name"]) != theirs:
                yield Difference("profile", user_id, f"{row['name']!r}, but Stripe says {theirs}")
