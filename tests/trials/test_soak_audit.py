"""The soak's audit finds every planted difference, and nothing if all is well."""

from dataclasses import replace
from typing import Any

import pytest

from tests.trials.soak_evidence import (
    CHARGE,
    CREATED,
    CUSTOMER,
    EVENTS,
    FINE,
    INTENT,
    LINE,
    PAID,
    ROW,
    USER,
    event,
    kinds,
)
from trials.soak.audit import differences_in
from trials.soak.evidence import Evidence

DECLINED = {"code": "card_declined", "decline_code": "generic_decline", "message": "No."}


REFUNDED = {"refund_id": "re_1", "amount": 100, "status": "succeeded"}
REFUND = {
    "id": "re_1",
    "payment_intent": "pi_1",
    "amount": 100,
    "currency": "eur",
    "status": "succeeded",
}


def of_row(**changes: Any) -> Evidence:
    """The evidence, with a changed row."""
    return replace(FINE, payments=[{**ROW, **changes}])


def test_nothing_is_found_where_all_is_well() -> None:
    assert differences_in(FINE) == []


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("amount", {"amount": 2400}),
        ("currency", {"currency": "usd"}),
        ("customer", {"stripe_customer_id": "cus_2"}),
        ("payment_method", {"payment_method_id": "pm_2"}),
        ("metadata.user_id", {"user_id": "user-2"}),
        ("metadata.lines", {"lines": [LINE | {"product_id": "kettle"}]}),
        ("last_payment_error.code", {"last_payment_error": DECLINED}),
        ("last_payment_error.decline_code", {"last_payment_error": DECLINED}),
        ("amount_received", {"amount_received": 4799}),
        ("amount_refunded", {"amount_refunded": 100}),
        ("refunds", {"refunds": [REFUNDED]}),
        ("disputes", {"disputes": [{"dispute_id": "du_1", "status": "won"}]}),
        ("unknown_status", {"status": "paid"}),
        ("no_reason", {"status": "mismatched"}),
        ("ended_by_us", {"status": "lost_at_stripe"}),
        ("dispute_status", {"dispute_status": "lost"}),
        ("open", {"open": "open"}),
        ("price", {"lines": [LINE | {"unit_amount": 2300}]}),
        ("sum", {"lines": [LINE | {"quantity": 3}]}),
        ("sum", {"lines": [LINE, LINE]}),
        ("no_intent", {"payment_intent_id": "pi_9"}),
        ("unfinished", {"payment_intent_id": None}),
    ],
)
def test_a_row_that_says_something_else_is_found(name: str, changes: dict[str, Any]) -> None:
    assert name in kinds(of_row(**changes))


def test_a_row_that_missed_the_end_of_its_payment_is_found() -> None:
    evidence = replace(
        FINE, payments=[{**ROW, "status": "requires_action", "open": "open"}], charges=[]
    )

    assert "status" in kinds(evidence)


def test_an_open_payment_outside_the_index_is_found() -> None:
    row = {**ROW, "status": "requires_confirmation", "amount_received": 0, "history": [CREATED]}
    intent = {**INTENT, "status": "requires_confirmation", "amount_received": 0}
    intent["latest_charge"] = None
    evidence = replace(FINE, payments=[row], intents=[intent], charges=[], events=EVENTS[:1])

    assert kinds(evidence) == ["open"]


def test_a_refund_that_the_row_has_not_heard_of_is_found() -> None:
    assert kinds(replace(FINE, refunds=[REFUND])) == ["amount_refunded", "refunds", "total"]
    assert kinds(replace(FINE, refunds=[{**REFUND, "status": "pending"}])) == ["refunds"]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("pending", "refund_pending"),
        ("requires_action", "refund_requires_action"),
        ("failed", "refund_failed"),
        ("canceled", "refund_canceled"),
    ],
)
def test_what_has_not_succeeded_is_not_refunded(status: str, line: str) -> None:
    told = {**PAID, "from_status": "succeeded", "to_status": line, "by": "webhook"}
    row = {**ROW, "refunds": [{**REFUNDED, "status": status}], "history": [CREATED, PAID, told]}
    evidence = replace(
        FINE,
        payments=[row],
        refunds=[{**REFUND, "status": status}],
        events=[*EVENTS, event(3, told, line)],
    )

    assert kinds(evidence) == []
    counted = replace(evidence, payments=[{**row, "amount_refunded": 100}])
    assert kinds(counted) == ["amount_refunded", "total"]


def test_refunds_add_up_and_each_has_its_line() -> None:
    first = {**PAID, "from_status": "succeeded", "to_status": "partially_refunded"}
    second = {**PAID, "from_status": "partially_refunded", "to_status": "refunded"}
    both = [REFUNDED, {"refund_id": "re_2", "amount": 4700, "status": "succeeded"}]
    lines = [CREATED, PAID, first, second]
    row = {**ROW, "refunds": both, "amount_refunded": 4800, "history": lines}
    evidence = replace(
        FINE,
        payments=[row],
        refunds=[{**REFUND, "id": "re_2", "amount": 4700}, REFUND],
        events=[*EVENTS, event(3, first, "refunded"), event(4, second, "refunded")],
    )

    assert kinds(evidence) == []
    assert "history" in kinds(replace(evidence, payments=[{**row, "history": lines[:3]}]))


def test_a_dispute_that_the_row_has_not_heard_of_is_found_and_the_weightiest_one_counts() -> None:
    disputes = [
        {"id": "du_2", "payment_intent": "pi_1", "status": "won"},
        {"id": "du_1", "payment_intent": "pi_1", "status": "lost"},
    ]

    found = differences_in(replace(FINE, disputes=disputes))

    assert [difference.kind for difference in found] == ["disputes", "dispute_status"]
    assert found[1].detail == "None in the row, 'lost' at Stripe"


def test_an_inquiry_is_no_dispute() -> None:
    told = {**PAID, "from_status": "succeeded", "to_status": "inquiry", "by": "webhook"}
    status = "warning_under_review"
    row = {
        **ROW,
        "disputes": [{"dispute_id": "du_1", "status": status}],
        "dispute_status": status,
        "history": [CREATED, PAID, told],
    }
    evidence = replace(
        FINE,
        payments=[row],
        disputes=[{"id": "du_1", "payment_intent": "pi_1", "status": status}],
        events=[*EVENTS, event(3, told, "inquiry")],
    )

    assert kinds(evidence) == []
    disputed = [CREATED, PAID, {**told, "to_status": "disputed"}]
    assert "history" in kinds(replace(evidence, payments=[{**row, "history": disputed}]))


def test_a_refused_payment_is_over_and_says_why() -> None:
    line = {**CREATED, "to_status": "refused"}
    row = {name: ROW[name] for name in ROW if name != "payment_intent_id"}
    row |= {"status": "refused", "last_payment_error": DECLINED, "amount_received": 0}
    row["history"] = [line]
    told = event(1, line, "refused", payment=row | {"payment_intent_id": None})
    refused = replace(FINE, payments=[row], intents=[], charges=[], events=[told])

    assert kinds(refused) == []
    assert kinds(replace(refused, payments=[{**row, "open": "open"}])) == ["open"]
    assert kinds(replace(refused, payments=[{**row, "last_payment_error": None}])) == ["no_reason"]
    assert "begun" in kinds(replace(refused, intents=[INTENT]))


def test_each_attempt_has_its_line_and_no_line_is_without_an_attempt() -> None:
    first = {**CREATED, "from_status": "requires_confirmation"}
    first["to_status"] = "requires_payment_method"
    second = {**first, "from_status": "requires_payment_method"}
    paid = {**PAID, "from_status": "requires_payment_method"}
    lines = [CREATED, first, second, paid]
    evidence = replace(
        FINE,
        payments=[{**ROW, "history": lines}],
        refused_intents=["pi_1", "pi_1"],
        events=[
            EVENTS[0],
            event(2, first, "failed"),
            event(3, second, "failed"),
            event(4, paid, "succeeded"),
        ],
    )

    assert kinds(evidence) == []
    assert kinds(replace(evidence, refused_intents=["pi_1"])) == ["attempts"]


def test_an_intent_without_a_row_and_a_second_one_are_found() -> None:
    lost = {**INTENT, "id": "pi_2", "metadata": {"payment_id": "pay_2"}}
    second = {**INTENT, "id": "pi_3"}

    assert kinds(replace(FINE, intents=[INTENT, lost, second])) == ["no_row", "second_intent"]


def test_a_second_charge_and_a_charge_without_a_row_are_found() -> None:
    second = {**CHARGE, "id": "ch_2"}
    stray = {**CHARGE, "id": "ch_3", "metadata": {"payment_id": "pay_9"}}

    assert kinds(replace(FINE, charges=[CHARGE, second, stray])) == [
        "charges",
        "charges",
        "total",
    ]


def test_an_attempt_that_was_refused_is_no_charge() -> None:
    refused = {**CHARGE, "id": "ch_2", "captured": False, "status": "failed"}

    assert kinds(replace(FINE, charges=[CHARGE, refused])) == []


def test_a_paid_row_without_a_charge_is_found() -> None:
    assert kinds(replace(FINE, charges=[])) == ["charges", "total"]


def test_a_second_customer_of_one_person_is_found() -> None:
    second = {**CUSTOMER, "id": "cus_2"}

    assert kinds(replace(FINE, customers=[CUSTOMER, second])) == ["customers"]


@pytest.mark.parametrize(
    ("kind", "user", "customers"),
    [
        ("deleted_customer", USER, []),
        ("living_customer", {**USER, "deleted": True}, [CUSTOMER]),
        ("profile", {**USER, "name": "Amazing Grace"}, [CUSTOMER]),
        ("profile", {**USER, "email": "old@example.com"}, [CUSTOMER]),
    ],
)
def test_a_person_with_another_profile_in_stripe_is_found(
    kind: str, user: dict[str, Any], customers: list[dict[str, Any]]
) -> None:
    assert kinds(replace(FINE, customer_rows=[user], customers=customers)) == [kind]


@pytest.mark.parametrize(
    "history",
    [
        [PAID],
        [CREATED, CREATED, PAID],
        [CREATED, {**PAID, "from_status": "requires_action"}],
        [CREATED, {**PAID, "at": "2026-01-01T09:00:00.000Z"}],
        [CREATED, {**PAID, "by": "somebody"}],
        [CREATED],
        [CREATED, PAID, {**PAID, "from_status": "succeeded"}],
        [CREATED, PAID, {**PAID, "from_status": "succeeded", "to_status": "paid_out"}],
        [CREATED, PAID, {**PAID, "from_status": "succeeded", "to_status": "refunded"}],
        [CREATED, PAID, {**PAID, "from_status": "succeeded", "to_status": "disputed"}],
        [],
    ],
)
def test_a_history_that_is_no_chain_to_the_row_is_found(history: list[dict[str, str]]) -> None:
    assert "history" in kinds(of_row(history=history))


def test_an_event_that_never_came_is_found() -> None:
    (difference,) = differences_in(replace(FINE, events=EVENTS[:1]))

    assert (difference.kind, difference.about) == ("event_missing", "pay_1-2")


def test_an_event_of_no_history_is_found() -> None:
    stray = event(3, PAID, "succeeded")

    assert kinds(replace(FINE, events=[*EVENTS, stray])) == ["event_unknown"]


def test_an_event_that_comes_twice_is_fine_if_it_is_the_same() -> None:
    other = {**EVENTS[1], "occurred_at": "2026-01-02T00:00:00.000Z"}

    assert kinds(replace(FINE, events=[*EVENTS, *EVENTS])) == []
    assert kinds(replace(FINE, events=[*EVENTS, other])) == ["event_copies"]


@pytest.mark.parametrize(
    "changes",
    [
        {"by": "webhook"},
        {"to_status": "canceled"},
        {"occurred_at": "2026-01-02T00:00:00.000Z"},
        {"type": "payment.paid", "detail_type": "payment.paid"},
        {"detail_type": "payment.created"},
        {"payment": {**ROW, "amount": 1}},
    ],
)
def test_an_event_that_tells_something_else_is_found(changes: dict[str, Any]) -> None:
    told = event(2, PAID, "succeeded", **changes)

    assert kinds(replace(FINE, events=[EVENTS[0], told])) == ["event"]


def test_a_reconciler_that_crashed_is_found() -> None:
    assert kinds(replace(FINE, reconciler_failures=["Task timed out"])) == ["reconciler"]
