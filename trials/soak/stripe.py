"""Stripe for the soak: the browser's part, the merchant's dashboard, and simulator controls."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from stripe_simulator.server import SECRET_KEY

type StripeObject = dict[str, Any]

_TIMEOUT_SECONDS = 30
_RELEASE_SECONDS = 300  # a release returns after it has tried all deliveries
_PAGE = 100


class Stripe:
    """The simulator of a stack. Every method may be called by many threads."""

    def __init__(self, url: str, publishable_key: str) -> None:
        self._http = httpx.Client(
            base_url=url,
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
            limits=httpx.Limits(max_connections=None),
        )
        self._browser = (publishable_key, "")
        self._merchant = (SECRET_KEY, "")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def payment_method(self, number: str) -> str:
        """What `stripe.createPaymentMethod` makes from a card form."""
        card = {"number": number, "exp_month": 12, "exp_year": 2040}
        data = {f"card[{name}]": str(value) for name, value in card.items()}
        data |= {"type": "card", "billing_details[name]": "Grace Hopper"}
        answer = self._http.post("/v1/payment_methods", data=data, auth=self._browser)
        return str(answer.raise_for_status().json()["id"])

    def cvc_token(self, cvc: str) -> str:
        """What `stripe.createToken('cvc_update')` makes from a CVC field."""
        answer = self._http.post("/v1/tokens", data={"cvc_update[cvc]": cvc}, auth=self._browser)
        return str(answer.raise_for_status().json()["id"])

    def answer_challenge(self, payment_intent_id: str, outcome: str) -> bool:
        """Answer 3-D Secure, `succeed` or `fail`; False if no challenge is open."""
        answer = self._http.post(
            f"/_simulator/payment_intents/{payment_intent_id}/next_action",
            json={"outcome": outcome},
        )
        return answer.is_success

    def dashboard(self, method: str, path: str, **params: str) -> bool:
        """Do something as the merchant; False if Stripe refused or there was a fault."""
        try:
            return self._http.request(
                method, path, data=params or None, auth=self._merchant
            ).is_success
        except httpx.HTTPError:
            return False

    def latest(self, path: str) -> list[StripeObject]:
        """The newest objects of a list; none if there was a fault."""
        try:
            answer = self._http.get(path, params={"limit": _PAGE}, auth=self._merchant)
        except httpx.HTTPError:
            return []
        return list(answer.json()["data"]) if answer.is_success else []

    def everything(self, path: str, **wanted: str) -> list[StripeObject]:
        """All objects of a list, or those that are wanted, newest first."""
        return list(self._pages(path, wanted))

    def _pages(self, path: str, wanted: Mapping[str, str]) -> Iterator[StripeObject]:
        cursor: dict[str, str] = {}
        while True:
            answer = self._http.get(
                path, params={"limit": _PAGE, **wanted, **cursor}, auth=self._merchant
            )
            page = answer.raise_for_status().json()
            yield from page["data"]
            if not page["has_more"]:
                return
            cursor = {"starting_after": page["data"][-1]["id"]}

    def newest_event_is_past(self) -> bool:
        """Whether the second of the newest event is over, so that lists include it."""
        events = self.latest("/v1/events")
        return not events or int(time.time()) > events[0]["created"]

    def move_dispute(self, dispute_id: str, status: str) -> bool:
        """Move a dispute to another status."""
        path = f"/_simulator/disputes/{dispute_id}"
        return self._http.post(path, json={"status": status}).is_success

    def move_refund(self, refund_id: str, status: str) -> bool:
        """Let the cardholder's bank decide about a refund."""
        path = f"/_simulator/refunds/{refund_id}"
        return self._http.post(path, json={"status": status}).is_success

    def let_hold_expire(self, payment_intent_id: str) -> bool:
        """Let the time pass until which what is held can be captured."""
        path = f"/_simulator/payment_intents/{payment_intent_id}/hold"
        return self._http.post(path, json={"expired": True}).is_success

    def set_up(self, client_secret: str, payment_method_id: str) -> bool:
        """What `stripe.confirmCardSetup` does, with a cardholder who passes the challenge."""
        setup_intent_id = client_secret.partition("_secret_")[0]
        answer = self._http.post(
            f"/v1/setup_intents/{setup_intent_id}/confirm",
            data={"client_secret": client_secret, "payment_method": payment_method_id},
            auth=self._browser,
        )
        if answer.is_success and answer.json()["status"] == "requires_action":
            path = f"/_simulator/setup_intents/{setup_intent_id}/next_action"
            answer = self._http.post(path, json={"outcome": "succeed"})
        return answer.is_success

    def inquire(self, charge_id: str) -> bool:
        """Let the cardholder's bank ask about a charge."""
        path = f"/_simulator/charges/{charge_id}/disputes"
        return self._http.post(path, json={"inquiry": True}).is_success

    def journal(self) -> list[dict[str, Any]]:
        """The requests that Stripe received, oldest first."""
        answer = self._http.get("/_simulator/requests").raise_for_status()
        return list(answer.json()["data"])

    def add_fault(self, fault: Mapping[str, object]) -> None:
        """Make the next matching requests fail."""
        self._http.post("/_simulator/faults", json=fault).raise_for_status()

    def pending_faults(self) -> int:
        """How many faults are still waiting for a request."""
        return len(self._http.get("/_simulator/faults").raise_for_status().json()["data"])

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._http.delete("/_simulator/faults").raise_for_status()

    def webhooks(self) -> dict[str, Any]:
        """The state of all deliveries."""
        answer = self._http.get("/_simulator/webhooks").raise_for_status()
        return dict(answer.json())

    def deliver_webhooks(self, *, hold: bool = False) -> None:
        """Deliver events as they happen, or hold them."""
        mode = "hold" if hold else "deliver"
        self._http.post("/_simulator/webhooks", json={"mode": mode}).raise_for_status()

    def release_webhooks(self, **order: object) -> dict[str, int]:
        """Send the held events; return how many were delivered, failed and dropped."""
        answer = self._http.post(
            "/_simulator/webhooks/release", json=order, timeout=_RELEASE_SECONDS
        )
        return dict(answer.raise_for_status().json())
