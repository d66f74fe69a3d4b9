"""How the functions run and where they log."""

import json
import re

import pytest

from payments.domain.limits import Limits
from payments.settings import Settings
from tests.support.cloudformation import Deployed, Json
from tests.support.commands import ROOT
from tests.support.routes import ROUTES, STEPS, TRIGGERS, function_id

BENCHMARKS = ROOT / "docs" / "benchmarks.md"
CALL_STRIPE = set(ROUTES.values()) - {
    "list_products",
    "get_product",
    "list_payments",
    "sign_out",
    "list_merchant_products",
    "put_product",
    "delete_product",
    "get_order",
    "create_order",
    "list_orders",
    "get_merchant_order",
    "list_merchant_payments",
}
ACCOUNT_STEPS = {"get_account", "update_account", "delete_account", "export_account"}
JOBS_ON_PEOPLE = {"remove_unconfirmed_users", "erase_accounts"}
USE_THE_POOL = (
    {"signup", "sign_out", "authorize_merchant", "create_order", "list_merchant_payments"}
    | ACCOUNT_STEPS
    | JOBS_ON_PEOPLE
)
LARGER_BODIES = {
    "stripe_webhook": 262144,
    "create_payment_intent": 65536,
    "create_order": 262144,
}
TELL_OF_PAYMENTS = {"publish_payment_events", "replay_events"}
KNOW_THE_APP = {"signup", "authorize_merchant"}
ORIGIN_SECRET = "{{resolve:secretsmanager:OriginSecret.Id:SecretString:generation_1}}"
# They count by the client's address, or tell Stripe.
KNOW_THE_ADDRESS = {
    "signup",
    "create_setup_intent",
    "attach_payment_method",
    "create_payment_intent",
    "confirm_payment_intent",
}
KNOW_THE_GRACE = ACCOUNT_STEPS - {"update_account"} | {"erase_accounts"}


def function(resources: Json, step: str) -> Json:
    """A step's function."""
    properties: Json = resources[function_id(step)]["Properties"]
    return properties


@pytest.mark.parametrize("step", STEPS)
def test_a_function_runs_python_with_both_layers_and_traces(deployed: Deployed, step: str) -> None:
    properties = function(deployed(Architecture="x86_64"), step)
    assert properties["Runtime"] == "python3.13"
    assert properties["Handler"] == "handler.lambda_handler"
    assert properties["Architectures"] == ["x86_64"]
    assert properties["TracingConfig"] == {"Mode": "Active"}
    dependencies, payments = properties["Layers"]
    assert dependencies.startswith("DependenciesLayer")
    assert payments.startswith("PaymentsLayer")


@pytest.mark.parametrize("step", [step for step in STEPS if step != "reconcile_payments"])
def test_a_function_has_the_memory_that_was_measured_to_be_best(
    deployed: Deployed, step: str
) -> None:
    (chosen,) = re.findall(r"^\| \*\*(\d+)\*\* \|", BENCHMARKS.read_text(), re.MULTILINE)
    assert function(deployed(), step)["MemorySize"] == int(chosen)


def test_reconciliation_has_a_whole_core_for_its_threads(deployed: Deployed) -> None:
    assert function(deployed(), "reconcile_payments")["MemorySize"] == 1769


@pytest.mark.parametrize("step", ROUTES.values())
def test_a_function_has_started_and_given_up_before_api_gateway_does(
    deployed: Deployed, step: str
) -> None:
    api_gateway_timeout, slow_start = 29, 3
    timeout = function(deployed(), step)["Timeout"]
    assert timeout == (25 if step in CALL_STRIPE else 12)
    assert timeout + slow_start < api_gateway_timeout


@pytest.mark.parametrize("step", STEPS)
def test_the_environment_is_what_the_settings_read(deployed: Deployed, step: str) -> None:
    resources = deployed(
        AllowedOrigin="https://shop.example.com",
        DefaultCurrency="jpy",
        DeclinesPerPerson="30",
        SignupsPerAddress="0",
        ReconcileAfterMinutes="10",
        StripeMode="live",
        StripeRequestsPerSecond="250",
        UnconfirmedAfterDays="3",
        ExistingAddress="hide",
        ReceiptEmails="on",
        EraseAfterDays="30",
        WebDomain="tea.example.com",
        WebCertificateArn="arn:aws:acm:us-east-1:123456789012:certificate/tea",
    )
    environment = function(resources, step)["Environment"]["Variables"]
    assert Settings.from_environment(environment) == Settings(
        stack="till",
        service=step,
        customers_table="CustomersTable",
        payments_table="PaymentsTable",
        products_table="ProductsTable",
        orders_table="OrdersTable",
        refunds_table="RefundsTable",
        bookmarks_table="BookmarksTable",
        imports_table="ImportsTable",
        limits_table="LimitsTable",
        event_bus="PaymentEventBus",
        unpublished_queue_url="UnpublishedQueue",
        stripe_mode="live",
        stripe_key_secret_id="StripeKeySecret.Id",
        stripe_webhook_secret_id="StripeWebhookSecret.Id" if step == "stripe_webhook" else None,
        stripe_api_base=None,
        stripe_requests_per_second=250 if step == "reconcile_payments" else 25,
        user_pool_id="UserPool" if step in USE_THE_POOL else "",
        user_pool_client_id="UserPoolClient" if step in KNOW_THE_APP else "",
        scope_prefix="till" if step == "authorize_merchant" else "",
        tells_existing_address=step != "signup",
        unconfirmed_after_days=3 if step == "remove_unconfirmed_users" else 7,
        erase_after_days=30 if step in KNOW_THE_GRACE else 14,
        allowed_origin="https://shop.example.com",
        origin_secret=ORIGIN_SECRET if step in KNOW_THE_ADDRESS else "",
        shop_url="https://tea.example.com" if step in TELL_OF_PAYMENTS else "",
        max_body_bytes=LARGER_BODIES.get(step, 16384),
        default_currency="jpy",
        emails_receipts=step == "confirm_payment_intent",
        limits=Limits(declines_per_person=30, signups_per_address=0),
        rows_may_be_lost=False,
        reconcile_after_minutes=10,
        abandon_after_hours=24,
    )
    assert environment["STAGE"] == "dev"
    assert environment["POWERTOOLS_METRICS_NAMESPACE"] == "till"


@pytest.mark.parametrize("step", STEPS)
def test_nothing_imported_is_claimed_where_nobody_proves_an_address(
    deployed: Deployed, step: str
) -> None:
    variables = function(deployed(EmailVerification="off"), step)["Environment"]["Variables"]
    assert Settings.from_environment(variables).imports_table is None


@pytest.mark.parametrize(
    ("parameters", "url"),
    [
        ({}, "https://WebDistribution.DomainName"),
        (
            {"WebHosting": "none", "AllowedOrigin": "https://me.example.com"},
            "https://me.example.com",
        ),
    ],
    ids=["CloudFront's own name", "hosted elsewhere"],
)
def test_events_link_to_where_the_app_is(
    deployed: Deployed, parameters: dict[str, str], url: str
) -> None:
    resources = deployed(**parameters)
    for step in TELL_OF_PAYMENTS:
        variables = function(resources, step)["Environment"]["Variables"]
        assert variables["SHOP_URL"] == url


def test_the_largest_purchase_is_not_too_large(deployed: Deployed) -> None:
    environment = function(deployed(), "create_payment_intent")["Environment"]["Variables"]
    item = {"product_id": "\U0001f375" * 255, "quantity": 100, "unit_amount": 99_999_999}
    body = {"items": [item] * 50, "currency": "eur", "payment_method_id": "pm_" + "x" * 250}
    size = len(json.dumps(body, ensure_ascii=False).encode())
    assert size < int(environment["MAX_BODY_BYTES"])


def test_the_largest_order_is_not_too_large(deployed: Deployed) -> None:
    environment = function(deployed(), "create_order")["Environment"]["Variables"]
    text = "\U0001f375"
    line = {
        "description": text * 500,
        "quantity": 10**6,
        "unit_amount": 10**12,
        "product_id": text * 255,
    }
    body = {"lines": [line] * 50, "metadata": {f"{n:040}": text * 500 for n in range(20)}}
    rest = 16384  # everything else
    size = len(json.dumps(body, ensure_ascii=False).encode()) + rest
    assert size < int(environment["MAX_BODY_BYTES"])


@pytest.mark.parametrize("step", STEPS)
def test_a_function_logs_json_to_a_group_of_its_own(deployed: Deployed, step: str) -> None:
    resources = deployed(LogLevel="WARN", LogRetentionDays="7")
    properties = function(resources, step)
    logging = properties["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert logging["ApplicationLogLevel"] == "WARN"
    assert properties["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == "WARN"
    assert logging["LogGroup"] == function_id(step).replace("Function", "LogGroup")
    assert resources[logging["LogGroup"]]["Type"] == "AWS::Logs::LogGroup"


@pytest.mark.parametrize("step", ["reconcile_payments", "replay_events", *sorted(JOBS_ON_PEOPLE)])
def test_a_long_job_has_five_minutes(deployed: Deployed, step: str) -> None:
    assert function(deployed(), step)["Timeout"] == 300


@pytest.mark.parametrize("step", TRIGGERS)
def test_a_trigger_has_the_time_that_cognito_waits(deployed: Deployed, step: str) -> None:
    assert function(deployed(), step)["Timeout"] == 5


def test_no_log_is_kept_forever(deployed: Deployed) -> None:
    groups = [
        resource["Properties"]
        for resource in deployed(LogRetentionDays="7", EmailVerification="off").values()
        if resource["Type"] == "AWS::Logs::LogGroup"
    ]
    assert len(groups) == len(STEPS) + 1
    assert {group["RetentionInDays"] for group in groups} == {"7"}
