"""No function may do everything; tests/integration checks what each one may do."""

import re

from tests.support.cloudformation import Deployed
from tests.support.policies import allowed_actions
from tests.support.routes import STEPS, function_id


def test_no_policy_of_ours_has_a_wildcard(deployed: Deployed) -> None:
    roles = {
        logical_id: resource["Properties"]
        for logical_id, resource in deployed(EmailVerification="off").items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    assert {f"{function_id(step)}Role" for step in STEPS} <= roles.keys()
    assert [
        (name, role["Policies"]) for name, role in roles.items() if "*" in str(role.get("Policies"))
    ] == []


def test_a_functions_role_adds_logs_and_traces_to_its_policy(deployed: Deployed) -> None:
    resources = deployed()
    for step in STEPS:
        role = resources[f"{function_id(step)}Role"]["Properties"]
        assert {arn.rsplit("/")[-1] for arn in role["ManagedPolicyArns"]} == {
            "AWSLambdaBasicExecutionRole",
            "AWSXrayWriteOnlyAccess",
        }
        needs_nothing = step == "pre_sign_up"
        policies = role.get("Policies", [])
        assert [each["PolicyDocument"]["Statement"] for each in policies] or needs_nothing


def test_the_payments_stream_is_the_only_one_and_only_the_publisher_reads_it() -> None:
    readers = {
        (step, resource)
        for step in STEPS
        for action, resource in allowed_actions(step)
        if re.search("Stream|GetRecords|GetShardIterator", action)
    }
    assert readers == {("publish_payment_events", "PaymentsTable/stream")}
