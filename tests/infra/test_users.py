"""The user pool and its client."""

import pytest

from tests.support.cloudformation import Deployed


def test_a_person_is_known_by_email_address_in_any_case(deployed: Deployed) -> None:
    pool = deployed()["UserPool"]["Properties"]
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    required = {each["Name"]: each["Required"] for each in pool["Schema"]}
    assert required == {
        "email": True,
        "name": True,
        "phone_number": False,
        "birthdate": False,
        "gender": False,
    }


def test_a_password_is_long_and_mixed(deployed: Deployed) -> None:
    policy = deployed()["UserPool"]["Properties"]["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 12
    assert all(policy[f"Require{kind}"] for kind in ("Uppercase", "Lowercase", "Numbers"))


def test_an_email_address_is_verified_unless_that_is_switched_off(deployed: Deployed) -> None:
    resources = deployed()
    pool = resources["UserPool"]["Properties"]
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert "LambdaConfig" not in pool
    assert "ConfirmSignupFunction" not in resources


def test_without_verification_everyone_is_confirmed_on_signing_up(deployed: Deployed) -> None:
    resources = deployed(EmailVerification="off")
    pool = resources["UserPool"]["Properties"]
    assert "AutoVerifiedAttributes" not in pool
    assert pool["LambdaConfig"] == {"PreSignUp": "ConfirmSignupFunction.Arn"}

    code: dict[str, object] = {}
    source = resources["ConfirmSignupFunction"]["Properties"]["Code"]["ZipFile"]
    exec(compile(source, "index.py", "exec"), code)  # noqa: S102
    handler = code["lambda_handler"]
    assert callable(handler)
    event = {"triggerSource": "PreSignUp_SignUp", "response": {"autoVerifyPhone": False}}
    assert handler(event, None)["response"] == {
        "autoConfirmUser": True,
        "autoVerifyEmail": True,
        "autoVerifyPhone": False,
    }


def test_only_the_pool_may_call_its_trigger(deployed: Deployed) -> None:
    permission = deployed(EmailVerification="off")["ConfirmSignupPermission"]["Properties"]
    assert permission["Principal"] == "cognito-idp.amazonaws.com"
    assert permission["SourceArn"] == "UserPool.Arn"


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_where_people_pay_their_passwords_never_travel(deployed: Deployed, stage: str) -> None:
    flows = deployed(Stage=stage)["UserPoolClient"]["Properties"]["ExplicitAuthFlows"]
    assert flows == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@pytest.mark.parametrize("stage", ["dev", "local"])
def test_a_developer_may_log_in_with_curl(deployed: Deployed, stage: str) -> None:
    flows = deployed(Stage=stage)["UserPoolClient"]["Properties"]["ExplicitAuthFlows"]
    assert "ALLOW_USER_PASSWORD_AUTH" in flows


def test_the_client_is_a_browser(deployed: Deployed) -> None:
    client = deployed()["UserPoolClient"]["Properties"]
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert (client["IdTokenValidity"], client["RefreshTokenValidity"]) == (1, 30)
    assert client["TokenValidityUnits"]["IdToken"] == "hours"
    assert client["TokenValidityUnits"]["RefreshToken"] == "days"
