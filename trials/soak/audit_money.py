"""The audit of orders, refunds and sums: what we have written down is what Stripe has done."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from trials.soak.difference import Difference
from trials.soak.evidence import Evidence, Row

_GOES_BACK = {"succeeded", "pending", "requires_action"}


def differences_in_money(evidence: Evidence) -> Iterator[Difference]:
    """What is wrong with refunds and orders, and where a currency's sums differ."""
    yield from _refunds(evidence)
    yield from _orders(evidence)
    yield from _sums(evidence)


def _refunds(evidence: Evidence) -> Iterator[Difference]:
    """Each refund that we have written down was made once or refused, and none was not."""
    made = defaultdict(list)
    for refund in evidence.refunds:
        if name := refund.get("metadata", {}).get("refund_id"):
            made[name].append(refund)
    rows = {row["refund_id"]: row for row in evidence.refund_rows}
    for refund_id, row in rows.items():
        found = [(each["amount"], each["currency"]) for each in made.pop(refund_id, [])]
        wanted = [] if row.get("refused") else [(row["amount"], row["currency"])]
        if found != wanted:
            yield Difference("refund", refund_id, f"{found} at Stripe, {wanted} in the row")
    for refund_id in made:
        yield Difference("refund", refund_id, "was made, and is not written down")
    gone: Counter[str] = Counter()
    for refund in evidence.refunds:
        if refund["status"] in _GOES_BACK:
            gone[refund["payment_intent"]] += refund["amount"]
    for row in evidence.payments:
        taken, back = row.get("amount_received", 0), gone[row.get("payment_intent_id") or ""]
        if back > taken:
            yield Difference("too_much", row["payment_id"], f"{back} go back, of {taken}")
        for name in ("refund_requests", "instruction"):
            if row.get(name):
                yield Difference("unfinished", row["payment_id"], f"still has {name}")


def _orders(evidence: Evidence) -> Iterator[Difference]:
    """An order is paid at most once, and says what became of its payment."""
    payments = {row["payment_id"]: row for row in evidence.payments}
    charged = Counter(
        charge["metadata"].get("order_id")
        for charge in evidence.charges
        if charge["captured"] and charge["status"] == "succeeded"
    )
    for order in evidence.orders:
        order_id, payment = order["order_id"], payments.get(order.get("payment_id") or "")
        if order.get("payment_id") and payment is None:
            yield Difference("order", order_id, f"names {order['payment_id']}, which has no row")
        if charged[order_id] > 1:
            yield Difference("order", order_id, f"was charged {charged[order_id]} times")
        told = {line["to_status"] for line in payment["history"]} if payment else set()
        yield from _order(order, payment, told)


def _order(order: Row, payment: Row | None, told: set[str]) -> Iterator[Difference]:
    order_id = order["order_id"]
    paid = payment is not None and payment["status"] == "succeeded"
    canceled = bool(order.get("canceled_at"))
    if paid and not canceled and not order.get("paid_at"):
        yield Difference("order", order_id, "is paid, and does not say so")
    if order.get("paid_at") and not paid:
        yield Difference("order", order_id, "says that it is paid, and is not")
    if paid and canceled and not {"order_canceled_but_paid"} & told:
        yield Difference("order", order_id, "was canceled and is paid, and nobody tells")
    if canceled and payment and payment["status"] not in {"succeeded", "canceled", "refused"}:
        yield Difference("order", order_id, f"was canceled, and its payment is {payment['status']}")
    if bool(order.get("hold_expired_at")) != ("hold_expired" in told):
        yield Difference("order", order_id, "does not know what became of the hold")


def _sums(evidence: Evidence) -> Iterator[Difference]:
    """What was taken and given back, by currency, is the same here and at Stripe."""
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for row in evidence.payments:
        ours[f"taken in {row['currency']}"] += int(row.get("amount_received", 0))
        ours[f"given back in {row['currency']}"] += int(row["amount_refunded"])
    for charge in evidence.charges:
        if charge["status"] == "succeeded":
            theirs[f"taken in {charge['currency']}"] += charge["amount_captured"]
    for refund in evidence.refunds:
        if refund["status"] == "succeeded":
            theirs[f"given back in {refund['currency']}"] += refund["amount"]
    for name in sorted(ours.keys() | theirs.keys()):
        if ours[name] != theirs[name]:
            detail = f"{ours[name]} in the rows, {theirs[name]} at Stripe"
            yield Difference("total", name, detail)
