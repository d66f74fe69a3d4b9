"""The part of Stripe.js in the browser: card data and CVCs go to Stripe, ids come back."""

from typing import Any

import httpx

from local import Stack
from trials.journey.steps import Http, Reporter, expect

VISA = "4242424242424242"
ALWAYS_CHALLENGED = "4000002760003184"
DECLINED_WHEN_CHARGED = "4000000000000341"
# Stripe itself accepts card numbers only from browsers, and has these ids for its test cards.
_TEST_PAYMENT_METHODS = {
    VISA: "pm_card_visa",
    ALWAYS_CHALLENGED: "pm_card_authenticationRequired",
    DECLINED_WHEN_CHARGED: "pm_card_chargeCustomerFail",
}


class StripeJs:
    """Stripe.js for one publishable key, and the cardholder who answers challenges."""

    def __init__(self, stack: Stack, reporter: Reporter) -> None:
        self._simulated = stack.simulated_stripe
        self._http = Http(stack.stripe_api_url, reporter, auth=(stack.stripe_publishable_key, ""))

    def create_payment_method(self, number: str) -> str:
        """Turn a card into a PaymentMethod and return its id."""
        if not self._simulated:
            return _TEST_PAYMENT_METHODS[number]
        card = {"number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        payment_method = self._http.request(
            f"Stripe.js: card … {number[-4:]}",
            "POST",
            "/v1/payment_methods",
            status=200,
            data={
                "type": "card",
                "billing_details[name]": "Jenny Rosen",
                **{f"card[{name}]": value for name, value in card.items()},
            },
        )
        return str(payment_method["id"])

    def confirm_card_setup(self, client_secret: str, payment_method_id: str) -> None:
        """Set a card up, which attaches it to the person's Customer."""
        setup_intent_id = client_secret.partition("_secret_")[0]
        intent = self._http.request(
            "Stripe.js: set up the card",
            "POST",
            f"/v1/setup_intents/{setup_intent_id}/confirm",
            status=200,
            data={"client_secret": client_secret, "payment_method": payment_method_id},
        )
        expect("The SetupIntent's status", intent["status"], "succeeded")

    def create_cvc_token(self) -> str:
        """Turn a CVC into a token that works once."""
        token = self._http.request(
            "Stripe.js: CVC",
            "POST",
            "/v1/tokens",
            status=200,
            data={"cvc_update[cvc]": "123"},
        )
        return str(token["id"])

    def complete_challenge(self, payment_intent_id: str) -> None:
        """Answer the 3-D Secure challenge as the cardholder."""
        self._http.request(
            "Cardholder: complete 3-D Secure",
            "POST",
            f"/_simulator/payment_intents/{payment_intent_id}/next_action",
            status=200,
            data={"outcome": "succeed"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


# These call Stripe for their own reasons, whatever the person is doing.
BEHIND_THE_SCENES = {"till/stripe_webhook", "till/reconcile_payments"}


class Journal:
    """The calls that the API's steps made to the simulator."""

    def __init__(self, stack: Stack) -> None:
        self._url = f"{stack.stripe_api_url}/_simulator/requests"
        self._seen = len(self._calls())

    def new_calls(self) -> list[dict[str, Any]]:
        """Return the calls since the last time."""
        calls = self._calls()
        new = calls[self._seen :]
        self._seen = len(calls)
        return new

    def _calls(self) -> list[dict[str, Any]]:
        answer = httpx.get(self._url, timeout=10, trust_env=False).raise_for_status()
        return [
            call
            for call in answer.json()["data"]
            if call["key_type"] == "secret" and call["app"] not in BEHIND_THE_SCENES
        ]
