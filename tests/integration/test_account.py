"""GET, PATCH and DELETE /account, GET /account/export"""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from payments.domain.consent import WORDING
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import Answer, ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway, run
from tests.support.routes import MERCHANTS, PUBLIC, ROUTES
from tests.support.simulator_client import Simulator
from tests.support.webhooks import deliver, events

VISA, MASTERCARD = "4242424242424242", "5555555555554444"
STAY_OPEN = {"GET /account", "DELETE /account", "GET /account/export"}
BODIES: dict[str, object] = {
    "PATCH /account": {"name": "Ada King"},
    "POST /setup-intents": {"usage": "on_session"},
    "PATCH /payment-methods/{payment_method_id}": {"default": True},
}


class Person:
    """Somebody who has signed up and confirmed their address."""

    def __init__(self, aws: Aws) -> None:
        self.email = f"ada.{secrets.token_hex(6)}@example.com"
        self.name = "Ada Lovelace"
        answer = ApiClient(Gateway(None)).signup(
            email=self.email,
            password="Analytical-Engine-1843",
            name=self.name,
            phone="+447700900123",
            birthdate="1985-12-10",
            gender="female",
        )
        self.user_id = str(answer.body["user_id"])
        aws.confirm(self.user_id)

    def logged_in(self, *, groups: str | None = None) -> ApiClient:
        """With a token of a login now; a token of a person with groups says so."""
        claims = {"sub": self.user_id, "email": self.email, "name": self.name, "token_use": "id"}
        if groups:
            claims["cognito:groups"] = groups
        return ApiClient(Gateway(claims))


@pytest.fixture
def person(aws: Aws) -> Person:
    """Ada."""
    return Person(aws)


@pytest.fixture
def ada(person: Person) -> ApiClient:
    """Ada, logged in."""
    return person.logged_in()


def row_of(person: Person, aws: Aws) -> dict[str, Any]:
    """The person's row."""
    (row,) = [row for row in aws.rows("CustomersTable") if row["user_id"] == person.user_id]
    return row


def attributes_of(person: Person, aws: Aws) -> dict[str, str]:
    """What the user pool keeps of the person."""
    (found,) = [each for each in aws.users() if each["sub"] == person.user_id]
    return found


def customer_of(person: Person, aws: Aws, stripe: Simulator) -> dict[str, Any]:
    """The person's Customer."""
    customer_id = row_of(person, aws)["stripe_customer_id"]
    customers = stripe.listed(SECRET_KEY, "/v1/customers")
    return next(each for each in customers if each["id"] == customer_id)


def ask(client: ApiClient, route: str, *, payment: str = "pay_1", card: str = "pm_1") -> Answer:
    """Send a request to a route, about this payment and this card."""
    method, resource = route.split()
    bodies = BODIES | {
        "POST /payment-methods": {"payment_method_id": card},
        "POST /payments": {"items": [{"product_id": "coffee"}], "payment_method_id": card},
        "POST /payments/{payment_id}/confirm": {},
    }
    return client.send(
        method,
        resource.format(payment_id=payment, payment_method_id=card, order_id="ord_1"),
        body=bodies.get(route),
        headers={"Idempotency-Key": secrets.token_hex(8)},
    )


def test_the_account_is_what_the_person_told(ada: ApiClient, person: Person) -> None:
    answer = ada.account()
    assert answer.status == 200
    created_at = answer.body.pop("created_at")
    assert datetime.fromisoformat(created_at).tzinfo is not None
    assert answer.body == {
        "user_id": person.user_id,
        "email": person.email,
        "name": "Ada Lovelace",
        "phone": "+447700900123",
        "deletion": None,
    }


def test_a_new_name_reaches_the_pool_stripe_and_the_row(
    aws: Aws, stripe: Simulator, ada: ApiClient, person: Person
) -> None:
    answer = ada.change_account(name="  Ada King ", phone=None)
    assert (answer.status, answer.body["name"], answer.body["phone"]) == (200, "Ada King", None)
    assert ada.account().body == answer.body
    assert attributes_of(person, aws)["name"] == "Ada King"
    assert not attributes_of(person, aws).get("phone_number")
    assert row_of(person, aws)["name"] == "Ada King"
    assert customer_of(person, aws, stripe)["name"] == "Ada King"
    # And Stripe's own event about it changes nothing
    before = row_of(person, aws)
    deliver(events(stripe, "customer.updated")[0])
    assert row_of(person, aws) == before


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["body"]),
        ({"name": None}, ["name"]),
        ({"name": "  "}, ["name"]),
        ({"name": "Ada\u202eKing"}, ["name"]),
        ({"phone": "0123"}, ["phone"]),
        ({"email": "ada@lovelace.example"}, ["email"]),
        ({"name": "x" * 201, "phone": 5}, ["name", "phone"]),
    ],
)
def test_what_cannot_be_changed_is_refused_field_by_field(
    aws: Aws, ada: ApiClient, person: Person, body: dict[str, object], fields: list[str]
) -> None:
    answer = ada.change_account(**body)
    assert (answer.status, answer.code) == (422, "validation_error")
    assert [error["field"] for error in answer.body["errors"]] == fields
    assert attributes_of(person, aws)["name"] == "Ada Lovelace"


def test_only_a_verified_address_reaches_stripe_and_at_the_next_look(
    aws: Aws, stripe: Simulator, ada: ApiClient, person: Person
) -> None:
    aws.verify(person.user_id, "ada@lovelace.example")
    assert customer_of(person, aws, stripe)["email"] == person.email
    assert ada.account().body["email"] == "ada@lovelace.example"
    assert customer_of(person, aws, stripe)["email"] == "ada@lovelace.example"
    assert row_of(person, aws)["email"] == "ada@lovelace.example"
    # And the next look asks Stripe nothing
    calls = len(stripe.calls())
    ada.account()
    assert len(stripe.calls()) == calls


def test_while_stripe_is_down_the_change_waits_for_the_next_try(
    aws: Aws, stripe: Simulator, ada: ApiClient, person: Person
) -> None:
    customer_id = row_of(person, aws)["stripe_customer_id"]
    stripe.fault("POST", f"/v1/customers/{customer_id}", "timeout_after", times=3)
    answer = ada.change_account(name="Ada King")
    assert (answer.status, answer.code, answer.body["retryable"]) == (
        503,
        "stripe_unavailable",
        True,
    )
    assert row_of(person, aws)["name"] == "Ada Lovelace"
    assert ada.change_account(name="Ada King").status == 200
    assert row_of(person, aws)["name"] == "Ada King"
    assert customer_of(person, aws, stripe)["name"] == "Ada King"


def test_deleting_locks_the_account_at_once_and_says_when_it_is_erased(
    aws: Aws, ada: ApiClient, person: Person
) -> None:
    answer = ada.delete_account()
    assert answer.status == 202
    deletion = answer.body["deletion"]
    requested_at = datetime.fromisoformat(deletion["requested_at"])
    assert datetime.fromisoformat(deletion["erased_after"]) - requested_at == timedelta(days=14)
    assert deletion["deferred_by"] == []
    assert answer.body == ada.account().body
    # In the row and, should the table be restored, in the user pool
    row = row_of(person, aws)
    assert row["deletion_requested_at"] == deletion["requested_at"]
    assert row["signed_out_at"] > deletion["requested_at"]
    told = attributes_of(person, aws)["custom:deletion_requested"]
    assert told == deletion["requested_at"]
    assert aws.groups_of(person.user_id) == ["deletion-requested"]
    # And the first request counts
    again = person.logged_in(groups="deletion-requested").delete_account()
    assert (again.status, again.body) == (202, answer.body)


@pytest.mark.parametrize("token", ["old", "new"])
def test_meanwhile_only_the_account_and_its_export_answer(
    stripe: Simulator, ada: ApiClient, person: Person, token: str
) -> None:
    # Given
    card = ada.attached(stripe.payment_method(VISA))
    payment = ada.create(product_id="coffee", payment_method_id=card).body["payment_id"]
    answer = ada.delete_account()
    assert answer.body["deletion"]["deferred_by"] == [
        {"reason": "open_payment", "payment_id": payment}
    ]
    calls = len(stripe.calls())
    # When
    client = ada if token == "old" else person.logged_in(groups="club,deletion-requested")
    refused = {
        route: ask(client, route, payment=payment, card=card)
        for route in ROUTES.keys() - PUBLIC - MERCHANTS - STAY_OPEN
    }
    # Then
    assert {(answer.status, answer.code) for answer in refused.values()} == {
        (403, "account_being_deleted")
    }
    assert len(stripe.calls()) == calls
    assert client.account().status == client.export().status == 200


def test_saving_paying_and_deleting_at_once_ends_in_an_erasure(
    aws: Aws, stripe: Simulator, ada: ApiClient, person: Person
) -> None:
    # Given two sessions, and a payment that waits for its confirmation
    other = person.logged_in()
    card = ada.attached(stripe.payment_method(VISA))
    started = ada.create(product_id="coffee", payment_method_id=card).body["payment_id"]
    cvc_token, another = stripe.cvc_token(), stripe.payment_method(MASTERCARD)
    steps: list[Callable[[], Answer]] = [
        lambda: other.attach(another),
        lambda: other.confirm(started, cvc_token=cvc_token),
        ada.delete_account,
        lambda: other.create(product_id="coffee", payment_method_id=card),
        lambda: other.change_account(name="Ada King"),
        other.delete_account,
    ]
    # When
    with ThreadPoolExecutor(len(steps)) as threads:
        answers = list(threads.map(lambda step: step(), steps))
    # Then each is done or refused, and both requests tell the same time
    asked = [answers[2], answers[5]]
    assert [answer.status for answer in asked] == [202, 202], answers
    for answer in answers:
        assert answer.status < 300 or answer.code == "account_being_deleted"
    requested_at = row_of(person, aws)["deletion_requested_at"]
    assert {answer.body["deletion"]["requested_at"] for answer in asked} == {requested_at}
    assert ada.account().body["deletion"]["requested_at"] == requested_at
    assert ask(other, "GET /payment-methods").code == "account_being_deleted"
    # And once the payments are over, nothing puts the erasure off
    for row in aws.rows("PaymentsTable"):
        assert row["amount_received"] in {0, row["amount"]}
        if row["status"] != "succeeded":
            stripe.post(SECRET_KEY, f"/v1/payment_intents/{row['payment_intent_id']}/cancel")
            run("replay_events", {"payment_id": row["payment_id"]})
    assert run("erase_accounts", {"older_than_days": 0})["deferred"] == 0
    assert row_of(person, aws).keys() == {"user_id", "erased_at", "expires_at"}
    customers = stripe.listed(SECRET_KEY, "/v1/customers")
    assert person.user_id not in {each["metadata"].get("user_id") for each in customers}


def test_a_login_after_the_request_says_so_itself(
    aws: Aws, stripe: Simulator, person: Person
) -> None:
    # Given a table that was restored from before the request
    row = row_of(person, aws)
    person.logged_in().delete_account()
    requested_at = row_of(person, aws)["deletion_requested_at"]
    aws.put_customer(row)
    # When
    client = person.logged_in(groups="deletion-requested")
    # Then
    assert ask(client, "GET /payment-methods").code == "account_being_deleted"
    assert client.account().body["deletion"]["requested_at"] == requested_at
    assert client.attach(stripe.payment_method(VISA)).status == 403
    assert client.delete_account().body["deletion"]["requested_at"] == requested_at
    assert row_of(person, aws)["deletion_requested_at"] == requested_at


def test_after_the_erasure_every_route_refuses_what_is_left_of_a_token(
    aws: Aws, ada: ApiClient, person: Person
) -> None:
    erased = {"user_id": person.user_id, "erased_at": "2026-01-01T00:00:00.000Z", "expires_at": 1}
    aws.put_customer(erased)
    answers = [ask(ada, route) for route in ROUTES.keys() - PUBLIC - MERCHANTS]
    assert {(answer.status, answer.code) for answer in answers} == {(401, "not_authenticated")}
    assert row_of(person, aws) == erased


@pytest.mark.parametrize("route", sorted(ROUTES.keys() - PUBLIC - MERCHANTS))
def test_another_persons_ids_tell_nothing(
    aws: Aws, stripe: Simulator, ada: ApiClient, route: str
) -> None:
    # Given what is Bob's
    other = Person(aws)
    bob = other.logged_in()
    card = bob.attached(stripe.payment_method(VISA))
    payment = bob.create(product_id="coffee", payment_method_id=card).body["payment_id"]
    ada.cards()
    row, told = row_of(other, aws), attributes_of(other, aws)
    # When
    answer = ask(ada, route, payment=payment, card=card)
    # Then
    if "_id}" in route or route in {"POST /payment-methods", "POST /payments"}:
        assert answer.status == 404
    for secret in (other.user_id, other.email, card, payment, row["stripe_customer_id"]):
        assert secret not in str(answer.body)
    assert (row_of(other, aws), attributes_of(other, aws)) == (row, told)
    assert aws.groups_of(other.user_id) == []


def test_an_export_has_what_is_kept_and_no_secret(
    aws: Aws, stripe: Simulator, ada: ApiClient, person: Person
) -> None:
    # Given
    card = ada.attached(stripe.payment_method(VISA))
    started = ada.create(product_id="coffee", payment_method_id=card).body
    ada.confirm(started["payment_id"], cvc_token=stripe.cvc_token())
    stripe.post(SECRET_KEY, "/v1/refunds", payment_intent=started["payment_intent_id"], amount="99")
    ada.payment(started["payment_id"])
    # When
    answer = ada.export()
    # Then
    assert answer.status == 200
    account = answer.body["account"]
    assert account == ada.account().body | {
        "email_verified": True,
        "birthdate": "1985-12-10",
        "gender": "female",
        "stripe_customer_id": row_of(person, aws)["stripe_customer_id"],
        "signed_out_at": None,
    }
    (exported,) = answer.body["payment_methods"]
    assert (exported["payment_method_id"], exported["last4"]) == (card, "4242")
    assert exported["consent"] is None
    (payment,) = answer.body["payments"]
    assert payment["payment_id"] == started["payment_id"]
    assert [line["to_status"] for line in payment["history"]] == [
        "requires_confirmation",
        "succeeded",
        "partially_refunded",
    ]
    assert [refund["amount"] for refund in payment["refunds"]] == [99]
    assert payment["amount_received"] == 1099
    assert answer.body["next_cursor"] is None
    assert "_secret_" not in str(answer.body)


def test_an_export_tells_what_the_person_agreed_to(stripe: Simulator, ada: ApiClient) -> None:
    intent = ada.set_up_card("off_session").body
    setup_intent_id = intent["setup_intent_id"]
    confirm = f"/v1/setup_intents/{setup_intent_id}/confirm"
    stripe.post(SECRET_KEY, confirm, payment_method=stripe.payment_method(VISA))
    saved = ada.send("POST", "/payment-methods", body={"setup_intent_id": setup_intent_id})
    assert saved.status in {200, 201}
    (card,) = ada.export().body["payment_methods"]
    assert card["consent"]["usage"] == "off_session"
    assert card["consent"]["text"] == WORDING["off_session"]


@pytest.mark.parametrize("cursor", ["not-a-cursor", "x" * 600])
def test_a_cursor_that_is_not_ours_is_refused(ada: ApiClient, cursor: str) -> None:
    answer = ada.export(cursor=cursor)
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (
        422,
        ["cursor"],
    )
