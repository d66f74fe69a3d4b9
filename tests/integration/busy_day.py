"""A busy day: many people who pay in every way, and what becomes of the money."""

import json
import uuid
from collections import Counter
from dataclasses import asdict
from typing import Any

from payments import wiring
from payments.domain.payment_event import events_of
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, merchants_gateway
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver
from trials.soak.audit import differences_in
from trials.soak.difference import Difference
from trials.soak.evidence import Evidence

VISA = "4242424242424242"
REFUSED_LATER = "4000000000000341"
CHALLENGED = "4000002760003184"
DISPUTED = "4000000000000259"
INQUIRED = "4000000000001976"
FAILS_LATER = "4000000000005126"
LOST = ("CustomersTable", "PaymentsTable", "OrdersTable", "RefundsTable")


class Day:
    """What happens, and what was answered to whom."""

    def __init__(self, aws: Aws, stripe: Simulator) -> None:
        self.aws = aws
        self.stripe = stripe
        self.program = ApiClient(merchants_gateway())
        self.requests: list[tuple[ApiClient, str, dict[str, Any], str]] = []
        self.refund_requests: list[tuple[str, str, dict[str, Any], str]] = []

    # People.

    def person(self) -> tuple[str, ApiClient]:
        """Somebody who signs up."""
        email = f"{uuid.uuid4().hex[:12]}@example.com"
        answer = ApiClient(Gateway(None)).signup(
            email=email, password="Analytical-Engine-1843", name="Ada Lovelace"
        )
        user_id = str(answer.body["user_id"])
        self.aws.confirm(user_id)
        claims = {"sub": user_id, "email": email, "name": "Ada Lovelace", "email_verified": "true"}
        return user_id, ApiClient(Gateway(claims))

    def buys(self, api: ApiClient, card: str, **body: Any) -> str:
        """Somebody starts a payment, with a key that is kept."""
        key = str(uuid.uuid4())
        body = {"items": [{"product_id": "coffee", "quantity": 2}], **body}
        if "order_id" in body:
            del body["items"]
        body |= {"payment_method_id": card}
        answer = api.create(key=key, **body)
        assert answer.status == 201, answer
        payment_id = str(answer.body["payment_id"])
        self.requests.append((api, key, body, payment_id))
        return payment_id

    def pays(self, api: ApiClient, payment_id: str, **body: Any) -> Answer:
        return api.confirm(payment_id, cvc_token=self.stripe.cvc_token(), **body)

    def gives_back(self, payment_id: str, **body: Any) -> None:
        key = str(uuid.uuid4())
        answer = self.asks(f"{payment_id}/refunds", key=key, **body)
        assert answer.status == 201, answer
        self.refund_requests.append((payment_id, key, body, str(answer.body["refund_id"])))

    def asks(self, path: str, *, key: str | None = None, **body: Any) -> Answer:
        return self.program.send(
            "POST",
            f"/merchant/payments/{path}".rstrip("/"),
            body=body,
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )

    def order(self, user_id: str, **members: Any) -> str:
        body = {
            "order_reference": f"R-{uuid.uuid4().hex[:6]}",
            "user_id": user_id,
            "currency": "eur",
            "lines": [
                {"description": "Coffee", "quantity": 2, "unit_amount": 1099},
                {"description": "Engraving", "quantity": 1, "unit_amount": 500},
            ],
            "tax_amount": 200,
            "shipping_amount": 490,
            "discount_amount": 100,
            "metadata": {"campaign": "autumn"},
        } | members
        answer = self.program.send(
            "POST",
            "/merchant/orders",
            body=body,
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status == 201, answer
        return str(answer.body["order_id"])

    # Hours of the day.

    def morning(self) -> None:
        """Some pay at once, some are refused first, some are asked by their bank."""
        for number in (VISA, DISPUTED, INQUIRED):
            _, api = self.person()
            card = api.attached(self.stripe.payment_method(number))
            assert self.pays(api, self.buys(api, card)).body["status"] == "succeeded"
        _, api = self.person()
        poor = api.attached(self.stripe.payment_method(REFUSED_LATER))
        rich = api.attached(self.stripe.payment_method(VISA))
        refused = self.buys(api, poor)
        assert self.pays(api, refused).status == 402
        assert self.pays(api, refused, payment_method_id=rich).status == 200
        self.buys(api, rich)  # a cart that is left
        left = self.buys(api, poor)
        assert self.pays(api, left).status == 402
        for outcome in ("succeed", "fail"):
            _, api = self.person()
            card = api.attached(self.stripe.payment_method(CHALLENGED))
            payment_id = self.buys(api, card)
            asked = self.pays(api, payment_id).body
            assert asked["status"] == "requires_action"
            self.stripe.answer_challenge(asked["payment_intent_id"], outcome)
            assert api.confirm(payment_id).status in {200, 402, 422}

    def afternoon(self) -> None:
        """Orders are paid, held and captured; money goes back."""
        user_id, api = self.person()
        card = api.attached(self.stripe.payment_method(VISA))
        paid = self.buys(api, card, order_id=self.order(user_id))
        assert self.pays(api, paid).body["status"] == "succeeded"
        self.gives_back(paid, amount=300, note="a cup broke")
        self.gives_back(paid, amount=400, reason="requested_by_customer")
        shipping = {"name": "Grace", "address": {"line1": "1 Way", "city": "Bonn", "country": "DE"}}
        held = {"capture_method": "manual", "shipping": shipping}
        for what in ("capture", "capture some", "cancel", "hold"):
            payment_id = self.buys(api, card, order_id=self.order(user_id, **held))
            assert self.pays(api, payment_id).body["status"] == "requires_capture"
            if what == "capture":
                assert self.asks(f"{payment_id}/capture").status == 200
            if what == "capture some":
                assert self.asks(f"{payment_id}/capture", amount=1500).status == 200
            if what == "cancel":
                assert self.asks(f"{payment_id}/cancel").status == 200
        whole = self.buys(api, card)
        assert self.pays(api, whole).status == 200
        self.gives_back(whole)
        another = self.buys(api, card)
        assert self.pays(api, another).status == 200
        intent = self.row("PaymentsTable", "payment_id", another)["payment_intent_id"]
        self.stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=intent, amount="100")
        late = api.attached(self.stripe.payment_method(FAILS_LATER))
        payment_id = self.buys(api, late)
        assert self.pays(api, payment_id).status == 200
        self.gives_back(payment_id)
        [refund] = self.stripe.listed(
            SECRET_KEY, "/v1/refunds", payment_intent=self.intent(payment_id)
        )
        self.stripe.move_refund(refund["id"], "failed", failure_reason="expired_or_canceled_card")
        self.deliver_everything()

    # What there is.

    def intent(self, payment_id: str) -> str:
        return str(self.row("PaymentsTable", "payment_id", payment_id)["payment_intent_id"])

    def row(self, table: str, key: str, value: str) -> dict[str, Any]:
        return next(row for row in self.aws.rows(table) if row[key] == value)

    def order_row(self, order_id: str) -> dict[str, Any]:
        return self.row("OrdersTable", "order_id", order_id)

    def deliver_everything(self) -> None:
        """Stripe's webhooks, oldest first."""
        for event in reversed(self.stripe.listed(SECRET_KEY, "/v1/events")):
            answer = deliver(event)
            assert answer.status == 200, (event["type"], answer)

    def payments(self) -> list[dict[str, Any]]:
        return [row for row in self.aws.rows("PaymentsTable") if "same_payment_as" not in row]

    def published(self) -> list[dict[str, Any]]:
        """What the publisher has put on the bus by now."""
        payments = [wiring.payments().get(row["payment_id"]) for row in self.payments()]
        events = [e for p in payments for e in events_of(p, range(1, len(p.history) + 1))]
        return [json.loads(json.dumps(asdict(e))) | {"detail_type": e.type} for e in events]

    def lose(self, *tables: str) -> Counter[str]:
        """Delete every row of these tables; return how many there were."""
        counts = Counter({name: len(self.aws.rows(name)) for name in tables})
        self.aws.empty_tables(*tables)
        return counts

    def differences(self, events: list[dict[str, Any]]) -> list[Difference]:
        """What the soak's audit finds."""
        stripe = self.stripe
        listed = {
            name: stripe.listed(SECRET_KEY, f"/v1/{name}")
            for name in ("payment_intents", "charges", "refunds", "disputes", "customers")
        }
        failed = stripe.listed(SECRET_KEY, "/v1/events", type="payment_intent.payment_failed")
        return differences_in(
            Evidence(
                payments=self.payments(),
                orders=self.aws.rows("OrdersTable"),
                refund_rows=self.aws.rows("RefundsTable"),
                customer_rows=self.aws.rows("CustomersTable"),
                intents=listed["payment_intents"],
                charges=listed["charges"],
                refused_intents=[each["data"]["object"]["id"] for each in failed],
                refunds=[each for each in listed["refunds"] if each["balance_transaction"]],
                disputes=listed["disputes"],
                customers=listed["customers"],
                events=events,
                prices={"coffee in eur": {1099}},
            )
        )
