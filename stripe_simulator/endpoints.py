"""The part of Stripe's API that is simulated: each endpoint with its parameters and its function.

params_class is the class of `stripe.params` that every request is validated against. simulated
names the parameters that have an effect here (None means all of them); others that Stripe knows are
refused by name, so that nobody relies on what doesn't happen. browser says that a publishable key
may make the call, from_browsers which parameters Stripe.js sends that the SDK for servers lacks.
"""

from collections.abc import Callable
from dataclasses import dataclass

from stripe_simulator.resources import (
    accounts,
    charges,
    customers,
    disputes,
    events,
    invoices,
    mandates,
    payment_intents,
    payment_methods,
    radar,
    refunds,
    setup_intents,
    subscriptions,
    tokens,
    webhook_endpoints,
)
from stripe_simulator.state import Call, StripeObject

_PAYMENT_METHOD_PARAMS = frozenset(
    {"allow_redisplay", "billing_details", "card", "metadata", "type"}
)
_CHALLENGE = frozenset({"client_secret", "source", "outcome"})
_PAGE = frozenset({"limit", "starting_after", "ending_before"})


@dataclass(frozen=True)
class Endpoint:
    """One endpoint of Stripe's API."""

    method: str
    path: str
    params_class: str
    function: Callable[[Call], StripeObject]
    simulated: frozenset[str] | None = None
    browser: bool = False
    from_browsers: frozenset[str] = frozenset({"client_secret"})


ENDPOINTS = (
    Endpoint("GET", "/v1/account", "AccountRetrieveCurrentParams", accounts.retrieve),
    Endpoint(
        "GET", "/v1/country_specs/{id}", "CountrySpecRetrieveParams", accounts.retrieve_country
    ),
    Endpoint("POST", "/v1/customers", "CustomerCreateParams", customers.create, customers.PARAMS),
    Endpoint(
        "GET",
        "/v1/customers",
        "CustomerListParams",
        customers.list_all,
        _PAGE | {"created", "email"},
    ),
    Endpoint("GET", "/v1/customers/search", "CustomerSearchParams", customers.search),
    Endpoint("GET", "/v1/customers/{id}", "CustomerRetrieveParams", customers.retrieve),
    Endpoint(
        "POST", "/v1/customers/{id}", "CustomerUpdateParams", customers.update, customers.PARAMS
    ),
    Endpoint("DELETE", "/v1/customers/{id}", "CustomerDeleteParams", customers.delete),
    Endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods",
        "CustomerPaymentMethodListParams",
        customers.list_payment_methods,
    ),
    Endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods/{nested_id}",
        "CustomerPaymentMethodRetrieveParams",
        customers.retrieve_payment_method,
    ),
    Endpoint(
        "POST",
        "/v1/payment_methods",
        "PaymentMethodCreateParams",
        payment_methods.create,
        _PAYMENT_METHOD_PARAMS,
        browser=True,
    ),
    Endpoint(
        "GET",
        "/v1/payment_methods",
        "PaymentMethodListParams",
        payment_methods.list_all,
        _PAGE | {"allow_redisplay", "customer", "type"},
    ),
    Endpoint(
        "GET", "/v1/payment_methods/{id}", "PaymentMethodRetrieveParams", payment_methods.retrieve
    ),
    Endpoint(
        "POST",
        "/v1/payment_methods/{id}",
        "PaymentMethodUpdateParams",
        payment_methods.update,
        frozenset({"allow_redisplay", "billing_details", "card", "metadata"}),
    ),
    Endpoint(
        "POST",
        "/v1/payment_methods/{id}/attach",
        "PaymentMethodAttachParams",
        payment_methods.attach,
        frozenset({"customer"}),
    ),
    Endpoint(
        "POST",
        "/v1/payment_methods/{id}/detach",
        "PaymentMethodDetachParams",
        payment_methods.detach,
    ),
    Endpoint(
        "POST",
        "/v1/tokens",
        "TokenCreateParams",
        tokens.create,
        frozenset({"card", "cvc_update"}),
        browser=True,
    ),
    Endpoint("GET", "/v1/tokens/{id}", "TokenRetrieveParams", tokens.retrieve),
    Endpoint(
        "POST",
        "/v1/payment_intents",
        "PaymentIntentCreateParams",
        payment_intents.create,
        payment_intents.CREATE_PARAMS,
    ),
    Endpoint(
        "GET",
        "/v1/payment_intents",
        "PaymentIntentListParams",
        payment_intents.list_all,
        _PAGE | {"created", "customer"},
    ),
    Endpoint(
        "GET", "/v1/payment_intents/search", "PaymentIntentSearchParams", payment_intents.search
    ),
    Endpoint(
        "GET",
        "/v1/payment_intents/{id}",
        "PaymentIntentRetrieveParams",
        payment_intents.retrieve,
        browser=True,
    ),
    Endpoint(
        "POST",
        "/v1/payment_intents/{id}",
        "PaymentIntentUpdateParams",
        payment_intents.update,
        payment_intents.UPDATE_PARAMS,
    ),
    Endpoint(
        "POST",
        "/v1/payment_intents/{id}/confirm",
        "PaymentIntentConfirmParams",
        payment_intents.confirm,
        payment_intents.CONFIRM_PARAMS,
        browser=True,
    ),
    Endpoint(
        "POST",
        "/v1/payment_intents/{id}/cancel",
        "PaymentIntentCancelParams",
        payment_intents.cancel,
    ),
    Endpoint(
        "POST",
        "/v1/payment_intents/{id}/capture",
        "PaymentIntentCaptureParams",
        payment_intents.capture,
        payment_intents.CAPTURE_PARAMS,
    ),
    Endpoint(
        "POST",
        "/v1/setup_intents",
        "SetupIntentCreateParams",
        setup_intents.create,
        setup_intents.CREATE_PARAMS,
    ),
    Endpoint(
        "GET",
        "/v1/setup_intents",
        "SetupIntentListParams",
        setup_intents.list_all,
        _PAGE | {"created", "customer", "payment_method"},
    ),
    Endpoint(
        "GET",
        "/v1/setup_intents/{id}",
        "SetupIntentRetrieveParams",
        setup_intents.retrieve,
        browser=True,
    ),
    Endpoint(
        "POST",
        "/v1/setup_intents/{id}",
        "SetupIntentUpdateParams",
        setup_intents.update,
        setup_intents.UPDATE_PARAMS,
    ),
    Endpoint(
        "POST",
        "/v1/setup_intents/{id}/confirm",
        "SetupIntentConfirmParams",
        setup_intents.confirm,
        setup_intents.CONFIRM_PARAMS,
        browser=True,
    ),
    Endpoint(
        "POST", "/v1/setup_intents/{id}/cancel", "SetupIntentCancelParams", setup_intents.cancel
    ),
    Endpoint("GET", "/v1/mandates/{id}", "MandateRetrieveParams", mandates.retrieve),
    Endpoint(
        "GET",
        "/v1/subscriptions",
        "SubscriptionListParams",
        subscriptions.list_all,
        _PAGE | {"created", "customer", "status"},
    ),
    Endpoint(
        "GET",
        "/v1/invoices",
        "InvoiceListParams",
        invoices.list_all,
        _PAGE | {"created", "customer", "status"},
    ),
    Endpoint(
        "GET",
        "/v1/charges",
        "ChargeListParams",
        charges.list_all,
        _PAGE | {"created", "customer", "payment_intent"},
    ),
    Endpoint("GET", "/v1/charges/{id}", "ChargeRetrieveParams", charges.retrieve),
    Endpoint("GET", "/v1/disputes", "DisputeListParams", disputes.list_all),
    Endpoint("GET", "/v1/disputes/{id}", "DisputeRetrieveParams", disputes.retrieve),
    Endpoint("GET", "/v1/reviews", "ReviewListParams", radar.list_reviews, _PAGE),
    Endpoint("GET", "/v1/reviews/{id}", "ReviewRetrieveParams", radar.retrieve_review),
    Endpoint("POST", "/v1/reviews/{id}/approve", "ReviewApproveParams", radar.approve_review),
    Endpoint(
        "GET",
        "/v1/radar/early_fraud_warnings",
        "radar.EarlyFraudWarningListParams",
        radar.list_warnings,
        _PAGE | {"charge", "payment_intent"},
    ),
    Endpoint(
        "GET",
        "/v1/radar/early_fraud_warnings/{id}",
        "radar.EarlyFraudWarningRetrieveParams",
        radar.retrieve_warning,
    ),
    Endpoint("POST", "/v1/refunds", "RefundCreateParams", refunds.create, refunds.CREATE_PARAMS),
    Endpoint("GET", "/v1/refunds", "RefundListParams", refunds.list_all),
    Endpoint("GET", "/v1/refunds/{id}", "RefundRetrieveParams", refunds.retrieve),
    Endpoint("POST", "/v1/refunds/{id}", "RefundUpdateParams", refunds.update),
    Endpoint("POST", "/v1/refunds/{id}/cancel", "RefundCancelParams", refunds.cancel),
    Endpoint("GET", "/v1/events", "EventListParams", events.list_all),
    Endpoint("GET", "/v1/events/{id}", "EventRetrieveParams", events.retrieve),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints",
        "WebhookEndpointCreateParams",
        webhook_endpoints.create,
        webhook_endpoints.CREATE_PARAMS,
    ),
    Endpoint(
        "GET",
        "/v1/webhook_endpoints",
        "WebhookEndpointListParams",
        webhook_endpoints.list_all,
    ),
    Endpoint(
        "GET",
        "/v1/webhook_endpoints/{id}",
        "WebhookEndpointRetrieveParams",
        webhook_endpoints.retrieve,
    ),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints/{id}",
        "WebhookEndpointUpdateParams",
        webhook_endpoints.update,
        webhook_endpoints.UPDATE_PARAMS,
    ),
    Endpoint(
        "DELETE",
        "/v1/webhook_endpoints/{id}",
        "WebhookEndpointDeleteParams",
        webhook_endpoints.delete,
    ),
)

# What Stripe.js and Stripe say to each other where no SDK listens.
ENDPOINTS_OF_STRIPE_JS = (
    Endpoint(
        "POST",
        "/v1/payment_intents/{id}/three_d_secure",
        "PaymentIntentRetrieveParams",
        payment_intents.answer_challenge,
        browser=True,
        from_browsers=_CHALLENGE,
    ),
    Endpoint(
        "POST",
        "/v1/setup_intents/{id}/three_d_secure",
        "SetupIntentRetrieveParams",
        setup_intents.answer_challenge_in_browser,
        browser=True,
        from_browsers=_CHALLENGE,
    ),
)
