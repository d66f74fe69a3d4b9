"""This project's changes to MiniStack's one-time codes: without them, each of these tests fails."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import session
from local.emulator import start_emulator, wait_for_emulator
from local.options import free_port
from local.processes import Supervisor
from local.staff import one_time_code, set_up_one_time_codes

PASSWORD = "Analytical-Engine-1843"


@dataclass(frozen=True)
class Pool:
    """A user pool whose people may have an app for one-time codes."""

    cognito: Any
    pool_id: str
    client_id: str

    def add(self, *, permanent: bool = True) -> str:
        """Somebody with a password; their address."""
        email = f"{secrets.token_hex(4)}@example.com"
        self.cognito.admin_create_user(
            UserPoolId=self.pool_id, Username=email, MessageAction="SUPPRESS"
        )
        self.cognito.admin_set_user_password(
            UserPoolId=self.pool_id, Username=email, Password=PASSWORD, Permanent=permanent
        )
        return email

    def log_in(self, email: str) -> dict[str, Any]:
        """The answer to the right password."""
        return dict(
            self.cognito.initiate_auth(
                ClientId=self.client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
            )
        )

    def access_token(self, email: str) -> str:
        """The access token of somebody without an app."""
        return str(self.log_in(email)["AuthenticationResult"]["AccessToken"])

    def respond(self, challenge: str, session_: str, email: str, **answers: str) -> dict[str, Any]:
        """The answer to what somebody says to a challenge."""
        return dict(
            self.cognito.respond_to_auth_challenge(
                ClientId=self.client_id,
                ChallengeName=challenge,
                Session=session_,
                ChallengeResponses={"USERNAME": email, **answers},
            )
        )

    def enter(self, session_: str, email: str, code: str) -> dict[str, Any]:
        """The answer to a one-time code."""
        return self.respond("SOFTWARE_TOKEN_MFA", session_, email, SOFTWARE_TOKEN_MFA_CODE=code)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """MiniStack as the laptop stack starts it, with a pool."""
    directory: Path = tmp_path_factory.mktemp("mfa")
    with Supervisor() as supervisor:
        url = start_emulator(
            supervisor, port=free_port(), home=directory / "home", logs=directory / "logs"
        )
        wait_for_emulator(supervisor, url)
        with closing(session(url).client("cognito-idp")) as cognito:
            made = cognito.create_user_pool(
                PoolName="staff", UsernameAttributes=["email"], MfaConfiguration="OPTIONAL"
            )
            pool_id = made["UserPool"]["Id"]
            cognito.set_user_pool_mfa_config(
                UserPoolId=pool_id,
                SoftwareTokenMfaConfiguration={"Enabled": True},
                MfaConfiguration="OPTIONAL",
            )
            client = cognito.create_user_pool_client(
                UserPoolId=pool_id, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
            )
            yield Pool(cognito, pool_id, client["UserPoolClient"]["ClientId"])


def refusal(call: Callable[[], object]) -> str:
    """The code of the refusal."""
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value.response["Error"]["Code"]


def test_a_code_counts_for_the_login_that_asked_for_it_and_once(pool: Pool) -> None:
    grace, other = pool.add(), pool.add()
    secret = set_up_one_time_codes(pool.cognito, pool.access_token(grace))
    set_up_one_time_codes(pool.cognito, pool.access_token(other))
    code = one_time_code(secret)
    asked, asked_other = pool.log_in(grace)["Session"], pool.log_in(other)["Session"]
    # Not without a password, nor with somebody else's
    for session_ in ("x" * 32, asked_other):
        assert refusal(lambda s=session_: pool.enter(s, grace, code)) == "NotAuthorizedException"  # type: ignore[misc]
    assert refusal(lambda: pool.enter(asked, grace, "000000")) == "CodeMismatchException"
    assert pool.enter(asked, grace, code)["AuthenticationResult"]["IdToken"]
    assert refusal(lambda: pool.enter(asked, grace, code)) == "NotAuthorizedException"


def test_an_app_counts_once_it_is_proven_and_switched_on(pool: Pool) -> None:
    email = pool.add()
    token = pool.access_token(email)

    def switch_on() -> None:
        pool.cognito.set_user_mfa_preference(
            AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
        )

    assert refusal(switch_on) == "InvalidParameterException"
    secret = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    pool.cognito.verify_software_token(AccessToken=token, UserCode=one_time_code(secret))
    assert "AuthenticationResult" in pool.log_in(email)
    switch_on()
    assert pool.log_in(email)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    found = pool.cognito.admin_get_user(UserPoolId=pool.pool_id, Username=email)
    assert found["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]


def test_nobody_gets_a_secret_without_being_logged_in(pool: Pool) -> None:
    def ask() -> None:
        pool.cognito.associate_software_token(AccessToken="nonsense")

    assert refusal(ask) == "NotAuthorizedException"


def test_nobody_gets_in_by_claiming_to_have_been_asked(pool: Pool) -> None:
    email = pool.add()
    set_up_one_time_codes(pool.cognito, pool.access_token(email))
    session_ = pool.log_in(email)["Session"]
    past_the_app = refusal(lambda: pool.respond("MFA_SETUP", session_, email))
    assert past_the_app == "InvalidParameterException"
    password = {"NEW_PASSWORD": "Difference-Engine-1822"}
    without_asking = refusal(
        lambda: pool.respond("NEW_PASSWORD_REQUIRED", session_, email, **password)
    )
    assert without_asking == "NotAuthorizedException"
    assert pool.log_in(email)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_whoever_was_asked_for_a_first_password_sets_one(pool: Pool) -> None:
    email = pool.add(permanent=False)
    asked = pool.log_in(email)
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = pool.respond(
        "NEW_PASSWORD_REQUIRED", asked["Session"], email, NEW_PASSWORD="Difference-Engine-1822"
    )
    assert "AuthenticationResult" in answer


def test_without_an_answer_of_the_trigger_there_are_no_tokens(pool: Pool) -> None:
    cognito = pool.cognito
    made = cognito.create_user_pool(
        PoolName="triggered",
        UsernameAttributes=["email"],
        LambdaConfig={"PreTokenGeneration": "arn:aws:lambda:us-east-1:000000000000:function:gone"},
    )
    client = cognito.create_user_pool_client(
        UserPoolId=made["UserPool"]["Id"],
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )
    other = Pool(cognito, made["UserPool"]["Id"], client["UserPoolClient"]["ClientId"])
    email = other.add()
    assert refusal(lambda: other.log_in(email)) == "UnexpectedLambdaException"
