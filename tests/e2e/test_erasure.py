"""A person is erased on the deployed stack, and their address is free again."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import confirmation_code
from local.aws import session
from tests.e2e.conftest import PASSWORD, Person, World
from tests.support.simulator_client import Simulator

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"


def erase(world: World, **event: object) -> dict[str, Any]:
    """A run of the scheduled function."""
    return world.invoke(world.stack.erase_function, event)


def claims_of(id_token: str) -> dict[str, Any]:
    """What a token says."""
    payload = id_token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def row_of(world: World, user_id: str) -> dict[str, Any]:
    """A person's row in the Customers table."""
    rows = world.rows(world.stack.customers_table)
    return next(row for row in rows if row["user_id"] == user_id)


def paid(person: Person, stripe: Simulator) -> dict[str, Any]:
    """A payment of theirs that has succeeded."""
    card = person.api.attached(stripe.payment_method(VISA))
    payment = person.api.create(product_id="coffee-beans", payment_method_id=card).body
    confirmed = person.api.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    assert confirmed.body["status"] == "succeeded", confirmed
    return dict(confirmed.body)


def test_a_person_is_locked_out_at_once_erased_after_the_time_of_grace_and_a_stranger_then(
    world: World, stripe: Simulator
) -> None:
    # Given
    person = world.person()
    payment = paid(person, stripe)
    # When they ask for it
    asked = person.api.send("DELETE", "/account")
    assert (asked.status, asked.body["deletion"]["deferred_by"]) == (202, [])
    # Then nothing is open to them, whichever token they have
    with pytest.raises(ClientError, match="NotAuthorized"):
        world.renew(person.tokens["RefreshToken"])
    again = world.log_in(person.email)["IdToken"]
    assert claims_of(again)["cognito:groups"] == ["deletion-requested"]
    for token in (person.tokens["IdToken"], again):
        assert world.client(token).cards().code == "account_being_deleted"
        assert world.client(token).send("GET", "/account").body["deletion"] == {
            **asked.body["deletion"]
        }
    # And for two weeks they stay
    assert erase(world)["failed"] == 0
    assert row_of(world, person.user_id)["deletion_requested_at"]
    # When that time is over
    counts = erase(world, older_than_days=0)
    # Then
    assert (counts["erased"] >= 1, counts["failed"]) == (True, 0)
    assert row_of(world, person.user_id).keys() == {"user_id", "erased_at", "expires_at"}
    assert stripe.listed(SECRET_KEY, "/v1/customers", email=person.email) == []
    assert world.client(again).send("GET", "/account").code == "not_authenticated"
    assert world.client(again).cards().code == "not_authenticated"
    with pytest.raises(ClientError, match="NotAuthorized"):
        world.log_in(person.email)
    assert world.row(payment["payment_id"])["amount_received"] == payment["amount"]
    # And whoever signs up with the address is somebody new
    answer = world.client(None).signup(email=person.email, password=PASSWORD, name="Ada")
    assert answer.status == 201
    assert answer.body["user_id"] != person.user_id
    world.cognito.confirm_sign_up(
        ClientId=world.stack.user_pool_client_id,
        Username=person.email,
        ConfirmationCode=confirmation_code(world.stack, person.email),
    )
    stranger = world.client(world.log_in(person.email)["IdToken"])
    assert stranger.cards().body["data"] == []
    assert stranger.history().body["data"] == []
    assert stranger.payment(payment["payment_id"]).status == 404


def test_an_operator_keeps_somebody_who_changed_their_mind(world: World) -> None:
    person = world.person()
    assert person.api.send("DELETE", "/account").status == 202
    assert erase(world, keep=person.user_id) == {"kept": 1}
    erase(world, older_than_days=0)
    tokens = world.log_in(person.email)
    assert "cognito:groups" not in claims_of(tokens["IdToken"])
    kept = world.client(tokens["IdToken"])
    assert kept.send("GET", "/account").body["deletion"] is None
    assert kept.cards().status == 200


def test_what_the_request_is_stored_as_cannot_be_written_by_a_browser(world: World) -> None:
    person = world.person()
    cognito = session(world.stack.aws_endpoint_url).client("cognito-idp")
    with pytest.raises(ClientError, match="NotAuthorized"):
        cognito.update_user_attributes(
            AccessToken=person.tokens["AccessToken"],
            UserAttributes=[
                {"Name": "custom:deletion_requested", "Value": "2020-01-01T00:00:00.000Z"}
            ],
        )
