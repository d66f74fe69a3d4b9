"""Scenarios of an order: a program makes it, its person pays it, the merchant cancels it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tests.crash_matrix.calls import How
from tests.crash_matrix.paying import is_created, is_paid
from tests.crash_matrix.scenario import Case, Recoveries, Recovery, Scenario
from tests.crash_matrix.world import World
from tests.support.api_client import Answer
from tests.support.gateway import merchants_gateway

_KEY = "a-key-of-adas"
_OTHER_KEY = "another-key-of-adas"
_ROW_AND_ORDER_LEARN = "dynamodb TransactWriteItems"


def _is_made(answer: Answer) -> bool:
    return answer.status == 201 and (answer.body["status"], answer.body["total"]) == ("open", 1099)


def _is_canceled(answer: Answer) -> bool:
    return answer.status == 200 and answer.body["status"] == "canceled"


def _succeeded(answer: Answer) -> bool:
    return answer.status == 200


def _is_over(answer: Answer) -> bool:
    return answer.status == 409 and answer.code == "order_not_payable"


def _make(world: World) -> Case:
    """Whatever was cut off, the key makes one order, and it can be paid."""
    card = world.saved_card()

    def step() -> Answer:
        return world.make_order("an-order-for-ada")

    def again() -> None:
        answer = step()
        assert _is_made(answer), answer

    def settled(done: Recoveries) -> None:
        if Recovery.CLIENT in done:
            assert len(world.everything.rows("OrdersTable")) == 1

    def afterwards() -> None:
        _pay(world, step().body["order_id"], card)

    return Case(step=step, right=_is_made, again=again, settled=settled, afterwards=afterwards)


def _pay(world: World, order_id: str, card: str, *, key: str = _KEY) -> None:
    """Whatever has happened, the order is paid, once, and another key is told so."""
    created = world.pay_order(key, order_id, card)
    assert is_created(created), created
    payment_id = created.body["payment_id"]
    answer = world.confirm(payment_id, world.cvc(payment_id))
    assert is_paid(answer), answer
    assert "paid_at" in world.order_row(order_id)
    late = world.pay_order("too-late-a-key", order_id, card)
    assert _is_over(late), late


def _create(world: World) -> Case:
    """The order's payment: the order, the payment and the key's answer are written as one."""
    card = world.saved_card()
    order_id = world.made_order()

    def again() -> None:
        answer = world.pay_order(_KEY, order_id, card)
        assert is_created(answer), answer
        other = world.pay_order(_OTHER_KEY, order_id, card)
        assert other.body["payment_id"] == answer.body["payment_id"]

    def settled(_: Recoveries) -> None:
        _check_one_payment(world, order_id)

    return Case(
        step=lambda: world.pay_order(_KEY, order_id, card),
        right=is_created,
        again=again,
        settled=settled,
        afterwards=lambda: _pay(world, order_id, card),
    )


def _check_one_payment(world: World, order_id: str) -> None:
    payments = [row for row in world.payments() if row.get("order_id") == order_id]
    named = world.order_row(order_id).get("payment_id")
    assert [row["payment_id"] for row in payments] == ([named] if named else [])


def _create_with_another_key(world: World) -> Case:
    """The payment is there: a second device gets it as well."""
    card = world.saved_card()
    order_id = world.made_order()
    first = world.pay_order(_KEY, order_id, card)

    def right(answer: Answer) -> bool:
        return is_created(answer) and answer.body["payment_id"] == first.body["payment_id"]

    def again() -> None:
        answer = world.pay_order(_OTHER_KEY, order_id, card)
        assert right(answer), answer

    return Case(
        step=lambda: world.pay_order(_OTHER_KEY, order_id, card),
        right=right,
        again=again,
        settled=lambda _: _check_one_payment(world, order_id),
        afterwards=lambda: _pay(world, order_id, card, key=_OTHER_KEY),
    )


def _create_the_next(world: World) -> Case:
    """Stripe has cancelled the order's first payment."""
    card = world.saved_card()
    order_id = world.made_order()
    first = world.pay_order(_KEY, order_id, card).body
    world.cancel_at_stripe(first["payment_id"])
    world.ada.payment(first["payment_id"])

    def again() -> None:
        answer = world.pay_order(_OTHER_KEY, order_id, card)
        assert is_created(answer), answer
        assert answer.body["payment_id"] != first["payment_id"]
        assert world.pay_order(_KEY, order_id, card).body["status"] == "canceled"

    return Case(
        step=lambda: world.pay_order(_OTHER_KEY, order_id, card),
        right=is_created,
        again=again,
        afterwards=lambda: _pay(world, order_id, card, key=_OTHER_KEY),
    )


def _confirm(world: World) -> Case:
    """The payment and the order are paid together, or neither is."""
    card = world.saved_card()
    order_id = world.made_order()
    payment_id = world.pay_order(_KEY, order_id, card).body["payment_id"]
    token = world.cvc(payment_id)

    def again() -> None:
        answer = world.confirm_again(payment_id, token)
        assert is_paid(answer), answer

    def settled(_: Recoveries) -> None:
        paid = world.payment(payment_id)["status"] == "succeeded"
        assert paid == ("paid_at" in world.order_row(order_id))

    def afterwards() -> None:
        late = world.pay_order(_OTHER_KEY, order_id, card)
        assert _is_over(late), late
        assert world.pay_order(_KEY, order_id, card).body["status"] == "succeeded"

    return Case(
        step=lambda: world.confirm(payment_id, token),
        right=is_paid,
        again=again,
        settled=settled,
        afterwards=afterwards,
    )


def _cancel(world: World) -> Case:
    """The order and its payment are over together; then the payment is cancelled at Stripe."""
    card = world.saved_card()
    order_id = world.made_order()
    payment_id = world.pay_order(_KEY, order_id, card).body["payment_id"]

    def afterwards() -> None:
        assert world.payment(payment_id)["status"] == "canceled"
        answer = world.confirm(payment_id, world.cvc(payment_id))
        assert answer.status == 409, answer

    case = _cancellation(world, order_id, card)
    return replace(case, afterwards=afterwards)


def _cancellation(world: World, order_id: str, card: str) -> Case:
    def again() -> None:
        answer = world.cancel_order(order_id)
        assert _is_canceled(answer), answer
        late = world.pay_order("too-late-a-key", order_id, card)
        assert _is_over(late), late

    def settled(_: Recoveries) -> None:
        for row in world.payments():
            if row.get("order_id") == order_id:
                closed = "order_closed" in row
                assert closed == ("canceled_at" in world.order_row(order_id))

    return Case(
        step=lambda: world.cancel_order(order_id),
        right=_is_canceled,
        again=again,
        settled=settled,
    )


def _cancel_without_a_payment(world: World) -> Case:
    card = world.saved_card()
    return _cancellation(world, world.made_order(), card)


def _cancel_before_the_intent(world: World) -> Case:
    """The payment's creation was cut off before Stripe heard of it."""
    card = world.saved_card()
    order_id = world.made_order()
    world.cut_off(lambda: world.pay_order(_KEY, order_id, card), How.AFTER, _ROW_AND_ORDER_LEARN)
    return _cancellation(world, order_id, card)


def _cancel_of_a_paid_one(world: World) -> Case:
    """It was paid, which our rows do not know: the order stays cancelled, and that is told."""
    card = world.saved_card()
    order_id = world.made_order()
    payment_id = world.pay_order(_KEY, order_id, card).body["payment_id"]
    token = world.cvc(payment_id)
    world.cut_off(lambda: world.confirm(payment_id, token), How.BEFORE, _ROW_AND_ORDER_LEARN)

    def right(answer: Answer) -> bool:
        paid_first = answer.status == 409 and answer.body["detail"] == "This order is paid."
        return _is_canceled(answer) or paid_first

    def again() -> None:
        answer = world.cancel_order(order_id)
        assert right(answer), answer

    def afterwards() -> None:
        row = world.payment(payment_id)
        assert row["status"] == "succeeded"
        told = "order_canceled_but_paid" in {line["to_status"] for line in row["history"]}
        assert told == ("canceled_at" in world.order_row(order_id))
        assert world.objects("refunds") == []

    return Case(
        step=lambda: world.cancel_order(order_id), right=right, again=again, afterwards=afterwards
    )


def _look(world: World, look: Callable[[World, str], Answer]) -> Case:
    world.saved_card()
    order_id = world.made_order()

    def again() -> None:
        answer = look(world, order_id)
        assert answer.status == 200, answer
        assert order_id in str(answer.body)

    return Case(step=lambda: look(world, order_id), right=_succeeded, again=again)


def _list(_world: World, _order_id: str) -> Answer:
    query = {"order_reference": "R-1001"}
    return merchants_gateway()("GET", "/merchant/orders", query=query)


def _get_as_merchant(world: World, order_id: str) -> Answer:
    return world.merchant("GET", f"/merchant/orders/{order_id}")


def _get(world: World, order_id: str) -> Answer:
    return world.ada.order(order_id)


_CREATE = "create_payment_intent"

SCENARIOS = [
    Scenario("make an order", "create_order", _make),
    Scenario("list orders", "list_orders", partial(_look, look=_list)),
    Scenario(
        "get an order, as the merchant", "get_merchant_order", partial(_look, look=_get_as_merchant)
    ),
    Scenario("get an order", "get_order", partial(_look, look=_get)),
    Scenario("create, for an order", _CREATE, _create),
    Scenario("create, for an order, with another key", _CREATE, _create_with_another_key),
    Scenario("create, for an order, the next payment", _CREATE, _create_the_next),
    Scenario("confirm, for an order", "confirm_payment_intent", _confirm),
    Scenario("cancel an order", "cancel_order", _cancel),
    Scenario("cancel an order without a payment", "cancel_order", _cancel_without_a_payment),
    Scenario("cancel an order before the intent", "cancel_order", _cancel_before_the_intent),
    Scenario("cancel an order that was paid", "cancel_order", _cancel_of_a_paid_one),
]
