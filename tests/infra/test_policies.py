"""No function may do everything; tests/integration checks what each one may do."""

from tests.support.cloudformation import Deployed
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
        source = "AWSLambdaDynamoDBExecutionRole" if step == "publish_payment_events" else None
        assert {arn.rsplit("/")[-1] for arn in role["ManagedPolicyArns"]} == {
            "AWSLambdaBasicExecutionRole",
            "AWSXrayWriteOnlyAccess",
        } | {each for each in [source] if each}
        assert [policy["PolicyDocument"]["Statement"] for policy in role["Policies"]]
