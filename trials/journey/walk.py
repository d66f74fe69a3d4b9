"""The shopper's steps, in their order; then the merchant's."""

import base64
import json
import secrets
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from local import Stack, confirmation_code
from local.aws import session
from trials.journey.api import Api, Audit
from trials.journey.merchant import Merchant
from trials.journey.steps import Reporter, UnexpectedAnswerError, expect
from trials.journey.stripe_js import (
    ALWAYS_CHALLENGED,
    DECLINED_WHEN_CHARGED,
    VISA,
    Journal,
    StripeJs,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SAVE_SET_UP_CARD = "Save the card that was set up"
PRODUCT_ID = "coffee-beans"
CURRENCY = "eur"
CONSENT = "Save this card, and charge it for each order of mine, also when I am not there."


class Walk:
    """One new person's journey through the API."""

    def __init__(self, stack: Stack, reporter: Reporter) -> None:
        self._stack = stack
        self._reporter = reporter
        self.audit = Audit()
        self._journal = Journal(stack) if stack.simulated_stripe else None
        self._api = Api(stack, reporter, journal=self._journal, audit=self.audit)
        self._stripe_js = StripeJs(stack, reporter)
        self._user_id = ""
        self._email = f"journey-{secrets.token_hex(6)}@example.com"
        self._password = f"Journey-{secrets.token_urlsafe(12)}-1a"

    def walk(self) -> None:
        """Take every step.

        Raises:
            UnexpectedAnswerError: one of them did not go as expected.
        """
        with ExitStack() as cleanup:
            cleanup.callback(self._api.close)
            cleanup.callback(self._stripe_js.close)
            self._sign_up_and_log_in()
            self._buy_with_three_d_secure()
            self._be_declined()
            self._look_back()
            self._deal_with_the_merchant()

    def _sign_up_and_log_in(self) -> None:
        person = {"email": self._email, "password": self._password, "name": "Jenny Rosen"}
        signed_up = self._api.call("Sign up", "POST", "/signup", status=201, json=person)
        if signed_up["confirmation_required"]:
            self._confirm_email()
        claims = self._log_in()
        expect("The token's use", claims["token_use"], "id")
        expect("The token's person", claims["sub"], signed_up["user_id"])
        self._user_id = claims["sub"]

    def _buy_with_three_d_secure(self) -> None:
        payment_method_id = self._attach_card(ALWAYS_CHALLENGED)
        listed = self._api.call("List cards", "GET", "/payment-methods", status=200)
        expect(
            "The saved cards",
            [card["payment_method_id"] for card in listed["data"]],
            [payment_method_id],
        )
        price = self._price()

        payment = self._create_payment("Create payment", payment_method_id)
        expect("The amount", payment["amount"], price)
        expect("The status", payment["status"], "requires_confirmation")
        path = f"/payments/{payment['payment_id']}"

        cvc_token = self._stripe_js.create_cvc_token()
        self.audit.cvc_tokens.append(cvc_token)
        confirmed = self._api.call(
            "Confirm with the CVC",
            "POST",
            f"{path}/confirm",
            status=200,
            json={"cvc_token": cvc_token},
        )
        expect("The status", confirmed["status"], "requires_action")
        if not confirmed["next_action"]:
            raise UnexpectedAnswerError("There is no next_action.")
        if not self._stack.simulated_stripe:
            self._reporter.line("  (Stripe's own 3-D Secure challenge needs a browser: left open.)")
            return

        self._stripe_js.complete_challenge(payment["payment_intent_id"])
        paid = self._api.call(
            "Confirm after 3-D Secure", "POST", f"{path}/confirm", status=200, json={}
        )
        expect("The status", paid["status"], "succeeded")
        expect("The next action", paid["next_action"], None)

    def _be_declined(self) -> None:
        payment_method_id = self._set_up_card(DECLINED_WHEN_CHARGED)
        payment = self._create_payment("Create another payment", payment_method_id)
        problem = self._api.call(
            "Confirm, and be declined",
            "POST",
            f"/payments/{payment['payment_id']}/confirm",
            status=402,
            json={"cvc_token": self._stripe_js.create_cvc_token()},
        )
        expect("The problem's code", problem["code"], "card_declined")
        if not problem["decline_code"]:
            raise UnexpectedAnswerError("There is no decline_code.")
        expect("The payment's status", problem["payment"]["status"], "requires_payment_method")

    def _look_back(self) -> None:
        history = self._api.call("Look back", "GET", "/payments", status=200, stripe_calls=0)
        first = "succeeded" if self._stack.simulated_stripe else "requires_action"
        expect(
            "The history, newest first",
            [payment["status"] for payment in history["data"]],
            ["requires_payment_method", first],
        )

    def _deal_with_the_merchant(self) -> None:
        card = self._set_up_card(VISA)
        self._api.call(
            "Make it the default card",
            "PATCH",
            f"/payment-methods/{card}",
            status=200,
            stripe_calls=2,  # whose card it is comes first
            json={"default": True},
        )
        Merchant(
            self._stack,
            self._reporter,
            shopper=self._api,
            user_id=self._user_id,
            payment_method_id=card,
            stripe_js=self._stripe_js,
            journal=self._journal,
            audit=self.audit,
        ).walk()

    def _attach_card(self, number: str) -> str:
        payment_method_id = self._stripe_js.create_payment_method(number)
        card = self._api.call(
            "Attach the card",
            "POST",
            "/payment-methods",
            status=201,
            json={"payment_method_id": payment_method_id},
        )
        return str(card["payment_method_id"])

    def _set_up_card(self, number: str) -> str:
        """Save a card with consent to charges in absence."""
        intent = self._api.call(
            "Start saving a card",
            "POST",
            "/setup-intents",
            status=201,
            json={"usage": "off_session", "consent_text": CONSENT},
        )
        payment_method_id = self._stripe_js.create_payment_method(number)
        self._stripe_js.confirm_card_setup(intent["client_secret"], payment_method_id)
        card = self._api.call(
            SAVE_SET_UP_CARD,
            "POST",
            "/payment-methods",
            status={200, 201},  # Stripe's event may have saved it first
            json={"setup_intent_id": intent["setup_intent_id"]},
        )
        expect("Charges in absence", card["usable_off_session"], True)
        return str(card["payment_method_id"])

    def _price(self) -> int:
        products = self._api.call("List products", "GET", "/products", status=200, stripe_calls=0)[
            "data"
        ]
        [price] = [
            product["prices"][CURRENCY]
            for product in products
            if product["product_id"] == PRODUCT_ID
        ]
        return int(price)

    def _create_payment(self, title: str, payment_method_id: str) -> dict[str, Any]:
        return self._api.call(
            title,
            "POST",
            "/payments",
            status=201,
            headers={"Idempotency-Key": secrets.token_hex(16)},
            json={
                "items": [{"product_id": PRODUCT_ID}],
                "currency": CURRENCY,
                "payment_method_id": payment_method_id,
            },
        )

    def _confirm_email(self) -> None:
        with self._reporter.step("Confirm the email", "POST", "Cognito ConfirmSignUp") as step:
            answer = self._cognito().confirm_sign_up(
                ClientId=self._stack.user_pool_client_id,
                Username=self._email,
                ConfirmationCode=confirmation_code(self._stack, self._email),
            )
            step.status = answer["ResponseMetadata"]["HTTPStatusCode"]

    def _log_in(self) -> dict[str, Any]:
        with self._reporter.step("Log in", "POST", "Cognito InitiateAuth") as step:
            answer = self._cognito().initiate_auth(
                ClientId=self._stack.user_pool_client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": self._email, "PASSWORD": self._password},
            )
            step.status = answer["ResponseMetadata"]["HTTPStatusCode"]
        token = answer["AuthenticationResult"]["IdToken"]
        self._api.log_in(token)
        return _claims(token)

    def _cognito(self) -> "CognitoIdentityProviderClient":
        return session(self._stack.aws_endpoint_url).client("cognito-idp")


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * 3))
    return claims
