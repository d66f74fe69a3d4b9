"""The tables and the secrets."""

import json

import pytest

from payments.repositories.payments import OPEN_INDEX
from payments.repositories.products import LISTED, LISTED_INDEX
from tests.support.cloudformation import Deployed

TABLES = {
    "CustomersTable": "user_id",
    "ImportsTable": "email_hash",
    "PaymentsTable": "payment_id",
    "ProductsTable": "product_id",
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_on_demand_encrypted_and_can_be_recovered(
    deployed: Deployed, table: str
) -> None:
    properties = deployed()[table]["Properties"]
    assert properties["KeySchema"] == [{"AttributeName": TABLES[table], "KeyType": "HASH"}]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": "35",
    }
    assert {"Key": "Stage", "Value": "dev"} in properties["Tags"]


def test_the_bookmarks_may_be_lost(deployed: Deployed) -> None:
    bookmarks = deployed()["BookmarksTable"]
    assert bookmarks["Properties"]["KeySchema"] == [{"AttributeName": "name", "KeyType": "HASH"}]
    assert "DeletionPolicy" not in bookmarks


@pytest.mark.parametrize("resource", [*TABLES, "UserPool"])
def test_deleting_or_replacing_leaves_what_holds_data(deployed: Deployed, resource: str) -> None:
    policies = deployed()[resource]
    assert policies["DeletionPolicy"] == "RetainExceptOnCreate"
    assert policies["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize(
    ("stage", "protected"), [("dev", False), ("local", False), ("staging", True), ("prod", True)]
)
def test_but_in_dev_data_cannot_be_deleted_at_all(
    deployed: Deployed, stage: str, protected: bool
) -> None:
    resources = deployed(Stage=stage)
    for table in TABLES:
        assert resources[table]["Properties"]["DeletionProtectionEnabled"] is protected
    expected = "ACTIVE" if protected else "INACTIVE"
    assert resources["UserPool"]["Properties"]["DeletionProtection"] == expected


def test_payments_can_be_found_by_person_by_intent_and_by_being_open(deployed: Deployed) -> None:
    indexes = deployed()["PaymentsTable"]["Properties"]["GlobalSecondaryIndexes"]
    by_user, by_payment_intent, open_payments, *_ = indexes  # the others: the merchant's search
    assert by_user == {
        "IndexName": "by-user",
        "KeySchema": [
            {"AttributeName": "user_id", "KeyType": "HASH"},
            {"AttributeName": "created_at", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    assert by_payment_intent == {
        "IndexName": "by-payment-intent",
        "KeySchema": [{"AttributeName": "payment_intent_id", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    assert open_payments == {
        "IndexName": OPEN_INDEX,
        "KeySchema": [
            {"AttributeName": "open", "KeyType": "HASH"},
            {"AttributeName": "updated_at", "KeyType": "RANGE"},
        ],
        "Projection": {
            "ProjectionType": "INCLUDE",
            "NonKeyAttributes": ["user_id", "capture_before"],
        },
    }


def test_the_catalogue_is_an_index_of_what_is_listed_by_name(deployed: Deployed) -> None:
    assert deployed()["ProductsTable"]["Properties"]["GlobalSecondaryIndexes"] == [
        {
            "IndexName": LISTED_INDEX,
            "KeySchema": [
                {"AttributeName": LISTED, "KeyType": "HASH"},
                {"AttributeName": "name", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]


def test_three_keys_are_three_secrets_and_each_function_reads_its_own(deployed: Deployed) -> None:
    resources = deployed(
        StripeSecretKey="rk_live_1",
        StripeKeys="three",
        StripeMerchantKey="rk_live_2",
        StripeBackgroundKey="rk_live_3",
    )
    for name, key in (
        ("StripeKeySecret", "rk_live_1"),
        ("StripeMerchantKeySecret", "rk_live_2"),
        ("StripeBackgroundKeySecret", "rk_live_3"),
    ):
        held = json.loads(resources[name]["Properties"]["SecretString"])
        assert held == {"secret_key": key}
    expected = {
        "CreatePaymentIntentFunction": "StripeKeySecret.Id",
        "CreateRefundFunction": "StripeMerchantKeySecret.Id",
        "CapturePaymentFunction": "StripeMerchantKeySecret.Id",
        "ReconcilePaymentsFunction": "StripeBackgroundKeySecret.Id",
        "EraseAccountsFunction": "StripeBackgroundKeySecret.Id",
    }
    for function, secret in expected.items():
        properties = resources[function]["Properties"]
        assert properties["Environment"]["Variables"]["STRIPE_KEY_SECRET_ID"] == secret
        role = resources[f"{function}Role"]["Properties"]
        statements = [
            statement
            for policy in role["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        [readable] = [
            each["Resource"]
            for each in statements
            if each["Action"] == "secretsmanager:GetSecretValue"
        ]
        assert readable == secret, function


def test_three_keys_have_to_be_given(deployed: Deployed) -> None:
    with pytest.raises(ValueError, match="StripeKeys=three needs StripeBackgroundKey"):
        deployed(StripeKeys="three", StripeMerchantKey="rk_test_2")
    resources = deployed()
    assert "StripeMerchantKeySecret" not in resources


@pytest.mark.parametrize(
    ("parameter", "secrets"),
    [("", []), ("whsec_new", ["whsec_new"]), ("whsec_new,whsec_old", ["whsec_new", "whsec_old"])],
)
def test_the_secrets_are_json_with_a_key_and_none_one_or_two_signing_secrets(
    deployed: Deployed, parameter: str, secrets: list[str]
) -> None:
    resources = deployed(StripeSecretKey="rk_live_1", StripeWebhookSigningSecrets=parameter)
    key, webhook = (
        json.loads(resources[name]["Properties"]["SecretString"])
        for name in ("StripeKeySecret", "StripeWebhookSecret")
    )
    assert key == {"secret_key": "rk_live_1"}
    assert webhook == {"webhook_signing_secrets": secrets}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("StripeSecretKey", "pk_test_1"),
        ("StripeSecretKey", 'sk_test_"'),
        ("StripeWebhookSigningSecrets", "whsec_1, whsec_2"),
        ("StripeWebhookSigningSecrets", "whsec_1,whsec_2,whsec_3"),
        ("StripePublishableKey", "sk_test_1"),
        ("StripeMode", "production"),
        ("AllowedOrigin", "*"),
        ("AllowedOrigin", "https://shop.example.com/"),
    ],
)
def test_a_parameter_that_would_break_the_stack_is_refused(
    deployed: Deployed, parameter: str, value: str
) -> None:
    with pytest.raises(ValueError, match=parameter):
        deployed(**{parameter: value})


def test_secrets_are_not_echoed(transformed: dict[str, dict[str, dict[str, object]]]) -> None:
    hidden = {name for name, each in transformed["Parameters"].items() if each.get("NoEcho")}
    assert hidden == {
        "StripeSecretKey",
        "StripeMerchantKey",
        "StripeBackgroundKey",
        "StripeWebhookSigningSecrets",
    }
