"""erase_accounts: people who asked for the deletion of their account, and what is left of them."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from payments import wiring
from payments.aws.stripe_secret import StripeSecret
from payments.aws.user_pool import PoolAdministration
from payments.domain.errors import ServiceUnavailableError
from payments.stripe_gateway import permissions
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, run
from tests.support.routes import MERCHANTS, PUBLIC, ROUTES
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA = "4242424242424242"
NOTHING = dict.fromkeys(
    [
        *("erased", "deferred", "waiting", "kept", "failed"),
        *("noticed", "requested", "unbelieved"),  # of deleted users
    ],
    0,
)


@dataclass(frozen=True)
class Person:
    """Somebody who has signed up, confirmed their address and logged in."""

    user_id: str
    email: str
    name: str
    phone: str
    client: ApiClient

    def asks(self) -> Answer:
        """Asks for the deletion of the account."""
        answer = self.client.send("DELETE", "/account")
        assert answer.status == 202, answer
        return answer

    def told(self) -> list[dict[str, Any]]:
        """What puts the erasure off, as `GET /account` tells it."""
        answer = self.client.send("GET", "/account")
        assert answer.status == 200, answer
        return list(answer.body["deletion"]["deferred_by"])


def a_person(aws: Aws) -> Person:
    """Signs somebody up."""
    number = secrets.randbelow(10**9)
    email, name, phone = f"mary.{number}@example.com", f"Mary Somerville {number}", "+442071838750"
    answer = ApiClient(Gateway(None)).signup(
        email=email, password="Flow-Matic-1955", name=name, phone=phone
    )
    user_id = str(answer.body["user_id"])
    aws.confirm(user_id)
    claims = {"sub": user_id, "email": email, "name": name, "token_use": "id"}
    return Person(user_id, email, name, phone, ApiClient(Gateway(claims)))


@pytest.fixture
def mary(aws: Aws) -> Person:
    """The only person who may ask for it."""
    aws.forget_people()
    return a_person(aws)


def erase(**event: object) -> dict[str, int]:
    """A run for everybody, however recently they asked."""
    return dict(run("erase_accounts", event or {"older_than_days": 0}))


def customer_of(person: Person, aws: Aws) -> str:
    """The id of their Customer."""
    rows = aws.rows("CustomersTable")
    (found,) = [row["stripe_customer_id"] for row in rows if row["user_id"] == person.user_id]
    return str(found)


def paid(person: Person, stripe: Simulator) -> dict[str, Any]:
    """A payment of theirs that has succeeded."""
    card = person.client.attached(stripe.payment_method(VISA))
    payment = person.client.create(product_id="coffee", payment_method_id=card).body
    confirmed = person.client.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    assert confirmed.body["status"] == "succeeded", confirmed
    return dict(confirmed.body)


def test_user_row_customer_and_cards_are_gone_and_the_payment_stays_as_it_was(
    aws: Aws, stripe: Simulator, mary: Person
) -> None:
    # Given
    paid(mary, stripe)
    customer = customer_of(mary, aws)
    (card,) = mary.client.cards().body["data"]
    payment = aws.payment()
    mary.asks()
    # When
    assert erase() == NOTHING | {"erased": 1}
    # Then
    assert mary.user_id not in {each["sub"] for each in aws.users()}
    assert stripe.listed(SECRET_KEY, "/v1/customers") == []
    detached = stripe.listed(SECRET_KEY, "/v1/events", type="payment_method.detached")
    assert card["payment_method_id"] in {each["data"]["object"]["id"] for each in detached}
    assert aws.payment() == payment
    assert payment["stripe_customer_id"] == customer
    (row,) = aws.rows("CustomersTable")
    assert row.keys() == {"user_id", "erased_at", "expires_at"}
    assert erase() == NOTHING


def test_for_two_weeks_nobody_is_erased(aws: Aws, stripe: Simulator, mary: Person) -> None:
    mary.asks()
    assert erase(older_than_days=14) == NOTHING | {"waiting": 1}
    assert run("erase_accounts", {}) == NOTHING | {"waiting": 1}
    assert mary.user_id in {each["sub"] for each in aws.users()}
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1


def test_whoever_did_not_ask_stays(aws: Aws, stripe: Simulator, mary: Person) -> None:
    other = a_person(aws)
    mary.asks()
    assert erase() == NOTHING | {"erased": 1}
    assert {each["sub"] for each in aws.users()} == {other.user_id}
    assert other.client.cards().status == 200
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1


@pytest.mark.parametrize("reason", ["open_payment", "dispute", "subscription", "invoice"])
def test_what_is_not_over_puts_it_off_and_the_person_is_told(
    aws: Aws, stripe: Simulator, mary: Person, reason: str
) -> None:
    # Given
    over, payment_id = something_under_way(reason, mary, aws, stripe)
    mary.asks()
    deferral = {"reason": reason, "payment_id": payment_id}
    # When
    assert erase() == NOTHING | {"deferred": 1}
    # Then
    assert mary.told() == [deferral]
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1
    # And once it is over
    over()
    assert mary.told() == []
    assert erase() == NOTHING | {"erased": 1}
    assert stripe.listed(SECRET_KEY, "/v1/customers") == []


def something_under_way(
    reason: str, person: Person, aws: Aws, stripe: Simulator
) -> tuple[Callable[[], object], str | None]:
    """Begin it; how it ends, and the payment that it is about."""
    match reason:
        case "open_payment":
            card = person.client.attached(stripe.payment_method(VISA))
            payment = person.client.create(product_id="coffee", payment_method_id=card).body
            path = f"/v1/payment_intents/{payment['payment_intent_id']}/cancel"

            def cancel() -> None:
                stripe.post(SECRET_KEY, path)
                deliver(events(stripe, "payment_intent.canceled")[-1])

            return cancel, payment["payment_id"]
        case "dispute":
            payment = paid(person, stripe)
            (charge,) = stripe.listed(SECRET_KEY, "/v1/charges")
            dispute = stripe.dispute_charge(charge["id"])
            deliver(events(stripe, "charge.dispute.created")[-1])

            def lose() -> None:
                stripe.move_dispute(dispute, "lost")
                deliver(events(stripe, "charge.dispute.closed")[-1])

            return lose, payment["payment_id"]
        case "subscription":
            made = stripe.add_subscription(customer_of(person, aws))
            return partial(stripe.move_subscription, made, "canceled"), None
        case _:
            made = stripe.add_invoice(customer_of(person, aws))
            return partial(stripe.move_invoice, made, "paid"), None


@pytest.fixture
def restricted(stripe: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A key that may not see subscriptions, as one from before there were erasures."""
    key = "rk_test_erases"
    stripe.set_key(key, denied=["rak_subscription_read"])
    monkeypatch.setattr(StripeSecret, "secret_key", lambda _, refresh=False: key)  # noqa: ARG005
    monkeypatch.setattr(permissions, "_told_at", {})
    wiring.stripe_gateway.cache_clear()
    yield
    monkeypatch.undo()
    wiring.stripe_gateway.cache_clear()


def test_without_the_right_to_look_nobody_is_erased_blindly_and_that_is_told(
    stripe: Simulator,
    mary: Person,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Given
    mary.asks()
    request.getfixturevalue("restricted")
    # When
    assert erase() == NOTHING | {"deferred": 1}
    # Then
    assert mary.told() == [{"reason": "unchecked", "payment_id": None}]
    (missing,) = [each for each in caplog.records if each.message == "permission missing"]
    assert vars(missing)["permission"] == "rak_subscription_read"
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1


@pytest.mark.parametrize("kind", ["http_500", "timeout_after"])
def test_what_stripe_does_not_answer_is_done_by_the_next_run(
    aws: Aws, stripe: Simulator, mary: Person, kind: str
) -> None:
    mary.asks()
    stripe.fault("DELETE", "/v1/customers/*", kind, times=3)
    assert erase() == NOTHING | {"failed": 1}
    assert mary.client.send("GET", "/account").status == 200
    assert erase() == NOTHING | {"erased": 1}
    assert stripe.listed(SECRET_KEY, "/v1/customers") == []
    assert aws.users() == []


def test_an_erasure_that_stopped_before_the_user_goes_on(
    aws: Aws, mary: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    def fail(_pool: PoolAdministration, _user_id: str) -> None:
        raise ServiceUnavailableError

    mary.asks()
    with monkeypatch.context() as patch:
        patch.setattr(PoolAdministration, "delete", fail)
        assert erase() == NOTHING | {"failed": 1}
    (row,) = aws.rows("CustomersTable")
    # When
    assert erase() == NOTHING | {"erased": 1}
    # Then
    assert aws.users() == []
    assert aws.rows("CustomersTable") == [row]


def test_a_restored_table_cannot_forget_the_request(aws: Aws, mary: Person) -> None:
    # Given
    (before,) = aws.rows("CustomersTable")
    mary.asks()
    (asked,) = aws.rows("CustomersTable")
    aws.put_customer(before)
    # When
    assert erase(older_than_days=14) == NOTHING | {"waiting": 1}
    # Then
    (row,) = aws.rows("CustomersTable")
    assert row["deletion_requested_at"] == asked["deletion_requested_at"]
    assert mary.client.cards().code == "account_being_deleted"


def test_one_that_was_restored_from_before_the_sign_up_loses_no_customer(
    aws: Aws, stripe: Simulator, mary: Person
) -> None:
    mary.asks()
    aws.empty()
    assert erase() == NOTHING | {"erased": 1}
    assert stripe.listed(SECRET_KEY, "/v1/customers") == []


def test_an_operator_takes_the_request_back(aws: Aws, mary: Person) -> None:
    mary.asks()
    assert erase(keep=mary.user_id) == {"kept": 1}
    assert erase() == NOTHING
    assert mary.client.send("GET", "/account").body["deletion"] is None
    assert [each.get("custom:deletion_requested", "") for each in aws.users()] == [""]
    assert erase(keep="nobody") == {"kept": 0}


def test_who_deleted_their_own_user_is_erased_after_the_time_of_grace(
    aws: Aws, stripe: Simulator, mary: Person
) -> None:
    # Given
    other = a_person(aws)
    paid(mary, stripe)
    payment = aws.payment()
    aws.delete_user(mary.user_id)
    # When, and nobody is believed to be gone at the first look
    assert erase(older_than_days=14) == NOTHING | {"noticed": 1}
    assert "deletion_requested_at" not in aws.customer(mary.user_id)
    assert erase(older_than_days=14) == NOTHING | {"requested": 1}
    # Then
    assert "deletion_requested_at" in aws.customer(mary.user_id)
    assert mary.client.cards().code == "account_being_deleted"
    assert erase(older_than_days=14) == NOTHING
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 2
    # And after the time of grace
    assert erase() == NOTHING | {"erased": 1}
    assert aws.customer(mary.user_id).keys() == {"user_id", "erased_at", "expires_at"}
    (left,) = stripe.listed(SECRET_KEY, "/v1/customers")
    assert left["metadata"]["user_id"] == other.user_id
    assert aws.payment() == payment
    assert other.client.cards().status == 200
    assert erase() == NOTHING


def test_an_open_payment_puts_that_off_too(aws: Aws, stripe: Simulator, mary: Person) -> None:
    over, _ = something_under_way("open_payment", mary, aws, stripe)
    aws.delete_user(mary.user_id)
    assert [erase()["noticed"], erase()["requested"]] == [1, 1]
    assert erase() == NOTHING | {"deferred": 1}
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 1
    over()
    assert erase() == NOTHING | {"erased": 1}


def test_who_has_not_confirmed_their_address_and_imported_customers_are_not_touched(
    aws: Aws, stripe: Simulator, mary: Person
) -> None:
    # Given
    ApiClient(Gateway(None)).signup(
        email="later@example.com", password="Flow-Matic-1955", name="Later"
    )
    aws.put_import("imported@example.com", "cus_imported")
    before = aws.rows("CustomersTable"), aws.rows("ImportsTable")
    # When
    assert [erase(), erase(), erase()] == [NOTHING] * 3
    # Then
    assert (aws.rows("CustomersTable"), aws.rows("ImportsTable")) == before
    assert len(stripe.listed(SECRET_KEY, "/v1/customers")) == 2
    assert mary.client.cards().status == 200


# What a request to each route needs to be one that would be done for anybody else.
BODIES: dict[str, Any] = {
    "PATCH /account": {"name": "Somebody"},
    "POST /setup-intents": {"usage": "on_session"},
    "POST /payment-methods": {"payment_method_id": "<card>"},
    "PATCH /payment-methods/{payment_method_id}": {"default": True},
    "POST /payments": {"items": [{"product_id": "coffee"}], "payment_method_id": "<card>"},
    "POST /payments/{payment_id}/confirm": {},
}


@pytest.mark.parametrize("route", sorted(ROUTES.keys() - PUBLIC - MERCHANTS))
def test_the_token_of_an_erased_person_opens_nothing_and_creates_nothing(
    aws: Aws, stripe: Simulator, mary: Person, route: str
) -> None:
    # Given
    payment = paid(mary, stripe)
    mary.asks()
    assert erase()["erased"] == 1
    before = aws.rows("CustomersTable")
    # When
    card = stripe.payment_method(VISA)
    method, resource = route.split(" ")
    path = resource.replace("{payment_id}", payment["payment_id"])
    path = path.replace("{payment_method_id}", payment["payment_method_id"])
    body = BODIES.get(route)
    if body is not None:
        body = {name: card if value == "<card>" else value for name, value in body.items()}
    answer = mary.client.send(
        method, path, body=body, headers={"Idempotency-Key": secrets.token_hex(8)}
    )
    # Then
    assert (answer.status, answer.code) == (401, "not_authenticated")
    assert stripe.listed(SECRET_KEY, "/v1/customers") == []
    assert aws.rows("CustomersTable") == before
    assert len(aws.rows("PaymentsTable")) == 1
