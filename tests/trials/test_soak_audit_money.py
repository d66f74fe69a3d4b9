"""The soak's audit of orders, refunds and sums finds what is wrong, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from tests.trials.soak_evidence import CHARGE, CREATED, FINE, PAID, ROW
from trials.soak.audit_money import differences_in_money
from trials.soak.evidence import Evidence

REFUND = {
    "id": "re_1",
    "payment_intent": "pi_1",
    "amount": 100,
    "currency": "eur",
    "status": "succeeded",
    "metadata": {"refund_id": "ref_1"},
}
REFUND_ROW = {"refund_id": "ref_1", "payment_id": "pay_1", "amount": 100, "currency": "eur"}
OF_ORDER = {**ROW, "order_id": "ord_1", "amount_refunded": 100}
CHARGE_OF_ORDER = {**CHARGE, "metadata": {**CHARGE["metadata"], "order_id": "ord_1"}}
ORDER: dict[str, Any] = {
    "order_id": "ord_1",
    "user_id": "user-1",
    "payment_id": "pay_1",
    "paid_at": "2026-01-01T10:00:02.000Z",
}
GOOD = replace(
    FINE,
    payments=[OF_ORDER],
    charges=[CHARGE_OF_ORDER],
    refunds=[REFUND],
    refund_rows=[REFUND_ROW],
    orders=[ORDER],
)


def found(evidence: Evidence) -> list[str]:
    return [difference.kind for difference in differences_in_money(evidence)]


def test_nothing_is_found_where_all_is_well() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("refunds", "rows", "kinds"),
    [
        ([], [REFUND_ROW], ["refund", "total"]),
        ([REFUND, {**REFUND, "id": "re_2"}], [REFUND_ROW], ["refund", "total"]),
        ([{**REFUND, "amount": 99}], [REFUND_ROW], ["refund", "total"]),
        ([REFUND], [], ["refund"]),
        ([REFUND], [REFUND_ROW | {"refused": "charge_disputed"}], ["refund"]),
        ([{**REFUND, "amount": 4801}], [REFUND_ROW | {"amount": 4801}], ["too_much", "total"]),
        ([{**REFUND, "metadata": {}}], [], []),  # from the dashboard
    ],
)
def test_each_refund_that_is_written_down_is_made_once(
    refunds: list[dict[str, Any]], rows: list[dict[str, Any]], kinds: list[str]
) -> None:
    assert found(replace(GOOD, refunds=refunds, refund_rows=rows)) == kinds


def test_pending_refunds_count_as_money_that_goes_back() -> None:
    more = {**REFUND, "id": "re_2", "amount": 4701, "status": "pending", "metadata": {}}

    assert found(replace(GOOD, refunds=[REFUND, more])) == ["too_much"]


@pytest.mark.parametrize("name", ["refund_requests", "instruction"])
def test_what_is_still_to_be_done_is_found(name: str) -> None:
    row = OF_ORDER | {name: [{"amount": 1}]}

    assert found(replace(GOOD, payments=[row])) == ["unfinished"]


def test_a_refused_refund_was_not_made() -> None:
    refused = {"refund_id": "ref_2", "payment_id": "pay_1", "amount": 9, "currency": "eur"}

    rows = [REFUND_ROW, refused | {"refused": "amount_too_large"}]

    assert found(replace(GOOD, refund_rows=rows)) == []


@pytest.mark.parametrize(
    ("order", "kinds"),
    [
        (ORDER | {"paid_at": None}, ["order"]),
        (ORDER | {"canceled_at": "2026-01-01T10:00:01.000Z"}, ["order"]),
        (ORDER | {"hold_expired_at": "2026-01-01T10:00:01.000Z"}, ["order"]),
        (ORDER | {"payment_id": "pay_9"}, ["order", "order"]),
    ],
)
def test_an_order_says_what_became_of_its_payment(order: dict[str, Any], kinds: list[str]) -> None:
    assert found(replace(GOOD, orders=[order])) == kinds


def test_an_order_that_was_canceled_and_paid_all_the_same_is_fine_where_it_is_told() -> None:
    line = {**PAID, "from_status": "succeeded", "to_status": "order_canceled_but_paid"}
    row = OF_ORDER | {"history": [CREATED, PAID, line]}
    order = ORDER | {"canceled_at": "2026-01-01T10:00:01.000Z", "paid_at": None}

    assert found(replace(GOOD, payments=[row], orders=[order])) == []


def test_an_order_that_was_paid_twice_is_found() -> None:
    second = {**CHARGE_OF_ORDER, "id": "ch_2"}

    assert found(replace(GOOD, charges=[CHARGE_OF_ORDER, second])) == ["order", "total"]


def test_what_was_captured_in_part_counts_as_that_part() -> None:
    assert found(replace(GOOD, charges=[CHARGE_OF_ORDER | {"amount_captured": 4000}])) == ["total"]
