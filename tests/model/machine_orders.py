"""Orders that a program makes, in any order: paid, held, captured, charged in absence, cancelled.

People delete their accounts meanwhile, and an operator takes that back, or lets them be erased.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from payments import wiring
from payments.use_cases.cancel_order import cancel_order
from tests.integration.orders import let_expire
from tests.model.machine import use_every_rule
from tests.model.orders_world import OrdersWorld
from tests.model.people import (
    ALWAYS_DECLINED,
    GOOD_CVC,
    LATER,
    PEOPLE,
    VISA,
    Card,
    face_of,
    user_of,
)
from tests.support.api_client import Answer, ApiClient
from tests.support.gateway import merchants_gateway

_FAULTS = ("timeout_after", "http_500", "timeout_before", "rate_limit", "remembered_500_after")
_CALLS = (
    ("POST", "/v1/payment_intents"),
    ("POST", "/v1/payment_intents/*/confirm"),
    ("POST", "/v1/payment_intents/*/capture"),
    ("POST", "/v1/payment_intents/*/cancel"),
    ("POST", "/v1/refunds"),
    ("DELETE", "/v1/customers/*"),
    ("GET", "/v1/payment_intents/*"),
)
_REFUSED = frozenset(
    {
        (402, "card_declined"), (402, "authentication_failed"),
        (404, "payment_method_not_found"), (404, "payment_not_found"), (404, "order_not_found"),
        (409, "order_not_payable"), (409, "payment_not_confirmable"),
        (409, "payment_not_cancelable"), (409, "payment_not_capturable"),
        (409, "payment_not_refundable"), (409, "idempotency_key_reused"),
        (422, "amount_too_large"), (422, "validation_error"), (422, "cvc_required"),
    }
)  # fmt: skip
_LEAVING = frozenset({(403, "account_being_deleted"), (401, "not_authenticated")})


@dataclass(frozen=True)
class Made:
    """An order that a program has made."""

    order_id: str
    person: str
    total: int


class Ordering(RuleBasedStateMachine):
    """The people, the program, the staff, the bank, Stripe's failures, and time."""

    cards = Bundle("cards")
    orders = Bundle("orders")

    def __init__(self, world: OrdersWorld) -> None:
        super().__init__()
        use_every_rule(self)
        self.world = world
        self.random = Random(0)  # noqa: S311
        self.sound = False
        world.start_over()

    @initialize(target=cards, seed=st.integers(0, 2**16))
    def ada_has_a_card(self, seed: int) -> Card:
        self.random = Random(seed)  # noqa: S311
        return self._saves("ada", VISA)

    @initialize(target=cards)
    def bob_has_a_card(self) -> Card:
        return self._saves("bob", VISA)

    @rule(
        target=cards,
        person=st.sampled_from(PEOPLE),
        number=st.sampled_from([VISA, VISA, ALWAYS_DECLINED]),
    )
    def save_a_card(self, person: str, number: str) -> Card:
        return self._saves(person, number)

    def _saves(self, person: str, number: str) -> Card:
        """Set a card up, so that it may be charged in absence."""
        card = Card(person, self.world.stripe.payment_method(number), number)
        body: Mapping[str, object] = {"usage": "off_session"}
        started = self._asks(person, lambda api: api.send("POST", "/setup-intents", body=body))
        if started.status == 201:
            secret = started.body["client_secret"]
            self.world.stripe.set_up_card(secret, card.payment_method_id)
            saved = {"setup_intent_id": started.body["setup_intent_id"]}
            self._asks(person, lambda api: api.send("POST", "/payment-methods", body=saved))
        return card

    @rule(
        target=orders,
        person=st.sampled_from(["ada", "ada", "bob", "eve"]),
        capture=st.sampled_from(["automatic", "manual"]),
        amount=st.sampled_from([500, 1099]),
    )
    def make_an_order(self, person: str, capture: str, amount: int) -> Made:
        number = self.random.getrandbits(64)
        answer = self._merchant(
            "/orders",
            order_reference=f"R-{number}",
            user_id=user_of(person).user_id,
            currency="eur",
            lines=[{"description": "Tea", "quantity": 2, "unit_amount": amount}],
            shipping_amount=100,
            receipt_email=f"{person}@example.com",
            capture_method=capture,
        )
        if answer.status != 201:
            assert self.world.is_leaving(person), answer
            return Made("ord_none", person, 0)
        assert answer.body["total"] == 2 * amount + 100
        return Made(answer.body["order_id"], person, answer.body["total"])

    @rule(
        made=orders, card=cards, key=st.sampled_from(["first-key", "other-key"]), pays=st.booleans()
    )
    def pay(self, made: Made, card: Card, key: str, pays: bool) -> None:
        """With their own card, or with somebody else's."""
        key = f"{key}-{made.order_id}"
        answer = self._asks(
            made.person,
            lambda api: api.create(
                key=key, order_id=made.order_id, payment_method_id=card.payment_method_id
            ),
        )
        if answer.status == 201:
            assert (answer.body["order_id"], answer.body["amount"]) == (made.order_id, made.total)
        if pays:
            self.confirm(made)

    @rule(made=orders)
    def confirm(self, made: Made) -> None:
        payment_id = self.world.payment_of(made.order_id)
        if payment_id:
            token = self.world.cvc_token(GOOD_CVC)
            self._asks(made.person, lambda api: api.confirm(payment_id, cvc_token=token))

    @rule(made=orders, card=st.none() | cards, key=st.sampled_from(["away-key", "again-key"]))
    def charge_in_absence(self, made: Made, card: Card | None, key: str) -> None:
        named = {"payment_method_id": card.payment_method_id} if card else {}
        leaving = self.world.is_leaving(made.person)
        body = {"order_id": made.order_id, "user_id": user_of(made.person).user_id, **named}
        answer = self._merchant("/payments", key=f"{key}-{made.order_id}", **body)
        if answer.status == 201 and answer.body["status"] in {"succeeded", "requires_capture"}:
            assert not leaving or not self.world.is_new(answer.body["payment_id"])

    @rule(made=orders, amount=st.sampled_from([None, 1, 600]))
    def capture(self, made: Made, amount: int | None) -> None:
        body: dict[str, Any] = {"amount": amount} if amount else {}
        self._of_payment(made, "capture", **body)

    @rule(made=orders, amount=st.sampled_from([None, 1, 300]), key=st.sampled_from(["r-1", "r-2"]))
    def refund(self, made: Made, amount: int | None, key: str) -> None:
        body: dict[str, Any] = {"amount": amount} if amount else {}
        self._of_payment(made, "refunds", key=f"refund-{key}", **body)

    @rule(made=orders, who=st.sampled_from(["person", "staff", "order"]))
    def cancel(self, made: Made, who: str) -> None:
        payment_id = self.world.payment_of(made.order_id)
        if who == "order":
            self._merchant(f"/orders/{made.order_id}/cancel")
        elif who == "staff":
            self._of_payment(made, "cancel")
        elif payment_id:
            path = f"/payments/{payment_id}/cancel"
            self._asks(made.person, lambda api: api.send("POST", path))

    @rule(made=orders, what=st.sampled_from(["cancel", "run out", "expire"]))
    def something_befalls_the_order(self, made: Made, what: str) -> None:
        intent = self.world.live_intent_of(made.order_id)
        if what == "expire" and made.total:
            let_expire(self.world.aws, made.order_id)
        elif intent and what == "cancel":
            self.world.merchant.cancels_if_it_may_be(intent["id"])
        elif intent and intent["status"] == "requires_capture":
            with self.world.merchant.undisturbed():
                self.world.stripe.let_hold_expire(intent["id"])

    @rule(
        made=orders,
        card=cards,
        moment=st.integers(0, 7),
        act=st.sampled_from(["cancel the order", "cancel at Stripe", "reconcile"]),
        how=st.sampled_from(["confirm", "pay", "charge", "capture"]),
    )
    def do_something_while_the_order_ends(
        self, made: Made, card: Card, moment: int, act: str, how: str
    ) -> None:
        self.world.interruptions.expect(lambda: self._meanwhile(act, made), moment=moment)
        match how:
            case "confirm":
                self.confirm(made)
            case "pay":
                self.pay(made, card, "first-key", True)
            case "charge":
                self.charge_in_absence(made, None, "away-key")
            case _:
                self.capture(made, None)
        self.world.interruptions.forget()

    def _meanwhile(self, act: str, made: Made) -> None:
        intent = self.world.live_intent_of(made.order_id)
        if act == "cancel the order" and made.total:
            self.world.tries(
                lambda: cancel_order(
                    made.order_id, orders=wiring.orders(), recorder=wiring.recorder(by="cancel")
                )
            )
        elif act == "cancel at Stripe" and intent:
            self.world.merchant.cancels_if_it_may_be(intent["id"])

    @rule(
        made=orders,
        kind=st.sampled_from(_FAULTS),
        call=st.sampled_from(_CALLS),
        times=st.sampled_from([3, 1]),
    )
    def let_stripe_fail(self, made: Made, kind: str, call: tuple[str, str], times: int) -> None:
        self.world.stripe.fault(*call, kind, times=times, ms=1)
        self.confirm(made)

    @rule(what=st.sampled_from(["webhooks", "webhooks", "reconcile", "days pass"]))
    def time_goes_by(self, what: str) -> None:
        match what:
            case "webhooks":
                self.world.send_webhooks()
                self.world.release_webhooks(held_back=self.random.randrange(2))
            case "reconcile":
                self.world.reconcile()
            case _:
                self.world.let_days_pass(stripe_forgets=False)

    # People who go

    @rule(person=st.sampled_from(["eve", "eve", "bob"]))
    def delete_an_account(self, person: str) -> None:
        was_erased = self.world.is_erased(person)
        answer = self._asks(
            person, lambda api: api.send("DELETE", "/account"), leaving_may={(202, "")}
        )
        if answer.status == 202:
            assert not was_erased
            assert self.world.is_leaving(person)

    @rule(person=st.sampled_from(["eve", "bob"]))
    def keep_an_account(self, person: str) -> None:
        answer = self.world.run("erase_accounts", {"keep": user_of(person).user_id})
        if answer == {"kept": 1}:
            assert not self.world.is_leaving(person)

    @rule(days=st.sampled_from([0, 14]))
    def erase(self, days: int) -> None:
        before = {person for person in PEOPLE if self.world.is_erased(person)}
        self.world.run("erase_accounts", {"older_than_days": days})
        after = {person for person in PEOPLE if self.world.is_erased(person)}
        assert days == 0 or after == before, "before the time of grace is over"

    @rule(person=st.sampled_from(["eve"]))
    def delete_their_own_user(self, person: str) -> None:
        """By Cognito's own operation: two runs notice it, then the time of grace begins."""
        self.world.pool.people.pop(user_of(person).user_id, None)

    # How they ask, and what they may hear

    def _asks(
        self,
        person: str,
        ask: Callable[[ApiClient], Answer],
        *,
        leaving_may: set[tuple[int, str]] | None = None,
    ) -> Answer:
        disturbed, leaving = self.world.disturbed(), self.world.is_leaving(person)
        answer = self.world.ask(person, ask)
        expected = _LEAVING | (leaving_may or set()) if leaving else frozenset()
        self._check(answer, expected, disturbed=disturbed, may_succeed=not leaving)
        return answer

    def _merchant(self, path: str, *, key: str | None = None, **body: object) -> Answer:
        disturbed = self.world.disturbed()
        headers = {"Idempotency-Key": key or f"key-{self.random.getrandbits(64)}"}
        with self.world.running():
            answer = merchants_gateway("staff:sam")(
                "POST", f"/merchant{path}", body=body, headers=headers
            )
        self._check(answer, frozenset(), disturbed=disturbed, may_succeed=True)
        return answer

    def _of_payment(self, made: Made, what: str, *, key: str | None = None, **body: object) -> None:
        payment_id = self.world.payment_of(made.order_id)
        if payment_id:
            self._merchant(f"/payments/{payment_id}/{what}", key=key, **body)

    def _check(
        self,
        answer: Answer,
        expected: frozenset[tuple[int, str]] | set[tuple[int, str]],
        *,
        disturbed: bool,
        may_succeed: bool,
    ) -> None:
        face = face_of(answer)
        if face[0] < 300:
            assert may_succeed or face in expected, answer
        elif face not in expected | _REFUSED | _LEAVING:
            assert disturbed, answer
            assert face in LATER, answer

    @invariant()
    def all_is_well(self) -> None:
        self.sound = False
        self.world.check()
        self.sound = True

    def teardown(self) -> None:
        if self.sound:
            self.world.settle(self.random)
