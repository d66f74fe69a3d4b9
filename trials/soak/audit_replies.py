"""The audit of answers to clients: none is unknown, unexplained or untrue."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trials.soak.difference import Difference
from trials.soak.evidence import Evidence
from trials.soak.ledger import ROUTES, Fault, Outcome, Reply

_FINAL = {"succeeded", "canceled"}
_UNAVAILABLE = (503, "stripe_unavailable")
# All other answers that a route may give to the soak's people. Stripe is the reason for 429
# `rate_limited`, because of a fault or of several simultaneous requests for one object.
# `too_many_attempts` is for those of whose cards too many were declined.
_KNOWN: dict[str, set[tuple[int, str | None]]] = {
    "POST /signup": {(201, None), (409, "user_exists"), (429, "rate_limited")},
    "GET /products": {(200, None)},
    "POST /payment-methods": {
        (200, None),
        (201, None),
        (402, "card_declined"),
        (404, "payment_method_not_found"),
        (429, "too_many_attempts"),
        (429, "rate_limited"),
    },
    "GET /payment-methods": {(200, None), (429, "rate_limited")},
    "POST /setup-intents": {(201, None), (429, "too_many_attempts"), (429, "rate_limited")},
    "PATCH /payment-methods/{payment_method_id}": {
        (200, None),
        (404, "payment_method_not_found"),
        (429, "rate_limited"),
    },
    "POST /payments": {
        (201, None),
        (404, "payment_method_not_found"),
        (409, "order_not_payable"),  # a price has changed since it was seen, or the order is over
        (409, "payment_not_confirmable"),  # it has expired
        (429, "too_many_attempts"),
        (429, "rate_limited"),
    },
    "POST /payments/{payment_id}/confirm": {
        (200, None),
        (402, "card_declined"),
        (402, "authentication_failed"),
        (404, "payment_method_not_found"),
        (409, "order_not_payable"),
        (409, "payment_not_confirmable"),
        (422, "cvc_required"),
        (429, "too_many_attempts"),
        (429, "rate_limited"),
    },
    "GET /payments/{payment_id}": {(200, None), (429, "rate_limited")},
    "GET /payments": {(200, None)},
    "POST /payments/{payment_id}/cancel": {
        (200, None),
        (409, "payment_not_cancelable"),
        (429, "rate_limited"),
    },
    "GET /orders/{order_id}": {(200, None)},
    "POST /merchant/orders": {(201, None)},
    "POST /merchant/orders/{order_id}/cancel": {
        (200, None),
        (409, "order_not_payable"),
        (429, "rate_limited"),
    },
    "POST /merchant/payments": {
        (201, None),
        (404, "payment_method_not_found"),
        (409, "order_not_payable"),
        (422, "validation_error"),  # no card with their consent is the default
        (429, "rate_limited"),
    },
    "GET /merchant/payments": {(200, None)},
    "POST /merchant/payments/{payment_id}/capture": {
        (200, None),
        (409, "payment_not_capturable"),
        (422, "amount_too_large"),
        (429, "rate_limited"),
    },
    "POST /merchant/payments/{payment_id}/cancel": {
        (200, None),
        (409, "payment_not_cancelable"),
        (429, "rate_limited"),
    },
    "POST /merchant/payments/{payment_id}/refunds": {
        (201, None),
        (409, "payment_not_refundable"),  # disputed
        (422, "amount_too_large"),
        (429, "rate_limited"),
    },
    "GET /merchant/payments/{payment_id}/refunds": {(200, None), (429, "rate_limited")},
}
# What an answer to a key tells for good: of a refund, an order or a payment.
_SAME_FOR_A_KEY = {
    "refund_id": ("refund_id", "amount"),
    "total": ("order_id", "total"),
    "payment_intent_id": ("payment_id", "payment_intent_id", "amount"),
}
NO_ANSWER = "no answer"
_WEBHOOK_APP = "till/stripe_webhook"


def differences_in_replies(evidence: Evidence) -> Iterator[Difference]:
    """Answers that clients should not have received."""
    yield from _unexplained(evidence.replies, evidence.faults)
    yield from _webhooks(evidence.webhooks, evidence.faults)
    told = [payment for reply in evidence.replies for payment in _told_by(reply)]
    yield from _changed_answers(evidence.replies)
    rows = {row["payment_id"]: row for row in evidence.payments}
    for payment_id, name, value in dict.fromkeys(told):
        row = rows.get(payment_id)
        if row is None:
            yield Difference("told", payment_id, "somebody was told of it, and there is no row")
        elif name == "paid":
            if row["status"] == "succeeded":
                yield Difference("told", payment_id, "was over for somebody, and then paid")
        elif name == "refunded":
            if row.get("amount_received", 0) < value:
                yield Difference("told", payment_id, f"{value} were given back, and never paid")
        elif (lines_of(row) if name == "lines" else row[name]) != value:
            yield Difference("told", payment_id, f"a client was told {value}, not {row[name]}")


def _unexplained(replies: Iterable[Reply], faults: Iterable[Fault]) -> Iterator[Difference]:
    """Server errors that no fault explains, and answers that are not documented."""
    moments: defaultdict[str, list[float]] = defaultdict(list)
    for fault in faults:
        moments[fault.app or ""].append(fault.time)
    for times in moments.values():
        times.sort()
    for reply in replies:
        if reply.outcome is Outcome.LOST:
            continue
        if reply.outcome is Outcome.UNANSWERED:
            yield Difference("unanswered", reply.route, "the API did not answer")
            continue
        if (reply.status, reply.code) in _KNOWN[reply.route]:
            continue
        times = moments[f"till/{ROUTES[reply.route]}"]
        met_a_fault = bisect_left(times, reply.started) < bisect_left(times, reply.ended)
        if (reply.status, reply.code) != _UNAVAILABLE or not met_a_fault:
            detail = f"{reply.status} {reply.code} {reply.payment_id or ''}"
            yield Difference("answer", reply.route, detail.strip())


def _webhooks(statuses: Mapping[str, int], faults: Iterable[Fault]) -> Iterator[Difference]:
    """A webhook succeeds, or asks for another delivery because Stripe did not answer.

    Webhooks that the emulator could not handle within thirty seconds are also delivered again.
    """
    met = sum(fault.app == _WEBHOOK_APP for fault in faults)
    for status, times in statuses.items():
        if status not in {"200", "503", NO_ANSWER}:
            yield Difference("answer", "POST /stripe/webhook", f"{status}, {times} times")
    if statuses.get("503", 0) > met:
        detail = f"503, {statuses['503']} times, but only {met} requests to Stripe met a fault"
        yield Difference("answer", "POST /stripe/webhook", detail)


def _told_by(reply: Reply) -> Iterator[tuple[str, str, Any]]:
    """Statements in a reply that must stay true: which payment, which field, which value."""
    if reply.code == "payment_not_confirmable" and reply.payment_id:
        yield reply.payment_id, "paid", False
    listed = reply.body.get("data", ()) if reply.route == "GET /payments" else ()
    refused = reply.body.get("payment") or {}
    for payment in (reply.body, refused, *listed):
        if {"payment_id", "amount", "lines"} <= payment.keys():  # no refund, and no order
            for name in ("amount", "currency"):
                yield payment["payment_id"], name, payment[name]
            yield payment["payment_id"], "lines", lines_of(payment)
            if payment["status"] in _FINAL:
                yield payment["payment_id"], "status", payment["status"]
            if payment.get("amount_refunded"):
                yield payment["payment_id"], "refunded", payment["amount_refunded"]


def lines_of(payment: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    """What a row or a reply says is paid for."""
    return tuple(tuple(sorted(line.items())) for line in payment["lines"])


def _changed_answers(replies: Iterable[Reply]) -> Iterator[Difference]:
    """The same Idempotency-Key always means the same payment, refund or order."""
    answers: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for reply in replies:
        for what, names in _SAME_FOR_A_KEY.items():
            if reply.key and what in reply.body:
                answers[reply.key].add(tuple(reply.body[name] for name in names))
                break
    for key, different in answers.items():
        if len(different) > 1:
            yield Difference("key", key, f"led to {sorted(different)}")
