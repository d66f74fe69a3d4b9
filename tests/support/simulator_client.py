"""The Stripe simulator, as the tests control and query it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

PUBLISHABLE_KEY = "pk_test_simulator"


class Simulator:
    """The cardholder, the browser's Stripe.js, and a view of what Stripe received."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, auth=(PUBLISHABLE_KEY, ""), timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def payment_method(self, number: str, **card: object) -> str:
        """What `stripe.createPaymentMethod` makes from a card form."""
        fields = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123", **card}
        data = {f"card[{name}]": str(value) for name, value in fields.items()}
        data |= {"type": "card", "billing_details[name]": "Ada Lovelace"}
        response = self._http.post("/v1/payment_methods", data=data)
        return str(response.raise_for_status().json()["id"])

    def cvc_token(self, cvc: str = "123") -> str:
        """What `stripe.createToken('cvc_update')` makes from a CVC field."""
        response = self._http.post("/v1/tokens", data={"cvc_update[cvc]": cvc})
        return str(response.raise_for_status().json()["id"])

    def set_up_card(self, client_secret: str, payment_method_id: str) -> str:
        """What `stripe.confirmCardSetup` does in the browser; the SetupIntent's status."""
        setup_intent_id = client_secret.partition("_secret_")[0]
        answer = self._http.post(
            f"/v1/setup_intents/{setup_intent_id}/confirm",
            data={"client_secret": client_secret, "payment_method": payment_method_id},
        ).json()
        intent = answer["error"]["setup_intent"] if "error" in answer else answer
        return str(intent["status"])

    def answer_challenge(self, intent_id: str, outcome: str) -> None:
        """What the cardholder does in the 3-D Secure dialog: `succeed` or `fail`."""
        intents = "setup_intents" if intent_id.startswith("seti_") else "payment_intents"
        self._http.post(
            f"/_simulator/{intents}/{intent_id}/next_action", data={"outcome": outcome}
        ).raise_for_status()

    def fault(
        self, method: str, path: str, kind: str, *, times: int = 1, ms: int = 0, **answer: object
    ) -> None:
        """Let the next matching calls fail; answer is what a `refusal` or a `proxy_error` says."""
        fault = {"method": method, "path": path, "kind": kind, "times": times, "ms": ms, **answer}
        self._http.post("/_simulator/faults", json=fault).raise_for_status()

    def pending_faults(self) -> list[dict[str, Any]]:
        """The faults that have not happened yet; `remaining` says how often they will."""
        faults = self._http.get("/_simulator/faults").raise_for_status().json()["data"]
        return list(faults)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._http.delete("/_simulator/faults").raise_for_status()

    def forget_idempotency_keys(self) -> None:
        """Let a day pass."""
        self._http.post("/_simulator/idempotency_keys/expire").raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        """The calls made with the secret key, oldest first."""
        journal = self._http.get("/_simulator/requests").raise_for_status().json()["data"]
        browser = ("/v1/tokens", "/v1/payment_methods")
        return [call for call in journal if call["path"] not in browser]

    def move_dispute(self, dispute_id: str, status: str) -> None:
        """Move a dispute, as the merchant or the cardholder's bank would."""
        self._http.post(
            f"/_simulator/disputes/{dispute_id}", json={"status": status}
        ).raise_for_status()

    def dispute_charge(self, charge_id: str, **dispute: object) -> str:
        """What a cardholder does at any time: `reason`, `inquiry`, `amount`. Its id."""
        return str(self._steer(f"/charges/{charge_id}/disputes", **dispute)["id"])

    def review_charge(self, charge_id: str) -> str:
        """Put a charge into review; return the review's id."""
        return str(self._steer(f"/charges/{charge_id}/reviews")["id"])

    def close_review(self, review_id: str, closed_reason: str) -> None:
        """Somebody has looked at a payment, or something else has decided."""
        self._steer(f"/reviews/{review_id}", closed_reason=closed_reason)

    def warn_of_charge(self, charge_id: str, fraud_type: str = "misc") -> str:
        """Let the cardholder's bank warn of fraud; return the warning's id."""
        warning = self._steer(f"/charges/{charge_id}/early_fraud_warnings", fraud_type=fraud_type)
        return str(warning["id"])

    def move_refund(self, refund_id: str, status: str, **reason: str) -> None:
        """What the cardholder's bank does about a refund; `failure_reason` says why."""
        self._steer(f"/refunds/{refund_id}", status=status, **reason)

    def let_hold_expire(self, payment_intent_id: str, **reason: str) -> None:
        """Nobody captured in time: Stripe cancels; `cancellation_reason` says why."""
        self._steer(f"/payment_intents/{payment_intent_id}/hold", expired=True, **reason)

    def let_deadline_pass(self, payment_intent_id: str) -> None:
        """Let the time pass until which can be captured; Stripe has not cancelled yet."""
        self._steer(f"/payment_intents/{payment_intent_id}/hold", capture_before=1)

    def settle_charge(self, charge_id: str) -> None:
        """Let Stripe write a charge's balance transaction."""
        self._steer(f"/charges/{charge_id}/settle")

    def add_subscription(self, stripe_customer_id: str) -> str:
        """What the merchant may start for a Customer; its id."""
        return str(self._steer("/subscriptions", customer=stripe_customer_id)["id"])

    def move_subscription(self, subscription_id: str, status: str) -> None:
        """What becomes of it."""
        self._steer(f"/subscriptions/{subscription_id}", status=status)

    def add_invoice(self, stripe_customer_id: str) -> str:
        """What the merchant may send to a Customer; its id."""
        return str(self._steer("/invoices", customer=stripe_customer_id)["id"])

    def move_invoice(self, invoice_id: str, status: str) -> None:
        """What becomes of it."""
        self._steer(f"/invoices/{invoice_id}", status=status)

    def search(self, **order: object) -> None:
        """`lag_seconds`, `available`, or `catch_up`: all that there is now can be found."""
        self._steer("/search", **order)

    def set_key(self, key: str, **order: object) -> None:
        """A key's `permissions`, the `denied` ones, or that it was `revoked`."""
        self._steer("/keys", key=key, **order)

    def send_event(self, kind: str, event_type: str, **order: object) -> dict[str, Any]:
        """Send an event that nothing here caused: `snapshot`, `connected` or `thin`."""
        return self._steer("/events", kind=kind, type=event_type, **order)

    def age_events(self, days: int) -> None:
        """Let days pass, for events."""
        self._steer("/events/age", days=days)

    def webhooks(self) -> dict[str, Any]:
        """The state of deliveries: `mode`, `held`, `in_progress`, and every attempt so far."""
        return dict(self._http.get("/_simulator/webhooks").raise_for_status().json())

    @contextmanager
    def lost_webhooks(self) -> Iterator[None]:
        """Lose all webhooks for what happens during the block."""
        self._http.post("/_simulator/webhooks", json={"mode": "hold"}).raise_for_status()
        try:
            yield
        finally:
            everything = {"drop": 1_000_000}
            self._http.post("/_simulator/webhooks/release", json=everything).raise_for_status()
            self._http.post("/_simulator/webhooks", json={"mode": "deliver"}).raise_for_status()

    def forget_calls(self) -> None:
        """Empty the journal."""
        self._http.delete("/_simulator/requests").raise_for_status()

    def reset(self) -> None:
        """Start over with an empty account."""
        self._http.post("/_simulator/reset").raise_for_status()

    def let_expire(self, payment_method_id: str) -> None:
        """Let the years pass until a card has expired."""
        self.renew(payment_method_id, exp_month=1, exp_year=2020)

    def renew(self, payment_method_id: str, *, exp_month: int, exp_year: int) -> None:
        """What the card's network tells Stripe when the bank has sent a new card."""
        self._steer(f"/payment_methods/{payment_method_id}", exp_month=exp_month, exp_year=exp_year)

    def post(self, secret_key: str, path: str, **params: str) -> None:
        """Change an object, as the merchant might in Stripe's dashboard."""
        self._http.post(path, data=params, auth=(secret_key, "")).raise_for_status()

    def create_customer(self, secret_key: str, **params: str) -> str:
        """A Customer that the merchant has made, by whatever they had before."""
        answer = self._http.post("/v1/customers", data=params, auth=(secret_key, ""))
        return str(answer.raise_for_status().json()["id"])

    def try_post(self, secret_key: str, path: str, **params: str) -> bool:
        """The same, but Stripe may refuse; return whether it was done."""
        return self._http.post(path, data=params, auth=(secret_key, "")).is_success

    def delete(self, secret_key: str, path: str) -> None:
        """Delete an object, as the merchant might in Stripe's dashboard."""
        self._http.delete(path, auth=(secret_key, "")).raise_for_status()

    def listed(self, secret_key: str, path: str, **query: str) -> list[dict[str, Any]]:
        """All objects of a list endpoint."""
        return list(self._pages(secret_key, path, query))

    def _steer(self, path: str, **body: object) -> dict[str, Any]:
        answer = self._http.post(f"/_simulator{path}", json=body)
        return dict(answer.raise_for_status().json())

    def _pages(self, key: str, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        while True:
            answer = self._http.get(path, params={"limit": 100, **query}, auth=(key, ""))
            page = answer.raise_for_status().json()
            yield from page["data"]
            if not page["has_more"]:
                return
            query = query | {"starting_after": page["data"][-1]["id"]}
