"""Whose address it is, who is logged in, and how both end."""

import secrets
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from local import confirmation_code
from local.aws import session
from local.mailbox import emailed_codes
from tests.e2e.conftest import PASSWORD, World
from tests.support.simulator_client import Simulator

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"
NOT_HERS = "Not-The-Owners-1234"


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """The code and the message of Cognito's refusal."""
    with pytest.raises(ClientError) as refused:
        call()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def people_with_rows(world: World) -> set[str]:
    """Everybody in the Customers table."""
    return {row["user_id"] for row in world.rows(world.stack.customers_table)}


def reset_password(world: World, email: str, password: str) -> None:
    """Somebody who can read the address's mail sets a new password."""
    client_id = world.stack.user_pool_client_id
    before = [sent.code for sent in emailed_codes(world.stack.aws_endpoint_url)]
    world.cognito.forgot_password(ClientId=client_id, Username=email)
    (code,) = [
        sent.code
        for sent in emailed_codes(world.stack.aws_endpoint_url)
        if sent.email == email and sent.code not in before
    ]
    world.cognito.confirm_forgot_password(
        ClientId=client_id, Username=email, ConfirmationCode=code, Password=password
    )


def test_whoever_never_confirmed_an_address_does_not_keep_it_from_its_owner(
    world: World, stripe: Simulator
) -> None:
    # Given somebody who signed up with an address that is not theirs
    email = f"{secrets.token_hex(6)}@example.com"
    anybody = world.client(None)
    earlier = anybody.signup(email=email, password=NOT_HERS, name="Mallory").body["user_id"]
    first_code = confirmation_code(world.stack, email)
    # When its owner signs up
    answer = anybody.signup(email=email, password=PASSWORD, name="Ada Lovelace")
    # Then
    assert answer.status == 201
    codes = [
        sent.code for sent in emailed_codes(world.stack.aws_endpoint_url) if sent.email == email
    ]
    assert codes[0] == first_code
    assert len(codes) == 2
    confirm = world.cognito.confirm_sign_up
    client_id = world.stack.user_pool_client_id
    assert refusal(
        lambda: confirm(ClientId=client_id, Username=email, ConfirmationCode=first_code)
    )[0] == ("CodeMismatchException")
    confirm(ClientId=client_id, Username=email, ConfirmationCode=codes[1])
    tokens = world.log_in(email)
    assert world.client(tokens["IdToken"]).cards().status == 200
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers", email=email)
    assert customer["name"] == "Ada Lovelace"
    assert earlier not in people_with_rows(world)
    # And once it is confirmed, it is taken
    assert anybody.signup(email=email, password=NOT_HERS, name="Mallory").code == "user_exists"


def test_whoever_never_confirms_is_removed(world: World, stripe: Simulator) -> None:
    user_id, email = world.sign_up()
    run = world.stack.remove_unconfirmed_users_function
    world.invoke(run, {})
    assert user_id in people_with_rows(world)  # not for a week
    ada = world.person()

    counts = world.invoke(run, {"older_than_days": 0})

    assert counts["removed"] >= 1
    assert counts["failed"] == 0
    assert user_id not in people_with_rows(world)
    assert stripe.listed(SECRET_KEY, "/v1/customers", email=email) == []
    get_user = world.cognito.admin_get_user
    pool_id = world.stack.user_pool_id
    assert refusal(lambda: get_user(UserPoolId=pool_id, Username=email))[0] == (
        "UserNotFoundException"
    )
    assert get_user(UserPoolId=pool_id, Username=ada.email)["UserStatus"] == "CONFIRMED"


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ({"name": "Ada\nLovelace"}, "name"),
        ({"name": "Ada\u202eLovelace"}, "name"),
        ({"name": "Ada", "birthdate": "2999-01-01"}, "birthdate"),
        ({"name": "Ada", "phone_number": "+0151"}, "phone_number"),
        ({"name": "Ada", "gender": "x" * 51}, "gender"),
        ({}, "name"),
    ],
)
def test_a_sign_up_sent_to_cognito_meets_the_rules_of_the_api(
    world: World, attributes: dict[str, str], wrong: str
) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    code, message = refusal(
        lambda: world.cognito.sign_up(
            ClientId=world.stack.user_pool_client_id,
            Username=email,
            Password=PASSWORD,
            UserAttributes=[
                {"Name": name, "Value": value}
                for name, value in ({"email": email} | attributes).items()
            ],
        )
    )
    assert code == "UserLambdaValidationException"
    assert wrong in message


def test_logged_out_everywhere_means_on_every_device(world: World, stripe: Simulator) -> None:
    # Given two devices, one of which has started a payment
    ada = world.person()
    other_tokens = world.log_in(ada.email)
    other = world.client(other_tokens["IdToken"])
    card = other.attached(stripe.payment_method(VISA))
    payment = other.create(product_id="coffee-beans", payment_method_id=card).body["payment_id"]
    # When
    assert ada.api.sign_out().status == 200
    # Then the other one saves and pays no more
    refused = [
        other.attach(stripe.payment_method(VISA)),
        other.create(product_id="coffee-beans", payment_method_id=card),
        other.confirm(payment, cvc_token=stripe.cvc_token()),
    ]
    assert [(each.status, each.code) for each in refused] == [(401, "not_authenticated")] * 3
    assert other.history().status == 200  # until its token ends
    # And gets no new tokens
    assert refusal(lambda: world.renew(other_tokens["RefreshToken"]))[0] == (
        "NotAuthorizedException"
    )
    # Whoever logs in again goes on
    again = world.client(world.log_in(ada.email)["IdToken"])
    answer = again.confirm(payment, cvc_token=stripe.cvc_token())
    assert answer.body["status"] == "succeeded"


def test_an_account_that_somebody_else_prepared_cannot_be_taken_over(
    world: World, stripe: Simulator
) -> None:
    # Given an account whose password is Mallory's, and whose owner has confirmed the address
    email = f"{secrets.token_hex(6)}@example.com"
    world.client(None).signup(email=email, password=PASSWORD, name="Mallory")
    world.cognito.confirm_sign_up(
        ClientId=world.stack.user_pool_client_id,
        Username=email,
        ConfirmationCode=confirmation_code(world.stack, email),
    )
    mallory = world.log_in(email)
    # When the owner sets a password of her own
    reset_password(world, email, "Analytical-Engine-1843")
    # Then nothing of Mallory's is left
    old = world.client(mallory["IdToken"])
    assert old.attach(stripe.payment_method(VISA)).status == 401
    assert refusal(lambda: world.renew(mallory["RefreshToken"]))[0] == "NotAuthorizedException"
    assert refusal(lambda: world.log_in(email))[0] == "NotAuthorizedException"


def test_a_new_address_reaches_stripe_once_it_is_verified(world: World, stripe: Simulator) -> None:
    # Given
    ada, new = world.person(), f"{secrets.token_hex(6)}@example.com"
    access_token = ada.tokens["AccessToken"]
    world.cognito.update_user_attributes(
        AccessToken=access_token, UserAttributes=[{"Name": "email", "Value": new}]
    )
    assert ada.api.account().body["email"] == ada.email
    # When
    world.cognito.verify_user_attribute(
        AccessToken=access_token, AttributeName="email", Code=confirmation_code(world.stack, new)
    )
    assert len(stripe.listed(SECRET_KEY, "/v1/customers", email=ada.email)) == 1
    assert ada.api.account().body["email"] == new
    # Then
    assert stripe.listed(SECRET_KEY, "/v1/customers", email=ada.email) == []
    (customer,) = stripe.listed(SECRET_KEY, "/v1/customers", email=new)
    assert customer["metadata"] == {"user_id": ada.user_id}
    assert world.log_in(new)
    # And only functions write when somebody asked for the deletion
    change = world.cognito.update_user_attributes
    assert refusal(
        lambda: change(
            AccessToken=access_token,
            UserAttributes=[{"Name": "custom:deletion_requested", "Value": ""}],
        )
    )[0] == ("NotAuthorizedException")


def test_an_account_that_is_being_deleted_is_locked_whatever_the_token(
    world: World, stripe: Simulator
) -> None:
    # Given
    ada = world.person()
    old = world.client(ada.tokens["IdToken"])
    refresh_token = ada.tokens["RefreshToken"]
    card = old.attached(stripe.payment_method(VISA))
    # When
    deletion = old.delete_account().body["deletion"]
    # Then her sessions are over, and a new login is good for nothing else either
    assert refusal(lambda: world.renew(refresh_token))[0] == "NotAuthorizedException"
    new = world.client(world.log_in(ada.email)["IdToken"])
    for token in (old, new):
        refused = [
            token.attach(stripe.payment_method(VISA)),
            token.create(product_id="coffee-beans", payment_method_id=card),
            token.cards(),
            token.history(),
            token.change_account(name="Ada King"),
            token.sign_out(),
        ]
        assert {(each.status, each.code) for each in refused} == {(403, "account_being_deleted")}
        assert token.account().body["deletion"] == deletion
        assert token.export().body["account"]["email"] == ada.email
    # And although the table has forgotten it, the token has not
    table = (
        session(world.stack.aws_endpoint_url)
        .resource("dynamodb")
        .Table(world.stack.customers_table)
    )
    table.update_item(Key={"user_id": ada.user_id}, UpdateExpression="REMOVE deletion_requested_at")
    assert new.cards().code == "account_being_deleted"
    assert new.account().body["deletion"] == deletion
