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


def test_each_statement_of_a_policy_has_an_id_of_its_own(deployed: Deployed) -> None:
    # IAM refuses a policy in which two have the same one:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    for resource in deployed().values():
        if resource["Type"] not in {"AWS::IAM::Role", "AWS::IAM::Policy"}:
            continue
        properties = resource["Properties"]
        for policy in (properties, *properties.get("Policies", [])):
            statements = policy.get("PolicyDocument", {}).get("Statement", [])
            ids = [statement["Sid"] for statement in statements if "Sid" in statement]
            grants = [(str(each["Action"]), str(each["Resource"])) for each in statements]
            assert len(ids) == len(set(ids)), ids
            assert len(grants) == len(set(grants)), grants
