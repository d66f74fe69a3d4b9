"""Alarms: each has its page and its fault, and a fault meets exactly its alarm's condition.

tests/integration/test_alarms.py has the faults that Till itself measures, with the code that does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.support.alarms import STACK, Metrics, alarms, going_off, mentioned, pages, paging
from tests.support.cloudformation import Deployed
from tests.support.commands import ROOT
from tests.support.routes import ROUTES, TRIGGERS, function_id

BY_CODE = ROOT / "tests" / "integration" / "test_alarms.py"
RUNBOOKS = ROOT / "docs" / "runbooks"
HEADINGS = ["What it means", "What to look at", "What to do", "How to see that it is over"]


def healthy() -> Metrics:
    """What a stack measures while all is well and people pay."""
    metrics = Metrics()
    metrics.add(STACK, "Reconcile_checked", 3, service="reconcile_payments")
    metrics.add(STACK, "Reconcile_failed", 0, service="reconcile_payments")
    metrics.add(STACK, "Reconcile_key_refused", 0, service="reconcile_payments")
    metrics.add(STACK, "Reconcile_other_account", 0, service="reconcile_payments")
    metrics.add(STACK, "Reconcile_oldest_open_seconds", 23 * 3600, service="reconcile_payments")
    metrics.add(STACK, "Reconcile_events_behind_seconds", 0, service="reconcile_payments")
    metrics.add(STACK, "Reconcile_events_recorded", 1, service="reconcile_payments")
    metrics.add(STACK, "Stripe_permission_missing", 0, service="reconcile_payments")
    metrics.add(STACK, "Erasure_erased", 0, service="erase_accounts")
    metrics.add(STACK, "Erasure_failed", 0, service="erase_accounts")
    metrics.add(STACK, "Unconfirmed_failed", 0, service="remove_unconfirmed_users")
    metrics.add(STACK, "Payments_succeeded", 60, service="publish_payment_events")
    metrics.add(STACK, "Payments_failed", 4, service="publish_payment_events")
    metrics.add(STACK, "StripeEvents", 1, 1, 1, outcome="recorded", service="stripe_webhook")
    metrics.add("AWS/Lambda", "IteratorAge", 900, FunctionName="PublishPaymentEventsFunction")
    metrics.add("AWS/Lambda", "Throttles", 0)
    metrics.add(
        "AWS/SQS", "ApproximateNumberOfMessagesVisible", 0, QueueName="UnpublishedQueue.QueueName"
    )
    for route in ROUTES:
        add_route(metrics, route, errors=0, latency=80)
    return metrics


def add_route(
    metrics: Metrics, route: str, *, errors: int, latency: float, requests: int = 200
) -> None:
    """What API Gateway measures of a route."""
    method, path = route.split(" ")
    dimensions = {"ApiName": STACK, "Stage": "v1", "Method": method, "Resource": path}
    outcomes = [1.0] * errors + [0.0] * (requests - errors)
    metrics.add("AWS/ApiGateway", "5XXError", *outcomes, **dimensions)
    metrics.add("AWS/ApiGateway", "5XXError", *outcomes, ApiName=STACK)
    metrics.add("AWS/ApiGateway", "Latency", *[latency] * requests, **dimensions)


@dataclass(frozen=True)
class Fault:
    """Something goes wrong: what is measured then, instead of what is while all is well."""

    alarm: str
    namespace: str
    name: str
    values: tuple[float, ...]
    dimensions: Mapping[str, str]


def own(alarm: str, name: str, *values: float, service: str, **dimensions: str) -> Fault:
    return Fault(alarm, STACK, name, values, {"service": service, **dimensions})


RECONCILE = "reconcile_payments"
PUBLISHER = {"FunctionName": "PublishPaymentEventsFunction"}
POOL = {"UserPool": "UserPool", "UserPoolClient": "UserPoolClient"}
QUEUE = {"QueueName": "UnpublishedQueue.QueueName"}
FAULTS = [
    *(
        Fault(f"Table{kind}sThrottledAlarm", "AWS/DynamoDB", f"{kind}ThrottleEvents", (1,), table)
        for kind in ("Read", "Write")
        for table in ({"TableName": "PaymentsTable"}, {"TableName": "BookmarksTable"})
    ),
    Fault("FunctionsThrottledAlarm", "AWS/Lambda", "Throttles", (1, 1), {}),
    Fault("ApiThrottledAlarm", STACK, "Api_throttled", (1,) * 21, {}),
    Fault("CognitoThrottledAlarm", "AWS/Cognito", "SignUpThrottles", (1,), POOL),
    Fault("CognitoThrottledAlarm", "AWS/Cognito", "SignInThrottles", (1,), POOL),
    own("LimitsUnavailableAlarm", "LimitsUnavailable", 1, service="create_payment_intent"),
    own("DeclinesAlarm", "Payments_failed", 30, service="publish_payment_events"),
    own("DeclinesAlarm", "Payments_failed", 0, service="publish_payment_events"),
    *(
        Fault("LoginFailsAlarm", "AWS/Lambda", "Errors", (1, 1, 1), {"FunctionName": trigger})
        for trigger in map(function_id, TRIGGERS)
    ),
    Fault("PublisherBehindAlarm", "AWS/Lambda", "IteratorAge", (601_000,), PUBLISHER),
    Fault("UnpublishedAlarm", "AWS/SQS", "ApproximateNumberOfMessagesVisible", (1,), QUEUE),
    Fault("UnpublishedOldAlarm", "AWS/SQS", "ApproximateAgeOfOldestMessage", (86_401,), QUEUE),
    own("WebhooksMissingAlarm", "Reconcile_events_recorded", 5, service=RECONCILE),
    own("EventsNotUnderstoodAlarm", "Reconcile_events_not_understood", 1, service=RECONCILE),
    own("ReconcileSilentAlarm", "Reconcile_checked", service=RECONCILE),
    own("ReconcileFailsAlarm", "Reconcile_failed", 1, 2, 1, service=RECONCILE),
    own("PaymentsOpenAlarm", "Reconcile_oldest_open_seconds", 27.1 * 3600, service=RECONCILE),
    own("EventsBehindAlarm", "Reconcile_events_behind_seconds", 10_801, service=RECONCILE),
    own("UsersNotRemovedAlarm", "Unconfirmed_failed", 1, 1, 1, service="remove_unconfirmed_users"),
    own("AccountsNotErasedAlarm", "Erasure_failed", 2, 1, 1, service="erase_accounts"),
    own("ErasureSilentAlarm", "Erasure_erased", service="erase_accounts"),
    Fault(
        "AuditBehindAlarm",
        "AWS/Firehose",
        "DeliveryToS3.DataFreshness",
        (1801,),
        {"DeliveryStreamName": "AuditStream"},
    ),
]


def with_fault(fault: Fault) -> Metrics:
    metrics = healthy()
    series = {**fault.dimensions}
    for known in [*metrics.values]:
        if (known.namespace, known.name, dict(known.dimensions)) == (
            fault.namespace, fault.name, series
        ):  # fmt: skip
            del metrics.values[known]
    metrics.add(fault.namespace, fault.name, *fault.values, **series)
    return metrics


def test_while_all_is_well_nothing_goes_off() -> None:
    assert going_off(healthy()) == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.alarm}-{fault.name}")
def test_a_fault_meets_exactly_its_alarms_condition_and_pages_once(fault: Fault) -> None:
    went_off = going_off(with_fault(fault))
    assert went_off == {fault.alarm}
    assert len(paging(went_off)) == 1


@pytest.mark.parametrize("route", ROUTES)
def test_each_step_that_fails_or_is_slow_is_noticed_alone(route: str) -> None:
    failing = healthy()
    add_route(failing, route, errors=3, latency=80)
    assert going_off(failing) == {"StepFailsAlarm"}
    slow = healthy()
    add_route(slow, route, errors=0, latency=5_001, requests=3)  # of 203: more than 1 %
    [alarm] = going_off(slow)
    assert alarm.startswith("Slow")


def test_a_bad_release_goes_off_within_a_minute_and_pages_once() -> None:
    metrics = healthy()
    add_route(metrics, "POST /payments", errors=50, latency=80, requests=50)
    assert going_off(metrics) == {"ReleaseFailsAlarm", "StepFailsAlarm"}
    assert paging({"ReleaseFailsAlarm", "StepFailsAlarm"}) == {"PayingPage"}
    release = alarms()["ReleaseFailsAlarm"]
    assert release["Period"] * release["EvaluationPeriods"] == 60


def test_what_follows_from_a_known_cause_stays_quiet() -> None:
    everything = {"StripeKeyRefusedAlarm", "StepFailsAlarm", "ReconcileFailsAlarm", "DeclinesAlarm"}
    assert paging(everything) == {"StripeKeyPage"}
    assert paging({"FunctionsThrottledAlarm", "StepFailsAlarm", "PublisherBehindAlarm"}) == {
        "CapacityPage"
    }
    # Money is never quiet.
    assert paging({"StripeKeyRefusedAlarm", "PaymentMismatchedAlarm"}) == {
        "MoneyPage",
        "StripeKeyPage",
    }


def test_reconciliation_is_silent_after_five_runs_however_often_it_runs() -> None:
    for minutes in ("5", "30"):
        silent = alarms(ReconcileEveryMinutes=minutes)["ReconcileSilentAlarm"]
        looked_at = silent["Period"] * int(silent["EvaluationPeriods"])
        assert looked_at == 5 * 60 * int(minutes)
    assert looked_at <= 86_400  # CloudWatch's limit


def test_every_alarm_has_a_fault() -> None:
    by_route = {"StepFailsAlarm", "ReleaseFailsAlarm"}
    slow = {name for name in alarms() if name.startswith("Slow")}
    by_code = set(re.findall(r'"(\w+Alarm)"', BY_CODE.read_text()))
    tested = {fault.alarm for fault in FAULTS} | by_route | slow | by_code
    assert tested == alarms().keys()


def test_every_alarm_is_on_one_page_that_tells_the_topic() -> None:
    on_pages = [name for page in pages().values() for name in mentioned(page["AlarmRule"])]
    on_pages = [name for name in on_pages if name not in pages()]
    assert sorted(on_pages) == sorted(alarms())
    for page in pages().values():
        assert page["AlarmActions"] == page["OKActions"] == ["AlarmTopic"]
    assert not [name for name, alarm in alarms().items() if "AlarmActions" in alarm]


def test_every_alarm_has_its_runbook_and_every_runbook_its_alarm() -> None:
    named = set()
    for name, alarm in (alarms() | pages()).items():
        [runbook] = re.findall(r"docs/runbooks/([\w-]+)\.md$", alarm["AlarmDescription"])
        named.add(runbook)
        assert alarm["AlarmName"].startswith(f"{STACK}-"), name
        if name in alarms():
            text = (RUNBOOKS / f"{runbook}.md").read_text()
            assert re.findall(r"^## (.+)$", text, re.MULTILINE)[:4] == HEADINGS, runbook
            assert f"`{alarm['AlarmName'].removeprefix(f'{STACK}-')}`" in text, runbook
    commands = {"restore", "budget"}  # not of an alarm of CloudWatch's
    written = {path.stem for path in RUNBOOKS.glob("*.md")}
    assert written - commands == named


def test_what_every_table_refuses_is_noticed(deployed: Deployed) -> None:
    tables = {name for name, each in deployed().items() if each["Type"] == "AWS::DynamoDB::Table"}
    for alarm in ("TableReadsThrottledAlarm", "TableWritesThrottledAlarm"):
        queries = [
            each["MetricStat"] for each in alarms()[alarm]["Metrics"] if "MetricStat" in each
        ]
        assert {each["Metric"]["Dimensions"][0]["Value"] for each in queries} == tables
        assert len(queries) <= 10  # CloudWatch's limit


def test_alarms_reach_the_email_address_and_the_budget_the_topic(deployed: Deployed) -> None:
    assert "AlarmEmailSubscription" not in deployed()
    resources = deployed(AlarmEmail="ops@example.com", MonthlyBudget="200")
    subscription = resources["AlarmEmailSubscription"]["Properties"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
    budget = resources["Budget"]["Properties"]
    assert budget["Budget"]["BudgetLimit"]["Amount"] == "200"
    for each in budget["NotificationsWithSubscribers"]:
        assert each["Subscribers"] == [{"SubscriptionType": "SNS", "Address": "AlarmTopic"}]
    [statement] = resources["AlarmTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert set(statement["Principal"]["Service"]) == {
        "budgets.amazonaws.com",
        "cloudwatch.amazonaws.com",
    }


def test_the_laptop_stack_has_no_alarms_that_its_emulator_has_not(deployed: Deployed) -> None:
    for emulated in ({"Stage": "local"}, {"Stage": "staging", "Emulated": "true"}):
        resources = deployed(MonthlyBudget="200", **emulated)
        assert {each["Type"] for each in resources.values()}.isdisjoint(
            {"AWS::CloudWatch::CompositeAlarm", "AWS::Budgets::Budget"}
        )
        assert "StripeKeyRefusedAlarm" in resources
