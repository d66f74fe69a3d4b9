"""Lost tables are made again from Stripe and the user pool, and nothing differs after that."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.busy_day import LOST, Day
from tests.integration.conftest import SECRET_KEY, forget_clients
from tests.support.aws import Aws
from tests.support.simulator_client import Simulator
from tools.rebuild.__main__ import a_rebuilder
from tools.rebuild.rebuilding import Rebuilder


@pytest.fixture(autouse=True)
def _nobody(aws: Aws) -> Iterator[None]:
    aws.forget_people()
    yield
    aws.forget_people()


@pytest.fixture
def day(aws: Aws, stripe: Simulator) -> Day:
    return Day(aws, stripe)


# What a rebuild cannot know, or knows in whole seconds.
_OTHERWISE = {
    "history", "updated_at", "version", "refunds", "disputes", "open", "account_id", "paid_at",
    "saved_cards",
}  # fmt: skip
TAKEN = {"succeeded", "requires_capture"}


def rebuild(restored: dict[str, str] | None = None) -> Rebuilder:
    rebuilder = a_rebuilder()
    list(rebuilder.run(restored or {}))
    return rebuilder


def known(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without that, in a fixed order."""
    told = [{name: row[name] for name in sorted(row.keys() - _OTHERWISE)} for row in rows]
    return sorted(told, key=str)


def test_after_a_busy_day_the_lost_tables_are_made_again_and_the_audit_finds_nothing(
    day: Day, aws: Aws
) -> None:
    # Given
    day.morning()
    day.afternoon()
    day.deliver_everything()
    events = day.published()
    assert day.differences(events) == []
    before = {name: known(aws.rows(name)) for name in LOST}
    day.lose(*LOST)
    # When
    rebuilder = rebuild()
    # Then
    assert rebuilder.problems == []
    assert day.differences(events) == []
    # Nothing is published under another id.
    assert {each["event_id"] for each in day.published()} <= {each["event_id"] for each in events}
    for name in ("PaymentsTable", "RefundsTable"):
        assert known(aws.rows(name)) == before[name]
    people = {row["user_id"]: row["stripe_customer_id"] for row in aws.rows("CustomersTable")}
    assert people == {row["user_id"]: row["stripe_customer_id"] for row in before["CustomersTable"]}
    paid = {row.get("order_id") for row in day.payments() if row["status"] in TAKEN}
    orders = [row for row in before["OrdersTable"] if row["order_id"] in paid]
    assert known(aws.rows("OrdersTable")) == orders


def test_the_same_key_as_before_the_loss_gets_the_old_payment_and_the_old_refund(
    day: Day, stripe: Simulator
) -> None:
    day.morning()
    day.afternoon()
    day.lose(*LOST)
    rebuild()
    statuses = {row["payment_id"]: row["status"] for row in day.payments()}
    money = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    refunds = stripe.listed(SECRET_KEY, "/v1/refunds")
    stripe.forget_idempotency_keys()  # a day later

    for api, key, body, payment_id in day.requests:
        if statuses[payment_id] == "canceled":
            continue  # nobody has paid its order, which is lost
        again = api.create(key=key, **body)
        assert (again.status, again.body["payment_id"]) == (201, payment_id), again
    for payment_id, key, body, refund_id in day.refund_requests:
        again = day.asks(f"{payment_id}/refunds", key=key, **body)
        assert (again.status, again.body["refund_id"]) == (201, refund_id), again

    now = stripe.listed(SECRET_KEY, "/v1/payment_intents")
    assert [each["id"] for each in now] == [each["id"] for each in money]
    assert len(stripe.listed(SECRET_KEY, "/v1/refunds")) == len(refunds)


def test_tables_that_were_set_back_are_brought_up_to_date(day: Day, aws: Aws) -> None:
    # Given tables as they were before the afternoon, under another name
    day.morning()
    restored = {name: aws.copy_table(name, f"{name}-restored") for name in LOST}
    day.afternoon()
    day.deliver_everything()
    events = day.published()
    rows = day.lose(*LOST)
    # When
    rebuilder = rebuild(restored)
    # Then
    assert rebuilder.problems == []
    assert rebuilder.counts["payments_made"] > 0 < rebuilder.counts["rows_copied"]
    assert day.differences(events) == []
    assert {each["event_id"] for each in day.published()} <= {each["event_id"] for each in events}
    for name in ("CustomersTable", "PaymentsTable", "RefundsTable"):
        assert len(aws.rows(name)) == rows[name]
    # and a second run finds nothing to do
    again = rebuild()
    left = {name for name in again.counts if again.counts[name] and not name.endswith("_there")}
    assert left <= {"keys_made"}


def test_a_run_that_is_cut_off_goes_on_where_it_stopped(
    day: Day, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    day.morning()
    rows = day.lose(*LOST)
    monkeypatch.setattr("tools.rebuild.account.PAGE", 2)
    first = a_rebuilder()
    progress = first.run({})
    while not first.counts["payments_made"]:
        next(progress)
    next(progress)
    progress.close()  # somebody pulls the plug

    second = a_rebuilder()
    lines = list(second.run({}))

    assert "where an earlier run has stopped" in lines[0]
    assert second.counts["customers_made"] == rows["CustomersTable"]
    assert second.counts["payments_made"] == rows["PaymentsTable"] == len(aws.rows("PaymentsTable"))
    assert "where an earlier run has stopped" not in next(a_rebuilder().run({}))


def test_what_somebody_else_has_made_is_left_alone_and_what_was_changed_is_told(
    day: Day, stripe: Simulator
) -> None:
    _, api = day.person()
    card = api.attached(stripe.payment_method("4242424242424242"))
    edited, torn = day.buys(api, card), day.buys(api, card)
    day.pays(api, day.buys(api, card))
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{day.intent(edited)}", amount="100")
    changed = {"metadata[lines_1]": "[]", "metadata[payment_made]": "nothing"}
    stripe.post(SECRET_KEY, f"/v1/payment_intents/{day.intent(torn)}", **changed)
    other = {"amount": "100", "currency": "eur", "metadata[stack]": "another"}
    stripe.post(SECRET_KEY, "/v1/payment_intents", **other)
    stripe.create_customer(SECRET_KEY, **{"metadata[user_id]": "nobody-we-know"})
    torn_intent = day.intent(torn)
    day.lose(*LOST)

    rebuilder = rebuild()

    assert {
        (each.kind, each.object_id) for each in rebuilder.problems if each.kind != "nobody"
    } == {
        ("mismatched", edited),
        ("unreadable", torn_intent),
    }
    assert [each.detail for each in rebuilder.problems if each.kind == "nobody"] == [
        "nobody-we-know"
    ]
    assert rebuilder.counts["not_ours"] == 1
    assert {row["status"] for row in day.payments()} == {"mismatched", "succeeded"}


def test_what_was_erased_does_not_come_back(day: Day, aws: Aws, stripe: Simulator) -> None:
    user_id, api = day.person()
    card = api.attached(stripe.payment_method("4242424242424242"))
    address = {"name": "Grace", "address": {"line1": "1 Way", "city": "Bonn", "country": "DE"}}
    order_id = day.order(user_id, shipping=address, receipt_email="grace@example.com")
    assert day.pays(api, day.buys(api, card, order_id=order_id)).body["status"] == "succeeded"
    stayed = day.order_row(order_id)
    aws.forget_people()
    day.lose(*LOST)

    rebuild()

    [order] = aws.rows("OrdersTable")
    assert stayed["shipping"]["name"] == "Grace"
    assert order["order_id"] == order_id
    assert not {"shipping", "receipt_email"} & order.keys()
    assert order["metadata"] == {}
    assert aws.rows("CustomersTable") == []


# Before the rebuild


@pytest.mark.parametrize("price", [1099, 1299])
def test_within_a_day_a_lost_row_is_never_charged_twice(
    day: Day, aws: Aws, stripe: Simulator, price: int
) -> None:
    # Given a payment whose row is lost, and perhaps another price
    _, api = day.person()
    payment_id = day.buys(api, api.attached(stripe.payment_method("4242424242424242")))
    assert day.pays(api, payment_id).body["status"] == "succeeded"
    day.lose("PaymentsTable")
    aws.put_product("coffee", eur=price)
    # When
    [(_, key, body, _)] = day.requests
    again = api.create(key=key, **body)
    # Then
    assert again.body["payment_id"] == payment_id
    assert again.body["status"] == ("succeeded" if price == 1099 else "mismatched")
    assert len(stripe.listed(SECRET_KEY, "/v1/payment_intents")) == 1
    # and the rebuild mends what was written meanwhile
    assert rebuild().problems == []
    assert day.row("PaymentsTable", "payment_id", payment_id)["status"] == "succeeded"
    assert api.create(key=key, **body).body["amount"] == 2198


def test_later_a_stack_that_knows_of_the_loss_looks_before_it_charges(
    day: Day, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, api = day.person()
    payment_id = day.buys(api, api.attached(stripe.payment_method("4242424242424242")))
    assert day.pays(api, payment_id).body["status"] == "succeeded"
    day.lose("PaymentsTable")
    stripe.forget_idempotency_keys()
    monkeypatch.setenv("ROWS_MAY_BE_LOST", "yes")
    forget_clients()

    [(_, key, body, _)] = day.requests
    again = api.create(key=key, **body)

    assert (again.body["payment_id"], again.body["status"]) == (payment_id, "succeeded")
    assert len(stripe.listed(SECRET_KEY, "/v1/payment_intents")) == 1
