"""The audit: compare every field of our rows with Stripe. Pure: evidence in, differences out."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trials.soak.audit_events import differences_in_events
from trials.soak.audit_history import differences_in_history
from trials.soak.audit_replies import differences_in_replies
from trials.soak.difference import Difference
from trials.soak.evidence import Evidence, Row
from trials.soak.stripe import StripeObject

_FINAL = {"succeeded", "canceled"}


def differences_in(evidence: Evidence) -> list[Difference]:
    """Everything that is not as it should be."""
    return [
        *_Payments(evidence).differences(),
        *_differences_in_customers(evidence),
        *differences_in_history(evidence.payments),
        *differences_in_events(evidence.payments, evidence.events),
        *differences_in_replies(evidence),
        *(Difference("reconciler", "reconcile", each) for each in evidence.reconciler_failures),
    ]


@dataclass(frozen=True)
class _Stripe:
    """One payment's objects in Stripe."""

    intent: StripeObject
    charge: StripeObject | None
    dispute: StripeObject | None


class _Payments:
    """Compares rows with intents, in both directions, and the money."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._rows = {row["payment_id"]: row for row in evidence.payments}
        self._intents = {intent["id"]: intent for intent in evidence.intents}
        self._charges = {charge["id"]: charge for charge in evidence.charges}
        # Lists are newest first, and the newest dispute is the one that counts.
        self._disputes = {each["charge"]: each for each in reversed(evidence.disputes)}

    def differences(self) -> Iterator[Difference]:
        for payment_id, row in self._rows.items():
            yield from self._of_row(payment_id, row)
        for intent in self._intents.values():
            yield from self._of_intent(intent)
        yield from self._double_charges()

    def _of_row(self, payment_id: str, row: Row) -> Iterator[Difference]:
        intent_id = row.get("payment_intent_id")
        if intent_id is None:
            yield Difference("unfinished", payment_id, f"is still {row['status']}, with no intent")
            return
        intent = self._intents.get(intent_id)
        if intent is None:
            yield Difference("no_intent", payment_id, f"names {intent_id}, unknown to Stripe")
            return
        charge = self._charges.get(intent["latest_charge"] or "")
        dispute = self._disputes.get(charge["id"]) if charge else None
        for name, ours, theirs in _compared(row, _Stripe(intent, charge, dispute)):
            if ours != theirs:
                yield Difference(name, payment_id, f"{ours!r} in the row, {theirs!r} in Stripe")
        if ("open" in row) == (row["status"] in _FINAL):
            yield Difference("open", payment_id, f"indexed as open, but {row['status']}")
        yield from self._of_price(row)

    def _of_price(self, row: Row) -> Iterator[Difference]:
        prices = self._evidence.prices.get(f"{row['product_id']} in {row['currency']}", set())
        if row["amount"] not in {row["quantity"] * price for price in prices}:
            yield Difference("price", row["payment_id"], f"{row['amount']} was never the price")

    def _of_intent(self, intent: StripeObject) -> Iterator[Difference]:
        payment_id = intent["metadata"].get("payment_id", "")
        row = self._rows.get(payment_id)
        if row is None:
            yield Difference("no_row", intent["id"], f"belongs to {payment_id!r}, which has no row")
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


def _compared(row: Row, stripe: _Stripe) -> Iterator[tuple[str, Any, Any]]:
    """Each value that both sides have: its name, ours, theirs."""
    intent, charge, dispute = stripe.intent, stripe.charge, stripe.dispute
    for name in ("status", "amount", "currency"):
        yield name, row[name], intent[name]
    yield "customer", row["stripe_customer_id"], intent["customer"]
    if intent["payment_method"]:  # a refused one is removed from the intent, and stays on the row
        yield "payment_method", row["payment_method_id"], intent["payment_method"]
    for name in ("payment_id", "user_id", "product_id"):
        yield f"metadata.{name}", row[name], intent["metadata"].get(name)
    failed, refused = row.get("last_payment_error"), intent["last_payment_error"]
    for name in ("code", "decline_code"):
        yield f"last_payment_error.{name}", (failed or {}).get(name), (refused or {}).get(name)
    paid = charge if charge and intent["status"] == "succeeded" else None
    yield "amount_refunded", row["amount_refunded"], paid["amount_refunded"] if paid else 0
    if paid:
        yield "charged", row["amount"], paid["amount"]
    yield "dispute_status", row.get("dispute_status"), dispute["status"] if dispute else None


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
        user_id, found = row["user_id"], living.get(row["stripe_customer_id"])
        if found is None and not row.get("deleted"):
            yield Difference("deleted_customer", user_id, "was deleted, but not in the row")
        elif found is not None and row.get("deleted"):
            yield Difference("living_customer", user_id, "is deleted in the row, but exists")
        elif found is not None:
            theirs = (found["metadata"].get("user_id"), found["email"], found["name"])
            if (user_id, row["email"], row["name"]) != theirs:
                yield Difference("profile", user_id, f"{row['name']!r}, but Stripe says {theirs}")
