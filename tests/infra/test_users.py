"""The user pool and its client."""

import pytest

from payments.domain.customer import DELETION_REQUESTED_GROUP
from payments.domain.token import STAFF_GROUPS
from tests.support.cloudformation import Deployed

IDENTITY = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"


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
        "deletion_requested": False,
    }


def test_only_functions_write_when_somebody_asked_for_the_deletion(deployed: Deployed) -> None:
    client = deployed()["UserPoolClient"]["Properties"]
    told = ["email", "name", "phone_number", "birthdate", "gender"]
    assert client["WriteAttributes"] == told
    assert set(client["ReadAttributes"]) == {*told, "email_verified", "phone_number_verified"}


def test_cognito_takes_the_names_of_the_pools_own_attributes(deployed: Deployed) -> None:
    for attribute in deployed()["UserPool"]["Properties"]["Schema"]:
        assert len(attribute["Name"]) <= 20


def test_the_group_is_the_one_that_tokens_are_asked_for(deployed: Deployed) -> None:
    group = deployed()["DeletionRequestedGroup"]["Properties"]
    assert (group["GroupName"], group["UserPoolId"]) == (DELETION_REQUESTED_GROUP, "UserPool")


def test_a_password_is_long_and_mixed(deployed: Deployed) -> None:
    policy = deployed()["UserPool"]["Properties"]["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 12
    assert all(policy[f"Require{kind}"] for kind in ("Uppercase", "Lowercase", "Numbers"))


def test_an_email_address_is_verified_unless_that_is_switched_off(deployed: Deployed) -> None:
    assert deployed()["UserPool"]["Properties"]["AutoVerifiedAttributes"] == ["email"]
    without = deployed(EmailVerification="off")["UserPool"]["Properties"]
    assert "AutoVerifiedAttributes" not in without


@pytest.mark.parametrize("verification", ["required", "off"])
def test_the_trigger_knows_whether_to_confirm_everyone(
    deployed: Deployed, verification: str
) -> None:
    function = deployed(EmailVerification=verification)["PreSignUpFunction"]["Properties"]
    assert function["Environment"]["Variables"]["EMAIL_VERIFICATION"] == verification


def test_the_pool_asks_before_a_sign_up_and_tells_of_a_new_password(deployed: Deployed) -> None:
    assert deployed()["UserPool"]["Properties"]["LambdaConfig"] == {
        "PreSignUp": "PreSignUpFunctionAliaslive",
        "PostConfirmation": "PostConfirmationFunctionAliaslive",
        "PreTokenGeneration": "PreTokenGenerationFunctionAliaslive",
    }


def test_whoever_wants_may_have_a_one_time_code_app_and_nothing_else_for_it(
    deployed: Deployed,
) -> None:
    pool = deployed()["UserPool"]["Properties"]
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])


def test_the_groups_of_staff_are_those_that_tokens_are_asked_for(deployed: Deployed) -> None:
    groups = [deployed()[f"{name}Group"]["Properties"] for name in ("Support", "Merchant")]
    assert {group["GroupName"] for group in groups} == STAFF_GROUPS
    assert {group["UserPoolId"] for group in groups} == {"UserPool"}


@pytest.mark.parametrize("trigger", ["PreSignUp", "PostConfirmation", "PreTokenGeneration"])
def test_only_the_pool_may_call_its_triggers(deployed: Deployed, trigger: str) -> None:
    permission = deployed()[f"{trigger}Permission"]["Properties"]
    assert permission["FunctionName"] == f"{trigger}FunctionAliaslive"
    assert permission["Principal"] == "cognito-idp.amazonaws.com"
    assert permission["SourceArn"] == "UserPool.Arn"


@pytest.mark.parametrize("trigger", ["PreSignUp", "PostConfirmation", "PreTokenGeneration"])
def test_a_trigger_does_not_wait_for_the_pool_that_waits_for_it(
    deployed: Deployed, trigger: str
) -> None:
    resources = deployed()
    for part in (f"{trigger}Function", f"{trigger}FunctionRole"):
        assert "UserPool" not in str(resources[part])


@pytest.mark.parametrize("step", ["RemoveUnconfirmedUsers", "EraseAccounts"])
def test_whom_to_remove_is_looked_for_every_hour(deployed: Deployed, step: str) -> None:
    schedule = deployed()[f"{step}FunctionSchedule"]["Properties"]
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert "Name" not in schedule


def test_without_a_sender_cognito_sends_emails_itself(deployed: Deployed) -> None:
    assert "EmailConfiguration" not in deployed()["UserPool"]["Properties"]


@pytest.mark.parametrize("sender", ["shop@example.com", "The Shop <shop@example.com>"])
def test_with_a_sender_ses_sends_them(deployed: Deployed, sender: str) -> None:
    pool = deployed(EmailFrom=sender, EmailIdentityArn=IDENTITY)["UserPool"]["Properties"]
    assert pool["EmailConfiguration"] == {
        "EmailSendingAccount": "DEVELOPER",
        "From": sender,
        "SourceArn": IDENTITY,
    }


@pytest.mark.parametrize(
    "parameters",
    [
        {"EmailFrom": "shop@example.com"},
        {"EmailIdentityArn": IDENTITY},
        {"EmailFrom": "shop", "EmailIdentityArn": IDENTITY},
        {"EmailFrom": "a@example.com, b@example.com", "EmailIdentityArn": IDENTITY},
        {"EmailFrom": "Shop <shop@example.com>\n", "EmailIdentityArn": IDENTITY},
        {"EmailFrom": "shop@example.com", "EmailIdentityArn": "example.com"},
    ],
)
def test_half_a_sender_or_a_wrong_one_is_refused(
    deployed: Deployed, parameters: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="Email"):
        deployed(**parameters)


def test_prod_needs_a_sender_of_its_own(deployed: Deployed) -> None:
    deployed(Stage="prod", EmailFrom="shop@example.com", EmailIdentityArn=IDENTITY)
    with pytest.raises(ValueError, match="EmailFrom is required"):
        deployed(Stage="prod", EmailFrom="", EmailIdentityArn="")


@pytest.mark.parametrize("stage", ["dev", "local", "staging", "prod"])
def test_no_code_alone_logs_in(deployed: Deployed, stage: str) -> None:
    resources = deployed(Stage=stage)
    flows = resources["UserPoolClient"]["Properties"]["ExplicitAuthFlows"]
    assert set(flows) <= {
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    # Without a policy of its own, the first factor is the password.
    assert "SignInPolicy" not in resources["UserPool"]["Properties"]["Policies"]


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_where_people_pay_their_passwords_never_travel(deployed: Deployed, stage: str) -> None:
    flows = deployed(Stage=stage)["UserPoolClient"]["Properties"]["ExplicitAuthFlows"]
    assert flows == ["ALLOW_USER_SRP_AUTH"]


def test_a_refresh_token_is_replaced_when_it_is_used(deployed: Deployed) -> None:
    client = deployed()["UserPoolClient"]["Properties"]
    assert client["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60}
    # Cognito refuses a client that has both.
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in client["ExplicitAuthFlows"]
    older = deployed(RefreshTokenRotation="off")["UserPoolClient"]["Properties"]
    assert "RefreshTokenRotation" not in older
    assert "ALLOW_REFRESH_TOKEN_AUTH" in older["ExplicitAuthFlows"]


def test_logging_out_revokes_tokens_unless_asked_otherwise(deployed: Deployed) -> None:
    assert deployed()["UserPoolClient"]["Properties"]["EnableTokenRevocation"] is True
    kept = deployed(TokenRevocation="off")["UserPoolClient"]["Properties"]
    assert kept["EnableTokenRevocation"] is False


@pytest.mark.parametrize(
    ("protection", "tier", "add_ons"),
    [
        ("off", None, None),
        ("audit", "PLUS", {"AdvancedSecurityMode": "AUDIT"}),
        ("enforced", "PLUS", {"AdvancedSecurityMode": "ENFORCED"}),
    ],
)
def test_threat_protection_comes_with_the_plan_that_has_it(
    deployed: Deployed, protection: str, tier: str | None, add_ons: dict[str, str] | None
) -> None:
    pool = deployed(ThreatProtection=protection)["UserPool"]["Properties"]
    assert pool.get("UserPoolTier") == tier
    assert pool.get("UserPoolAddOns") == add_ons


def test_an_address_is_kept_secret_only_where_its_owner_gets_an_email(deployed: Deployed) -> None:
    signup = deployed(ExistingAddress="hide")["SignupFunction"]["Properties"]
    assert signup["Environment"]["Variables"]["EXISTING_ADDRESS"] == "hide"
    with pytest.raises(ValueError, match="ExistingAddress=hide needs EmailVerification=required"):
        deployed(ExistingAddress="hide", EmailVerification="off")


@pytest.mark.parametrize("stage", ["dev", "local"])
def test_a_developer_may_log_in_with_curl(deployed: Deployed, stage: str) -> None:
    flows = deployed(Stage=stage)["UserPoolClient"]["Properties"]["ExplicitAuthFlows"]
    assert "ALLOW_USER_PASSWORD_AUTH" in flows


def test_the_client_is_a_browser(deployed: Deployed) -> None:
    client = deployed()["UserPoolClient"]["Properties"]
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert client["TokenValidityUnits"] == {
        "IdToken": "minutes",
        "AccessToken": "minutes",
        "RefreshToken": "days",
    }
    assert (client["IdTokenValidity"], client["AccessTokenValidity"]) == (15, 15)
    assert client["RefreshTokenValidity"] == 30
