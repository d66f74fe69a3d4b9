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
    PAID,
    ROW,
    USER,
    event,
    kinds,
)
from trials.soak.audit import differences_in
from trials.soak.evidence import Evidence

DECLINED = {"code": "card_declined", "decline_code": "generic_decline", "message": "No."}


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
        ("metadata.product_id", {"product_id": "kettle"}),
        ("last_payment_error.code", {"last_payment_error": DECLINED}),
        ("last_payment_error.decline_code", {"last_payment_error": DECLINED}),
        ("amount_refunded", {"amount_refunded": 100}),
        ("dispute_status", {"dispute_status": "lost"}),
        ("open", {"open": "open"}),
        ("price", {"quantity": 3}),
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
    row = {**ROW, "status": "requires_confirmation", "history": [CREATED]}
    intent = {**INTENT, "status": "requires_confirmation", "latest_charge": None}
    evidence = replace(FINE, payments=[row], intents=[intent], charges=[], events=EVENTS[:1])

    assert kinds(evidence) == ["open"]


def test_a_refund_that_the_row_has_not_heard_of_is_found() -> None:
    evidence = replace(FINE, charges=[{**CHARGE, "amount_refunded": 4800}])

    assert kinds(evidence) == ["amount_refunded"]


def test_a_dispute_that_the_row_has_not_heard_of_is_found_and_the_newest_one_counts() -> None:
    disputes = [{"charge": "ch_1", "status": "won"}, {"charge": "ch_1", "status": "lost"}]

    (difference,) = differences_in(replace(FINE, disputes=disputes))

    assert (difference.kind, difference.detail) == (
        "dispute_status",
        "None in the row, 'won' in Stripe",
    )


def test_an_intent_without_a_row_and_a_second_one_are_found() -> None:
    lost = {**INTENT, "id": "pi_2", "metadata": {"payment_id": "pay_2"}}
    second = {**INTENT, "id": "pi_3"}

    assert kinds(replace(FINE, intents=[INTENT, lost, second])) == ["no_row", "second_intent"]


def test_a_second_charge_and_a_charge_without_a_row_are_found() -> None:
    second = {**CHARGE, "id": "ch_2"}
    stray = {**CHARGE, "id": "ch_3", "metadata": {"payment_id": "pay_9"}}

    assert kinds(replace(FINE, charges=[CHARGE, second, stray])) == ["charges", "charges"]


def test_an_attempt_that_was_refused_is_no_charge() -> None:
    refused = {**CHARGE, "id": "ch_2", "captured": False, "status": "failed"}

    assert kinds(replace(FINE, charges=[CHARGE, refused])) == []


def test_a_paid_row_without_a_charge_is_found() -> None:
    assert kinds(replace(FINE, charges=[])) == ["charges"]


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
