"""People: each signs up, saves cards, buys, changes their mind, loses an answer, looks back."""

import random
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local import Stack, confirmation_code
from trials.soak.api import Api
from trials.soak.ledger import Ledger, Reply
from trials.soak.shop import Shop
from trials.soak.stripe import Stripe

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_PASSWORD = "Soak-Horse-1-Battery"  # noqa: S105  (of people who exist for two minutes)
_CONFIRM = "POST /payments/{payment_id}/confirm"
_CARDS = {
    "4242424242424242": 6,  # succeeds
    "5555555555554444": 2,
    "4000002760003184": 5,  # always 3-D Secure
    "4000002500003155": 1,
    "4000008260003178": 1,  # 3-D Secure, then insufficient funds
    "4000000000000341": 2,  # declined when charged
    "4000000000009995": 1,  # declined when saved
    "4000000000000069": 1,
    "4000000000000259": 2,  # disputed
    "4000000000007726": 2,  # its refunds are pending
}
_SET_UP_CARDS = {
    "4242424242424242": 4,
    "4000002760003184": 2,  # its bank wants to see the person for each charge
    "4000000000000341": 1,
}
_WRONG_CVC, _RIGHT_CVC = "999", "123"
_STEPS = 6
_CREATED, _OK, _REFUSED, _UNPROCESSABLE = 201, 200, 402, 422
_DEFAULT_CURRENCY = "eur"
# How often something happens, as a fraction of 1.
_NAMES_CURRENCY, _USES_SAVED_CARD, _OTHER_CARD, _GIVES_CVC_ANEW = 0.5, 0.4, 0.5, 0.1
_MISTYPES, _CLICKS_ONCE, _TELLS_PRICES = 0.05, 0.75, 0.5
_SHOP_ORDERS = 0.5
_NEVER, _CLOSE, _FAIL = 0.12, 0.36, 0.5  # outcomes of a challenge; otherwise it is passed


@dataclass(frozen=True)
class Purchase:
    """A payment that a person started, and the request that started it."""

    payment_id: str
    key: str
    order: dict[str, object]


class Shopper:
    """One person after another, on one device."""

    def __init__(
        self,
        stack: Stack,
        api: Api,
        *,
        stripe: Stripe,
        shop: Shop,
        cognito: "CognitoIdentityProviderClient",
        ledger: Ledger,
        dice: random.Random,
    ) -> None:
        self._stack = stack
        self._api = api
        self._stripe = stripe
        self._shop = shop
        self._cognito = cognito
        self._ledger = ledger
        self._dice = dice
        self._cards: list[str] = []
        self._purchases: list[Purchase] = []
        self._user_id = ""

    def live(self, stop: threading.Event) -> None:
        """Shop, as one person after another, until it is time to stop."""
        while not stop.is_set():
            if self._api.token is None and not self.sign_up():
                continue
            for _ in range(self._dice.randint(4, 12)):
                if stop.is_set():
                    return
                errands = {
                    self._buy: 10,
                    self._look_back: 2,
                    self._go_on: 2,
                    self._ask_again: 1,
                    self._be_charged_in_absence: 3,
                    self._drop: 1,
                }
                self._dice.choices(list(errands), list(errands.values()))[0]()
            self._api.token = None

    def sign_up(self) -> bool:
        """Become a new person who is logged in."""
        self._cards, self._purchases, self._api.token = [], [], None
        email = f"soak-{secrets.token_hex(8)}@example.com"
        person = {"email": email, "password": _PASSWORD, "name": "Grace Hopper"}
        if self._api.ask("POST /signup", body=person) is None:
            return False
        self._cognito.confirm_sign_up(
            ClientId=self._stack.user_pool_client_id,
            Username=email,
            ConfirmationCode=confirmation_code(self._stack, email, timeout=30),
        )
        tokens = self._cognito.initiate_auth(
            ClientId=self._stack.user_pool_client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": _PASSWORD},
        )["AuthenticationResult"]
        user = self._cognito.get_user(AccessToken=tokens["AccessToken"])
        (sub,) = [each["Value"] for each in user["UserAttributes"] if each["Name"] == "sub"]
        self._ledger.user_ids.add(sub)
        self._user_id = sub
        self._api.token = tokens["IdToken"]
        return True

    def _buy(self) -> None:
        card = self._card()
        products = self._api.ask("GET /products")
        if card is None or products is None:
            return
        order = self._order_of_the_shop(card) if self._happens(_SHOP_ORDERS) else None
        order = order or self._order(products.body["data"], card)
        key = secrets.token_hex(12)
        created = self._clicked(lambda: self._api.ask("POST /payments", key=key, body=order))
        if created is None or created.status != _CREATED:
            if created is None or created.code != "order_not_payable":
                self._cards.clear()  # gone with a deleted customer
            return
        purchase = Purchase(created.body["payment_id"], key, order)
        self._purchases.append(purchase)
        self._pay(purchase)

    def _order_of_the_shop(self, card: str) -> dict[str, object] | None:
        """An order that the shop's program has made and priced."""
        order = self._shop.order_for(self._user_id)
        if order is None:
            return None
        self._api.ask("GET /orders/{order_id}", order_id=order["order_id"])
        return {"order_id": order["order_id"], "payment_method_id": card}

    def _be_charged_in_absence(self) -> None:
        """Agree to it, and leave; the shop charges. What the bank refuses, the person may pay."""
        if self._set_up_card() is None:
            return
        order = self._shop.order_for(self._user_id)
        charged = self._shop.charge_in_absence(order) if order else None
        if order is None or charged is None or charged.status != _CREATED:
            return
        body = {"order_id": order["order_id"], "payment_method_id": self._cards[-1]}
        purchase = Purchase(charged.body["payment_id"], secrets.token_hex(12), body)
        if charged.body["status"] == "requires_payment_method":
            self._pay(purchase, payment_method_id=self._cards[-1])
        self._purchases.append(purchase)

    def _set_up_card(self) -> str | None:
        """Save a card as the default, with consent to charges in absence."""
        body: dict[str, object] = {"usage": "off_session", "consent_text": "Charge me."}
        begun = self._api.ask("POST /setup-intents", body=body)
        if begun is None or begun.status != _CREATED:
            return None
        number = self._dice.choices(list(_SET_UP_CARDS), list(_SET_UP_CARDS.values()))[0]
        card = self._stripe.payment_method(number)
        if not self._stripe.set_up(begun.body["client_secret"], card):
            return None
        body = {"setup_intent_id": begun.body["setup_intent_id"]}
        saved = self._clicked(lambda: self._api.ask("POST /payment-methods", body=body))
        if saved is None or "payment_method_id" not in saved.body:
            return None
        self._cards.append(saved.body["payment_method_id"])
        self._api.ask(
            "PATCH /payment-methods/{payment_method_id}",
            payment_method_id=self._cards[-1],
            body={"default": True},
        )
        return self._cards[-1]

    def _drop(self) -> None:
        """Cancel a payment, finished or not."""
        if self._purchases:
            payment_id = self._dice.choice(self._purchases).payment_id
            self._api.ask("POST /payments/{payment_id}/cancel", payment_id=payment_id)

    def _order(self, products: Sequence[Any], card: str) -> dict[str, object]:
        """A few products that are sold in one currency, often at the prices that were seen."""
        currency = self._dice.choice(sorted(self._dice.choice(products)["prices"]))
        offered = [product for product in products if currency in product["prices"]]
        chosen = self._dice.sample(offered, self._dice.randint(1, min(3, len(offered))))
        saw = self._happens(_TELLS_PRICES)
        items = [
            {"product_id": each["product_id"], "quantity": self._dice.randint(1, 3)}
            | ({"unit_amount": each["prices"][currency]} if saw else {})
            for each in chosen
        ]
        order: dict[str, object] = {"items": items, "payment_method_id": card}
        if saw or currency != _DEFAULT_CURRENCY or self._happens(_NAMES_CURRENCY):
            order["currency"] = currency
        return order

    def _card(self) -> str | None:
        """A saved card, or a new one."""
        if self._cards and self._happens(_USES_SAVED_CARD):
            return self._dice.choice(self._cards)
        number = self._dice.choices(list(_CARDS), list(_CARDS.values()))[0]
        body = {"payment_method_id": self._stripe.payment_method(number)}
        saved = self._clicked(lambda: self._api.ask("POST /payment-methods", body=body))
        if saved is None or "payment_method_id" not in saved.body:
            return None
        self._cards.append(saved.body["payment_method_id"])
        return self._cards[-1]

    def _pay(self, purchase: Purchase, **card: str) -> None:
        """Confirm until it is paid, refused or abandoned, or until the person has had enough."""
        reply = self._confirm_with_cvc(purchase, **card)
        for _ in range(_STEPS):
            if reply is None:
                return
            if reply.body.get("status") == "requires_action":
                if not self._answer_challenge(reply.body):
                    return
                reply = self._clicked(lambda: self._confirm(purchase))
            elif reply.status == _REFUSED and self._happens(_OTHER_CARD):
                other = self._card()
                card = {"payment_method_id": other} if other else {}
                reply = self._confirm_with_cvc(purchase, **card)
            elif reply.status == _UNPROCESSABLE:  # the CVC is needed again
                reply = self._confirm_with_cvc(purchase, **card)
            else:
                return

    def _confirm_with_cvc(self, purchase: Purchase, **card: str) -> Reply | None:
        cvc = _WRONG_CVC if self._happens(_MISTYPES) else _RIGHT_CVC
        if self._happens(_GIVES_CVC_ANEW):  # in two tabs, each with its own
            return self._clicked(
                lambda: self._confirm(purchase, cvc_token=self._stripe.cvc_token(cvc), **card)
            )
        token = self._stripe.cvc_token(cvc)
        return self._clicked(lambda: self._confirm(purchase, cvc_token=token, **card))

    def _confirm(self, purchase: Purchase, **body: str) -> Reply | None:
        return self._api.ask(_CONFIRM, payment_id=purchase.payment_id, body=body)

    def _answer_challenge(self, payment: Any) -> bool:
        """Respond to 3-D Secure somehow; return whether the app continues."""
        chance = self._dice.random()
        if chance < _NEVER:
            return False
        outcome = "fail" if _CLOSE <= chance < _FAIL else "succeed"
        self._stripe.answer_challenge(payment["payment_intent_id"], outcome)
        return chance >= _CLOSE  # otherwise the browser was closed right after it

    def _go_on(self) -> None:
        """Come back to something bought, paid or not."""
        if self._purchases:
            purchase = self._dice.choice(self._purchases)
            card = self._card() if self._happens(_OTHER_CARD) else None
            self._pay(purchase, **({"payment_method_id": card} if card else {}))

    def _ask_again(self) -> None:
        """Send an old request again, as a client without an answer would."""
        if self._purchases:
            purchase = self._dice.choice(self._purchases)
            self._api.ask("POST /payments", key=purchase.key, body=purchase.order)

    def _look_back(self) -> None:
        self._api.ask("GET /payments")
        self._api.ask("GET /payment-methods")
        if self._purchases:
            payment_id = self._dice.choice(self._purchases).payment_id
            self._api.ask("GET /payments/{payment_id}", payment_id=payment_id)

    def _clicked(self, request: Callable[[], Reply | None]) -> Reply | None:
        """The answer to a click, or the best one if it was a double or triple click."""
        if self._happens(_CLICKS_ONCE):
            return request()
        times = self._dice.randint(2, 3)
        with ThreadPoolExecutor(times) as pool:
            replies = [future.result() for future in [pool.submit(request) for _ in range(times)]]
        answered = [reply for reply in replies if reply]
        with suppress(StopIteration):
            return next(reply for reply in answered if reply.status in {_OK, _CREATED})
        return answered[0] if answered else None

    def _happens(self, chance: float) -> bool:
        return self._dice.random() < chance
