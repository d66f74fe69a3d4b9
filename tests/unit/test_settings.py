"""The environment, typed."""

import pytest

from payments.settings import Settings

ENVIRONMENT = {
    "CUSTOMERS_TABLE": "customers",
    "PAYMENTS_TABLE": "payments",
    "PRODUCTS_TABLE": "products",
    "ORDERS_TABLE": "orders",
    "REFUNDS_TABLE": "refunds",
    "BOOKMARKS_TABLE": "bookmarks",
    "LIMITS_TABLE": "limits",
    "EVENT_BUS": "bus",
    "UNPUBLISHED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/unpublished",
    "STRIPE_KEY_SECRET_ID": "stripe-key",
    "ALLOWED_ORIGIN": "https://shop.example.com",
}


def test_a_missing_setting_has_a_sensible_value() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert settings.stripe_api_base is None
    assert settings.stripe_mode == "test"
    assert settings.stripe_requests_per_second == 25
    assert settings.stripe_webhook_secret_id is None
    assert settings.stack == ""
    assert settings.max_body_bytes == 16384
    assert settings.default_currency == "eur"
    assert settings.reconcile_after_minutes == 5
    assert settings.abandon_after_hours == 24
    assert settings.unconfirmed_after_days == 7
    assert (settings.user_pool_id, settings.user_pool_client_id) == ("", "")


def test_a_setting_that_is_given_counts() -> None:
    settings = Settings.from_environment(
        ENVIRONMENT
        | {
            "STRIPE_API_BASE": "http://localhost:12111",
            "STRIPE_MODE": "live",
            "STRIPE_REQUESTS_PER_SECOND": "250",
            "STRIPE_WEBHOOK_SECRET_ID": "stripe-webhook",
            "MAX_BODY_BYTES": "1024",
            "DEFAULT_CURRENCY": "usd",
            "RECONCILE_AFTER_MINUTES": "0",
            "ABANDON_AFTER_HOURS": "1",
            "UNCONFIRMED_AFTER_DAYS": "2",
            "USER_POOL_ID": "pool",
            "USER_POOL_CLIENT_ID": "client",
            "POWERTOOLS_SERVICE_NAME": "signup",
            "STACK_NAME": "till",
        }
    )
    assert settings.service == "signup"
    assert settings.stack == "till"
    assert settings.reconcile_after_minutes == 0
    assert settings.abandon_after_hours == 1
    assert settings.unconfirmed_after_days == 2
    assert (settings.user_pool_id, settings.user_pool_client_id) == ("pool", "client")
    assert settings.stripe_api_base == "http://localhost:12111"
    assert settings.stripe_mode == "live"
    assert settings.stripe_requests_per_second == 250
    assert settings.stripe_webhook_secret_id == "stripe-webhook"
    assert settings.max_body_bytes == 1024
    assert settings.default_currency == "usd"


def test_an_empty_api_base_means_stripe_itself() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"STRIPE_API_BASE": ""})
    assert settings.stripe_api_base is None


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_is_named(name: str) -> None:
    rest = {other: value for other, value in ENVIRONMENT.items() if other != name}
    with pytest.raises(KeyError, match=name):
        Settings.from_environment(rest)
