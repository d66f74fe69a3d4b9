"""The audit log of what staff and programs did, and what keeps data from being deleted."""

import fnmatch
import json
import re
from typing import Any

import pytest
from botocore.stub import Stubber

from local.aws import session
from tests.support.cloudformation import Deployed
from tools.protect import POLICY, protect

HOLD_DATA = {
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
}


@pytest.mark.parametrize(
    ("stage", "kept"), [("dev", False), ("local", False), ("staging", True), ("prod", True)]
)
def test_every_stage_but_dev_keeps_an_audit_log(deployed: Deployed, stage: str, kept: bool) -> None:
    assert ("AuditBucket" in deployed(Stage=stage)) is kept


def test_nobody_can_change_or_delete_the_audit_log_for_a_year(deployed: Deployed) -> None:
    bucket = deployed(Stage="prod")["AuditBucket"]
    lock = bucket["Properties"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert bucket["Properties"]["ObjectLockEnabled"] is True
    assert (lock["Mode"], int(lock["Days"])) == ("COMPLIANCE", 365)
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
    [rule] = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == lock["Days"]
    longer = deployed(Stage="prod", AuditDays="730")["AuditBucket"]["Properties"]
    retention = longer["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert int(retention["Days"]) == 730


@pytest.mark.parametrize(
    ("actor", "kept"),
    [("staff:7d3e", True), ("program:4kq", True), ("-", False), ("person:1a", False)],
)
def test_it_has_the_requests_of_staff_and_programs_only(
    deployed: Deployed, actor: str, kept: bool
) -> None:
    resources = deployed(Stage="prod")
    subscription = resources["AuditSubscription"]["Properties"]
    assert subscription["LogGroupName"] == "ApiLogGroup"
    patterns = re.findall(r'\$\.actor = "([^"]+)"', subscription["FilterPattern"])
    assert any(fnmatch.fnmatchcase(actor, pattern) for pattern in patterns) is kept
    # The line says who did what to which object, and with what outcome.
    line = resources["Apiv1Stage"]["Properties"]["AccessLogSetting"]["Format"]
    for member in ("actor", "route", "path", "status", "time", "ip", "request_id"):
        assert f'"{member}":' in line


def test_what_holds_data_is_neither_deleted_nor_replaced_by_a_deployment(
    deployed: Deployed,
) -> None:
    allow, deny = json.loads(POLICY.read_text())["Statement"]
    assert (allow["Effect"], allow["Action"]) == ("Allow", "Update:*")
    assert (deny["Effect"], set(deny["Action"])) == ("Deny", {"Update:Replace", "Update:Delete"})
    denied = set(deny["Condition"]["StringEquals"]["ResourceType"])
    assert denied >= HOLD_DATA
    retained = {
        each["Type"]
        for each in deployed(Stage="prod").values()
        if each.get("UpdateReplacePolicy") == "Retain" and "IAM" not in each["Type"]
    }
    assert retained - {"AWS::Events::Archive", "AWS::ApiGateway::Account"} <= denied


def test_a_stack_is_protected_again_and_again() -> None:
    cloudformation: Any = session("http://127.0.0.1:1").client("cloudformation")
    with Stubber(cloudformation) as stub:
        for _ in range(2):
            stub.add_response(
                "set_stack_policy",
                {},
                {"StackName": "till-prod", "StackPolicyBody": POLICY.read_text()},
            )
            stub.add_response(
                "update_termination_protection",
                {},
                {"StackName": "till-prod", "EnableTerminationProtection": True},
            )
            protect(cloudformation, "till-prod")
        stub.assert_no_pending_responses()
