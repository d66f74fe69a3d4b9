"""This project's changes to MiniStack's Cognito: without them, each of these tests fails."""

import base64
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import session
from local.emulator import start_emulator, wait_for_emulator
from local.mailbox import emailed_codes
from local.options import free_port
from local.processes import Supervisor

STACK_NAME = "people"
PASSWORD = "Analytical-Engine-1843"

# It writes down which trigger it was, where the test can see it.
TRIGGER = """
import boto3

def lambda_handler(event, context):
    boto3.client("cognito-idp").admin_update_user_attributes(
        UserPoolId=event["userPoolId"],
        Username=event["userName"],
        UserAttributes=[{"Name": "name", "Value": event["triggerSource"]}],
    )
    if event["request"]["userAttributes"].get("nickname") == "refused":
        raise ValueError("refused")
    return event
"""

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                },
                "Policies": [
                    {
                        "PolicyName": "everything",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                        },
                    }
                ],
            },
        },
        "Trigger": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.lambda_handler",
                "Code": {"ZipFile": TRIGGER},
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 20,
            },
        },
        "Pool": {
            "Type": "AWS::Cognito::UserPool",
            "Properties": {
                "UsernameAttributes": ["email"],
                "AutoVerifiedAttributes": ["email"],
                "Schema": [
                    {"Name": "hidden", "AttributeDataType": "String", "Mutable": True},
                ],
                "LambdaConfig": {"PostConfirmation": {"Fn::GetAtt": ["Trigger", "Arn"]}},
                "UserAttributeUpdateSettings": {
                    "AttributesRequireVerificationBeforeUpdate": ["email"]
                },
            },
        },
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {
                "UserPoolId": {"Ref": "Pool"},
                "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                "PreventUserExistenceErrors": "ENABLED",
                "WriteAttributes": ["email", "name", "nickname", "phone_number"],
                "ReadAttributes": ["email", "email_verified", "name", "phone_number"],
            },
        },
        "Group": {
            "Type": "AWS::Cognito::UserPoolGroup",
            "Properties": {"UserPoolId": {"Ref": "Pool"}, "GroupName": "leaving"},
        },
    },
    "Outputs": {"Pool": {"Value": {"Ref": "Pool"}}, "Client": {"Value": {"Ref": "Client"}}},
}


@dataclass(frozen=True)
class Pool:
    """A user pool, as people and administrators use it."""

    cognito: Any
    pool_id: str
    client_id: str
    url: str

    def sign_up(self, **attributes: str) -> str:
        """Somebody new; their address."""
        email = f"{secrets.token_hex(4)}@example.com"
        self.cognito.sign_up(
            ClientId=self.client_id,
            Username=email,
            Password=PASSWORD,
            UserAttributes=[{"Name": name, "Value": attributes[name]} for name in attributes],
        )
        return email

    def codes(self, email: str) -> list[str]:
        """The codes that were emailed to somebody, oldest first."""
        return [sent.code for sent in emailed_codes(self.url) if sent.email == email]

    def confirm(self, email: str, code: str) -> None:
        """They enter a code."""
        self.cognito.confirm_sign_up(ClientId=self.client_id, Username=email, ConfirmationCode=code)

    def confirmed(self) -> str:
        """Somebody who has entered their code."""
        email = self.sign_up()
        self.confirm(email, self.codes(email)[-1])
        return email

    def forget(self, email: str) -> None:
        """They ask for a new password."""
        self.cognito.forgot_password(ClientId=self.client_id, Username=email)

    def reset(self, email: str, code: str) -> None:
        """They set one."""
        self.cognito.confirm_forgot_password(
            ClientId=self.client_id,
            Username=email,
            ConfirmationCode=code,
            Password="Difference-Engine-1822",
        )

    def log_in(self, email: str, password: str = PASSWORD) -> dict[str, str]:
        """The tokens."""
        answer = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        return dict(answer["AuthenticationResult"])

    def change(self, access_token: str, **attributes: str) -> None:
        """They change something of their own."""
        self.cognito.update_user_attributes(
            AccessToken=access_token,
            UserAttributes=[{"Name": name, "Value": attributes[name]} for name in attributes],
        )

    def verify(self, access_token: str, code: str) -> None:
        """They enter the code that was sent to their new address."""
        self.cognito.verify_user_attribute(
            AccessToken=access_token, AttributeName="email", Code=code
        )

    def change_password(self, access_token: str, current: str) -> None:
        """They set another password."""
        self.cognito.change_password(
            AccessToken=access_token,
            PreviousPassword=current,
            ProposedPassword="Difference-Engine-1822",
        )

    def tell(self, email: str, /, **attributes: str) -> None:
        """An administrator changes something of theirs."""
        self.cognito.admin_update_user_attributes(
            UserPoolId=self.pool_id,
            Username=email,
            UserAttributes=[{"Name": name, "Value": attributes[name]} for name in attributes],
        )

    def attributes(self, email: str) -> dict[str, str]:
        """What the pool knows of somebody."""
        user = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=email)
        return {each["Name"]: each["Value"] for each in user["UserAttributes"]}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """MiniStack as the laptop stack starts it, with a pool."""
    directory: Path = tmp_path_factory.mktemp("cognito")
    with Supervisor() as supervisor:
        url = start_emulator(
            supervisor, port=free_port(), home=directory / "home", logs=directory / "logs"
        )
        wait_for_emulator(supervisor, url)
        with closing(session(url).client("cloudformation")) as cloudformation:
            cloudformation.create_stack(
                StackName=STACK_NAME,
                TemplateBody=json.dumps(TEMPLATE),
                Capabilities=["CAPABILITY_IAM"],
            )
            cloudformation.get_waiter("stack_create_complete").wait(
                StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
            )
            [stack] = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        with closing(session(url).client("cognito-idp")) as cognito:
            yield Pool(cognito, outputs["Pool"], outputs["Client"], url)


def refusal(call: Callable[..., object], *arguments: str) -> tuple[str, str]:
    """The code and the message of the refusal."""
    with pytest.raises(ClientError) as refused:
        call(*arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_each_code_is_another_and_ends_the_one_before(pool: Pool) -> None:
    email = pool.sign_up()
    pool.cognito.resend_confirmation_code(ClientId=pool.client_id, Username=email)
    first, second = pool.codes(email)
    assert first != second
    assert refusal(pool.confirm, email, first)[0] == "CodeMismatchException"
    pool.confirm(email, second)


def test_wrong_passwords_lock_out_for_longer_and_longer(pool: Pool) -> None:
    email = pool.confirmed()
    wrong = ("NotAuthorizedException", "Incorrect username or password.")
    locked = ("NotAuthorizedException", "Password attempts exceeded")
    assert [refusal(pool.log_in, email, "wrong") for _ in range(6)] == [*[wrong] * 5, locked]
    assert refusal(pool.log_in, email) == locked

    def answer_after_lockout(password: str) -> tuple[str, str] | None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                pool.log_in(email, password)
            except ClientError as error:
                said = error.response["Error"]["Code"], error.response["Error"]["Message"]
                if said != locked:
                    return said
            else:
                return None
        raise TimeoutError

    assert answer_after_lockout("wrong") == wrong  # a second later
    assert refusal(pool.log_in, email) == locked
    assert answer_after_lockout(PASSWORD) is None  # two seconds later
    assert refusal(pool.log_in, email, "wrong") == wrong  # it starts over


def test_after_five_wrong_codes_the_right_one_comes_too_late(pool: Pool) -> None:
    email = pool.sign_up()
    (right,) = pool.codes(email)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert refusal(pool.confirm, email, wrong)[0] == "CodeMismatchException"
    assert refusal(pool.confirm, email, right)[0] == "LimitExceededException"


def test_a_new_password_cannot_be_guessed_either(pool: Pool) -> None:
    email = pool.confirmed()
    pool.forget(email)
    right = pool.codes(email)[-1]
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert refusal(pool.reset, email, wrong)[0] == "CodeMismatchException"
    assert refusal(pool.reset, email, right)[0] == "LimitExceededException"


def test_codes_are_not_sent_without_end(pool: Pool) -> None:
    email = pool.confirmed()
    for _ in range(5):
        pool.forget(email)
    assert refusal(pool.forget, email)[0] == "LimitExceededException"


def test_confirming_an_address_verifies_it(pool: Pool) -> None:
    assert pool.attributes(pool.confirmed())["email_verified"] == "true"


def test_an_address_that_is_not_verified_gets_no_code_for_a_password(pool: Pool) -> None:
    email = pool.sign_up()
    pool.forget(email)
    assert len(pool.codes(email)) == 1  # the one of the sign-up


def test_the_trigger_hears_of_a_confirmed_address_and_of_a_new_password(pool: Pool) -> None:
    email = pool.confirmed()
    assert pool.attributes(email)["name"] == "PostConfirmation_ConfirmSignUp"
    pool.forget(email)
    pool.reset(email, pool.codes(email)[-1])
    assert pool.attributes(email)["name"] == "PostConfirmation_ConfirmForgotPassword"


def test_a_trigger_that_fails_shows(pool: Pool) -> None:
    email = pool.sign_up(nickname="refused")
    code = pool.codes(email)[-1]
    assert refusal(pool.confirm, email, code)[0] == "UserLambdaValidationException"


def test_a_renewed_token_says_when_its_person_logged_in(pool: Pool) -> None:
    tokens = pool.log_in(pool.confirmed())
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.01)
    renewed = pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )["AuthenticationResult"]
    before, after = claims(tokens["IdToken"]), claims(renewed["IdToken"])
    assert before["auth_time"] == after["auth_time"] < after["iat"]


def test_people_are_listed_by_their_status(pool: Pool) -> None:
    confirmed, unconfirmed = pool.confirmed(), pool.sign_up()
    users = pool.cognito.list_users(
        UserPoolId=pool.pool_id, Filter='cognito:user_status = "UNCONFIRMED"'
    )["Users"]
    emails = {
        each["Value"] for user in users for each in user["Attributes"] if each["Name"] == "email"
    }
    assert unconfirmed in emails
    assert confirmed not in emails


def test_a_new_address_counts_after_its_code(pool: Pool) -> None:
    old, new = pool.confirmed(), f"{secrets.token_hex(4)}@example.com"
    token = pool.log_in(old)["AccessToken"]
    pool.change(token, email=new, name="Ada")
    assert pool.attributes(old)["name"] == "Ada"
    assert pool.attributes(old)["email"] == old
    assert refusal(pool.log_in, new)[0] == "NotAuthorizedException"
    pool.change(token, email=new)  # for another code
    first, second = pool.codes(new)
    assert refusal(pool.verify, token, first)[0] == "CodeMismatchException"

    pool.verify(token, second)

    assert pool.attributes(new)["email_verified"] == "true"
    assert pool.log_in(new)
    assert refusal(pool.log_in, old)[0] == "NotAuthorizedException"
    assert refusal(pool.verify, token, second)[0] == "ExpiredCodeException"


def test_a_code_for_a_new_address_is_neither_guessed_nor_sent_without_end(pool: Pool) -> None:
    token = pool.log_in(pool.confirmed())["AccessToken"]
    new = f"{secrets.token_hex(4)}@example.com"
    for _ in range(5):
        pool.change(token, email=new)
    with pytest.raises(ClientError, match="LimitExceededException"):
        pool.change(token, email=new)
    right = pool.codes(new)[-1]
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert refusal(pool.verify, token, wrong)[0] == "CodeMismatchException"
    assert refusal(pool.verify, token, right)[0] == "LimitExceededException"


def test_an_address_has_one_person(pool: Pool) -> None:
    taken = pool.confirmed()
    token = pool.log_in(pool.confirmed())["AccessToken"]
    with pytest.raises(ClientError, match="AliasExistsException"):
        pool.change(token, email=taken)


def test_people_write_only_what_the_app_client_may_write(pool: Pool) -> None:
    email = pool.confirmed()
    token = pool.log_in(email)["AccessToken"]
    with pytest.raises(ClientError, match="unauthorized attribute"):
        pool.change(token, name="Ada", email_verified="false")
    assert pool.attributes(email)["email_verified"] == "true"
    assert pool.attributes(email)["name"] != "Ada"


def test_so_they_do_when_they_sign_up(pool: Pool) -> None:
    with pytest.raises(ClientError, match="unauthorized attribute"):
        pool.sign_up(**{"custom:hidden": "yes"})


def test_people_read_only_what_the_app_client_may_read(pool: Pool) -> None:
    email = pool.confirmed()
    pool.tell(email, **{"custom:hidden": "yes", "nickname": "Countess", "name": "Ada"})
    tokens = pool.log_in(email)
    told = pool.cognito.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    assert {each["Name"] for each in told} == {"sub", "email", "email_verified", "name"}
    said = claims(tokens["IdToken"])
    assert (said["name"], said["email"]) == ("Ada", email)
    assert not {"nickname", "custom:hidden"} & said.keys()
    assert pool.attributes(email)["custom:hidden"] == "yes"


def test_an_empty_value_removes_an_attribute(pool: Pool) -> None:
    email = pool.confirmed()
    token = pool.log_in(email)["AccessToken"]
    pool.tell(email, phone_number="+12025550123", **{"custom:hidden": "yes"})
    pool.tell(email, phone_number="", **{"custom:hidden": ""})
    assert not {"phone_number", "custom:hidden"} & pool.attributes(email).keys()
    pool.change(token, phone_number="+12025550123")
    assert pool.attributes(email)["phone_number"] == "+12025550123"
    pool.change(token, phone_number="")
    assert "phone_number" not in pool.attributes(email)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"custom:unknown": "x"}, "user.custom:unknown: Attribute does not exist in the schema."),
        ({"phone_number": "0123"}, "Invalid phone number format."),
    ],
)
def test_what_the_schema_does_not_know_is_refused(
    pool: Pool, wrong: dict[str, str], message: str
) -> None:
    email = pool.confirmed()
    with pytest.raises(ClientError, match="InvalidParameterException") as refused:
        pool.tell(email, name="Ada", **wrong)
    assert refused.value.response["Error"]["Message"] == message
    assert pool.attributes(email)["name"] != "Ada"


def test_an_administrator_gives_nobody_an_address_that_is_taken(pool: Pool) -> None:
    taken, email = pool.confirmed(), pool.confirmed()
    with pytest.raises(ClientError, match="AliasExistsException"):
        pool.tell(email, email=taken)


def test_groups_are_in_tokens_from_the_next_one_on(pool: Pool) -> None:
    email = pool.confirmed()
    tokens = pool.log_in(email)
    group = {"UserPoolId": pool.pool_id, "GroupName": "leaving"}
    for _ in range(2):
        pool.cognito.admin_add_user_to_group(Username=email, **group)
    (listed,) = pool.cognito.list_users_in_group(**group)["Users"]
    assert {"Name": "email", "Value": email} in listed["Attributes"]
    assert claims(pool.log_in(email)["IdToken"])["cognito:groups"] == ["leaving"]
    renewed = pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )["AuthenticationResult"]
    assert claims(renewed["IdToken"])["cognito:groups"] == ["leaving"]
    pool.cognito.admin_remove_user_from_group(Username=email, **group)
    assert "cognito:groups" not in claims(pool.log_in(email)["IdToken"])
    assert pool.cognito.list_users_in_group(**group)["Users"] == []


def test_whoever_is_deleted_is_in_no_group_and_their_tokens_end(pool: Pool) -> None:
    email = pool.confirmed()
    tokens = pool.log_in(email)
    group = {"UserPoolId": pool.pool_id, "GroupName": "leaving"}
    pool.cognito.admin_add_user_to_group(Username=email, **group)
    pool.cognito.admin_delete_user(UserPoolId=pool.pool_id, Username=email)
    assert pool.cognito.list_users_in_group(**group)["Users"] == []
    assert refusal(pool.verify, tokens["AccessToken"], "123456")[0] == "UserNotFoundException"


def test_the_present_password_cannot_be_guessed(pool: Pool) -> None:
    token = pool.log_in(pool.confirmed())["AccessToken"]
    for _ in range(5):
        assert refusal(pool.change_password, token, "wrong")[0] == "NotAuthorizedException"
    assert refusal(pool.change_password, token, PASSWORD)[0] == "LimitExceededException"


def claims(token: str) -> dict[str, Any]:
    """What a token says."""
    payload = token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said
