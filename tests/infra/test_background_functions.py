"""What keeps rows up to date: the webhook and reconciliation; and the published events."""

import json

import pytest

from tests.support.cloudformation import Deployed, Json


def only(resources: Json, kind: str) -> Json:
    """The properties of the one resource of this type."""
    [properties] = [each["Properties"] for each in resources.values() if each["Type"] == kind]
    found: Json = properties
    return found


def test_every_write_to_a_payment_reaches_the_publisher_and_none_is_given_up(
    deployed: Deployed,
) -> None:
    resources = deployed()
    stream = resources["PaymentsTable"]["Properties"]["StreamSpecification"]
    assert stream == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    mapping = only(resources, "AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == "PaymentsTable.StreamArn"
    assert mapping["FunctionName"] == "PublishPaymentEventsFunctionAliaslive"
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    # A function that dies is given up long before the stream forgets its records, but not during an
    # outage or a rollback; then the queue names them.
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 3600 <= mapping["MaximumRecordAgeInSeconds"] <= 43_200
    assert 100 <= mapping["MaximumRetryAttempts"] <= 10_000
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": "UnpublishedQueue.Arn"}}
    [pattern] = mapping["FilterCriteria"]["Filters"]
    assert json.loads(pattern["Pattern"]) == {"eventName": ["MODIFY"]}


def test_what_could_not_be_published_is_kept_encrypted_for_as_long_as_possible(
    deployed: Deployed,
) -> None:
    resources = deployed()
    queue = resources["UnpublishedQueue"]["Properties"]
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    # Nobody gets a message while somebody else may be working on it.
    assert queue["VisibilityTimeout"] > resources["ReplayEventsFunction"]["Properties"]["Timeout"]


def test_reconciliation_runs_on_a_schedule_that_can_be_set(deployed: Deployed) -> None:
    resources = deployed(ReconcileEveryMinutes="15")
    schedule = resources["ReconcilePaymentsFunctionSchedule"]["Properties"]
    assert schedule["ScheduleExpression"] == "rate(15 minutes)"
    assert schedule["Target"]["Arn"] == "ReconcilePaymentsFunctionAliaslive"
    invocation = resources["ReconcilePaymentsFunctionEventInvokeConfig"]["Properties"]
    assert invocation["MaximumRetryAttempts"] == 0


def test_stripes_events_come_by_eventbridge_only_where_a_bus_is_named(deployed: Deployed) -> None:
    assert "StripeEventsRule" not in deployed()
    name = "aws.partner/stripe.com/ed_test_1"
    resources = deployed(StripeEventBusName=name)
    rule = only(resources, "AWS::Events::Rule")
    assert rule["EventBusName"] == name
    assert [target["Arn"] for target in rule["Targets"]] == ["StripeWebhookFunctionAliaslive"]
    permission = resources["StripeEventsPermission"]["Properties"]
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == "StripeEventsRule.Arn"


@pytest.mark.parametrize(("days", "kept"), [("30", True), ("0", False)])
def test_payment_events_can_be_kept_for_those_who_missed_them(
    deployed: Deployed, days: str, kept: bool
) -> None:
    resources = deployed(EventArchiveDays=days)
    assert ("PaymentEventArchive" in resources) is kept
    if kept:
        archive = resources["PaymentEventArchive"]["Properties"]
        assert archive["SourceArn"] == "PaymentEventBus.Arn"
