"""People's requests to Till, and the answers they may get."""

from collections.abc import Set as AbstractSet

from payments.domain.payment import EXPIRED, REFUSED
from payments.domain.payment_intent import MISMATCHED
from payments.domain.refund import refund_id_for
from tests.model.people import LATER, Card, Purchase, client_of, face_of
from tests.model.stripe_account import StripeObject, last_payment_error
from tests.model.world import World
from tests.support.api_client import Answer
from tests.support.gateway import merchants_gateway

type Face = tuple[int, str]

NO_CARD: Face = (404, "payment_method_not_found")
NO_PAYMENT: Face = (404, "payment_not_found")
CVC_REQUIRED: Face = (422, "cvc_required")
_IN_USE: Face = (409, "payment_method_in_use")
_OTHER_ORDER: Face = (409, "idempotency_key_reused")
_NOT_PAYABLE: Face = (409, "order_not_payable")
_NO_AMOUNT: Face = (422, "validation_error")
_ATTACHED = frozenset({(201, ""), (200, ""), (402, "card_declined"), NO_CARD})
_CREATED = frozenset({(201, ""), NO_CARD, _OTHER_ORDER, _NO_AMOUNT, (422, "currency_not_offered")})
_NOT_CONFIRMABLE: Face = (409, "payment_not_confirmable")
_ENDED = {REFUSED: frozenset({NO_CARD, _NO_AMOUNT}), EXPIRED: frozenset({_NOT_CONFIRMABLE})}
_REFUNDED = frozenset(
    {(201, ""), _OTHER_ORDER, (422, "amount_too_large"), (409, "payment_not_refundable")}
)
_CANCELED = frozenset({(200, ""), (409, "payment_not_cancelable")})
_CONFIRMED = frozenset(
    {(200, ""), (402, "card_declined"), (402, "authentication_failed"), NO_CARD, NO_PAYMENT}
    | {_NOT_CONFIRMABLE, CVC_REQUIRED, _OTHER_ORDER, _NO_AMOUNT}
)


class Requests:
    """Sends requests, and checks each answer against what is known before and after."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _check_face(self, answer: Answer, expected: AbstractSet[Face], *, disturbed: bool) -> None:
        assert face_of(answer) in (expected | LATER if disturbed else expected), answer

    def attach(self, person: str, card: Card) -> None:
        """Attach a card, which may be attached already."""
        world, disturbed = self._world, self._world.disturbed()
        owner = world.merchant.owner_of(card.payment_method_id)
        answer = world.ask(person, lambda api: api.attach(card.payment_method_id))
        self._check_face(answer, _ATTACHED, disturbed=disturbed)
        if answer.status < 300:
            assert owner in {None, person}
            assert answer.body["last4"] == card.number[-4:]

    def set_up(self, person: str, card: Card, *, usage: str, comes_back: bool) -> None:
        """Save a card by a SetupIntent; perhaps only its event tells that it was set up."""
        world, disturbed = self._world, self._world.disturbed()
        body = {"usage": usage}
        started = world.ask(person, lambda api: api.send("POST", "/setup-intents", body=body))
        self._check_face(started, {(201, "")}, disturbed=disturbed)
        if started.status != 201:
            return
        world.secrets.add(started.body["client_secret"])
        setup_intent_id = started.body["setup_intent_id"]
        world.merchant.posts(
            f"setup_intents/{setup_intent_id}/confirm", payment_method=card.payment_method_id
        )
        if comes_back:
            disturbed = world.disturbed()
            body = {"setup_intent_id": setup_intent_id}
            saved = world.ask(person, lambda api: api.send("POST", "/payment-methods", body=body))
            self._check_face(saved, {(201, ""), (200, "")}, disturbed=disturbed)

    def change(self, person: str, card: Card, name: str) -> None:
        """Write another name on a card, and prefer it."""
        world, disturbed = self._world, self._world.disturbed()
        own = world.merchant.owner_of(card.payment_method_id) == person
        own = own and not world.merchant.is_replaced(card.payment_method_id)
        path = f"/payment-methods/{card.payment_method_id}"
        body = {"billing_details": {"name": name}, "default": True}
        answer = world.ask(person, lambda api: api.send("PATCH", path, body=body))
        self._check_face(answer, {(200, "") if own else NO_CARD}, disturbed=disturbed)
        if answer.status == 200:
            assert (answer.body["cardholder_name"], answer.body["default"]) == (name, True)

    def remove(self, person: str, card: Card) -> None:
        """Remove a card, one's own or somebody else's."""
        world, disturbed = self._world, self._world.disturbed()
        owner = world.merchant.owner_of(card.payment_method_id)
        replaced = world.merchant.is_replaced(card.payment_method_id)
        answer = world.ask(person, lambda api: api.delete_card(card.payment_method_id))
        expected = {(204, ""), _IN_USE} if owner == person and not replaced else {NO_CARD}
        self._check_face(answer, expected, disturbed=disturbed)
        if owner != person:
            assert world.merchant.owner_of(card.payment_method_id) == owner
        elif answer.status == 204:
            assert world.merchant.owner_of(card.payment_method_id) is None
        elif face_of(answer) == _IN_USE:
            row = world.rows()[answer.body["payment_id"]]
            assert row.user_id == person
            assert not row.is_closed
            assert not row.can_take_another_card

    def create(self, purchase: Purchase) -> Answer:
        """Start a payment, or send the same request again."""
        world, disturbed = self._world, self._world.disturbed()
        world.sent.setdefault(purchase.payment_id, []).append(purchase)
        row = world.rows().get(purchase.payment_id)
        owner = world.merchant.owner_of(purchase.card.payment_method_id)
        answer = world.ask(
            purchase.person, lambda api: api.create(key=purchase.key, **purchase.body)
        )
        expected = _CREATED | ({_NOT_CONFIRMABLE} if disturbed else set())
        if purchase.saw:
            expected |= {_NOT_PAYABLE}
        if row and row.request_hash != purchase.request_hash:
            expected = frozenset({_OTHER_ORDER})
        elif row and row.payment_intent_id:
            expected = frozenset({(201, "")})
        elif row and row.status in _ENDED and not disturbed:
            expected = _ENDED[row.status]  # what has ended is told again
        self._check_face(answer, expected, disturbed=disturbed)
        if answer.status == 201:
            self._check_told(purchase, answer)
            assert answer.body["payment_id"] == purchase.payment_id
            lines = [(line["product_id"], line["quantity"]) for line in answer.body["lines"]]
            assert lines == [(each, purchase.quantity) for each in purchase.product_ids]
            assert {line["unit_amount"] for line in answer.body["lines"]} == {
                purchase.saw or line["unit_amount"] for line in answer.body["lines"]
            }, "not the price that the person saw"
            assert answer.body["client_secret"]
            assert row or disturbed or owner == purchase.person, "somebody else's card"
        return answer

    def confirm(self, purchase: Purchase, cvc_token: str | None, card: Card | None) -> Answer:
        """Confirm a payment in its owner's name."""
        world, disturbed = self._world, self._world.disturbed()
        body: dict[str, object] = {"cvc_token": cvc_token} if cvc_token else {}
        if card:
            body["payment_method_id"] = card.payment_method_id
        owner = world.merchant.owner_of(card.payment_method_id) if card else None
        paid = self._is_paid(purchase)
        answer = world.ask(purchase.person, lambda api: api.confirm(purchase.payment_id, **body))
        self._check_face(answer, _CONFIRMED, disturbed=disturbed)
        if answer.status == 200:
            self._check_told(purchase, answer)
            intent = self._intent_of(purchase)
            assert disturbed or answer.body["status"] in {"succeeded", "requires_action"}
            assert disturbed or answer.body["status"] == intent["status"]
            assert answer.body["status"] != "succeeded" or self._is_paid(purchase)
        elif answer.status == 402:
            assert disturbed or last_payment_error(self._intent_of(purchase))
        if not paid and self._is_paid(purchase) and card:
            assert disturbed or owner in {None, purchase.person}
        return answer

    def _intent_of(self, purchase: Purchase) -> StripeObject:
        """The intent that a payment's row names."""
        row = self._world.rows()[purchase.payment_id]
        found = self._world.merchant.looks().intents_of(purchase.payment_id)
        return next(intent for intent in found if intent["id"] == row.payment_intent_id)

    def _check_told(self, purchase: Purchase, answer: Answer) -> None:
        """Nobody is told that they have paid what is not what they were to pay."""
        if answer.body["status"] == "succeeded":
            intent = self._intent_of(purchase)
            assert (intent["amount"], intent["currency"]) == (
                answer.body["amount"],
                answer.body["currency"],
            )
            assert intent["amount_received"] == answer.body["amount"]

    def _is_paid(self, purchase: Purchase) -> bool:
        account = self._world.merchant.looks()
        return any(account.charged(i["id"]) for i in account.intents_of(purchase.payment_id))

    def get(self, purchase: Purchase) -> None:
        """Look at a payment."""
        world, disturbed = self._world, self._world.disturbed()
        row = world.rows().get(purchase.payment_id)
        expected = {(200, "") if row else NO_PAYMENT}
        answer = world.ask(purchase.person, lambda api: api.payment(purchase.payment_id))
        self._check_face(answer, expected, disturbed=disturbed)
        if answer.status == 200:
            self._check_told(purchase, answer)
        if answer.status == 200 and not disturbed and answer.body["payment_intent_id"]:
            intent = self._intent_of(purchase)
            assert answer.body["status"] in {intent["status"], MISMATCHED}
            refunded = world.merchant.looks().amount_refunded(intent["id"])
            assert answer.body["amount_refunded"] == refunded

    def refund(self, purchase: Purchase, key: str, amount: int | None) -> None:
        """Somebody of the staff gives money back: one key is one refund."""
        world, disturbed = self._world, self._world.disturbed()
        path = f"/merchant/payments/{purchase.payment_id}/refunds"
        body = {"amount": amount} if amount else {}
        with world.running():
            answer = merchants_gateway("staff:sam")(
                "POST", path, body=body, headers={"Idempotency-Key": key}
            )
        row = world.rows().get(purchase.payment_id)
        self._check_face(answer, _REFUNDED if row else {NO_PAYMENT}, disturbed=disturbed)
        account = world.merchant.looks()
        refund_id = refund_id_for(purchase.payment_id, key)
        made = [each for each in account.refunds if each["metadata"].get("refund_id") == refund_id]
        assert len(made) <= 1, "one key has given money back twice"
        if answer.status == 201:
            assert answer.body["refund_id"] == refund_id
            assert [each["amount"] for each in made] == [answer.body["amount"]]
            assert amount in {None, answer.body["amount"]}
            assert disturbed or answer.body["status"] == made[0]["status"]
        elif not disturbed:
            assert row is None or not row.refund_requests or made == []

    def cancel(self, purchase: Purchase, *, own: bool) -> None:
        """The person cancels, or somebody of the staff."""
        world, disturbed = self._world, self._world.disturbed()
        row = world.rows().get(purchase.payment_id)
        with world.running():
            if own:
                path = f"/payments/{purchase.payment_id}/cancel"
                answer = client_of(purchase.person).send("POST", path)
            else:
                path = f"/merchant/payments/{purchase.payment_id}/cancel"
                answer = merchants_gateway("staff:sam")("POST", path, body={})
        self._check_face(answer, _CANCELED if row else {NO_PAYMENT}, disturbed=disturbed)
        if answer.status == 200:
            assert answer.body["status"] == "canceled"
            assert self._intent_of(purchase)["status"] == "canceled"
        assert row is None or row.status != "succeeded" or answer.status != 200

    def meddle(self, person: str, purchase: Purchase, cvc_token: str) -> None:
        """Look at someone else's payment, and try to confirm it."""
        world = self._world
        for body in ({}, {"cvc_token": cvc_token}):
            answer = world.ask(person, lambda api: api.confirm(purchase.payment_id, **body))  # noqa: B023
            assert face_of(answer) == NO_PAYMENT
        assert (
            face_of(world.ask(person, lambda api: api.payment(purchase.payment_id))) == NO_PAYMENT
        )

    def list(self, person: str) -> None:
        """Look at all payments and all cards."""
        world, disturbed = self._world, self._world.disturbed()
        history = world.ask(person, lambda api: api.history(limit="100"))
        assert face_of(history) == (200, "")
        listed = {payment["payment_id"] for payment in history.body["data"]}
        own = {row.payment_id for row in world.rows().values() if row.user_id == person}
        assert listed == own or disturbed
        assert {payment["client_secret"] for payment in history.body["data"]} <= {None}
        cards = world.ask(person, lambda api: api.cards(limit="100"))
        self._check_face(cards, {(200, "")}, disturbed=disturbed)
        if cards.status == 200:
            for card in cards.body["data"]:
                assert world.merchant.owner_of(card["payment_method_id"]) == person
