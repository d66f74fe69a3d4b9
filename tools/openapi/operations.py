"""Descriptions of the operations and their answers, which no function needs at runtime."""

from collections.abc import Mapping

from payments.domain.errors import (
    AuthenticationFailedError,
    CardDeclinedError,
    CurrencyNotOfferedError,
    CvcRequiredError,
    IdempotencyKeyReusedError,
    InvalidSignatureError,
    OrderNotFoundError,
    OrderNotPayableError,
    PasswordRejectedError,
    PaymentMethodInUseError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    PaymentRefusedError,
    ProductNotFoundError,
    SetupIntentNotFoundError,
    SetupIntentUnfinishedError,
    SignedOutError,
    StripeRejectedError,
    StripeUnavailableError,
    UserExistsError,
)
from tools.openapi.merchant_operations import MERCHANT_OPERATIONS
from tools.openapi.operation import Errors, Operation

_STRIPE: Errors = (StripeRejectedError, StripeUnavailableError)

# By step, which is also the operation's id.
OPERATIONS: Mapping[str, Operation] = {
    "signup": Operation(
        "Sign up",
        "Registers a person and, if confirmation is required, emails them a code. An address that "
        "was never confirmed is free: signing up with it again starts over.",
        {201: "The person is registered."},
        (UserExistsError, PasswordRejectedError, *_STRIPE),
    ),
    "sign_out": Operation(
        "Log out everywhere",
        "Ends the person's sessions on all devices. ID tokens from earlier logins save and pay no "
        "more; what else they may do ends with them, minutes later.",
        {200: "The moment: whoever logged in before it is logged out."},
    ),
    "get_account": Operation(
        "Get the account",
        "The person, as the user pool knows them. A verified change of the email address reaches "
        "Stripe here. While the account is being deleted, `deletion` says when it is erased, and "
        "what has to end first.",
        {200: "The account."},
        _STRIPE,
        until_erased=True,
    ),
    "update_account": Operation(
        "Change the account",
        "Changes the name or the phone number; a null phone removes it. An email address is "
        "changed at Cognito, where its owner has to verify it.",
        {200: "The account."},
        (*_STRIPE, SignedOutError),
    ),
    "delete_account": Operation(
        "Delete the account",
        "Ends all sessions and locks the account at once. It is erased after a time of grace, "
        "and once nothing defers that any more. Sending it again is harmless: the first request "
        "counts.",
        {202: "The account, and when it is erased."},
        (*_STRIPE, SignedOutError),
        until_erased=True,
    ),
    "export_account": Operation(
        "Export the account",
        "Everything that is kept of the person, as JSON, with 100 payments a page. The account "
        "and the cards are on every page.",
        {200: "What is kept, with a page of payments."},
        _STRIPE,
        until_erased=True,
    ),
    "list_products": Operation(
        "List products",
        "A page of what is for sale, by name. Prices are per currency, in its minor unit. A page "
        "may have fewer products than `limit`: only `next_cursor` says whether there are more. "
        "With `q`, only products with all its words in name or description; each request searches "
        "some hundred products, so a page may be empty and still have a next one.",
        {200: "A page of products."},
    ),
    "get_product": Operation(
        "Get a product",
        "One product that is for sale.",
        {200: "The product."},
        (ProductNotFoundError,),
    ),
    "create_setup_intent": Operation(
        "Start saving a card",
        "Creates a SetupIntent, which the browser confirms with the card. `usage` says whether the "
        "merchant may charge it in the person's absence; what they agreed to is kept with it.",
        {201: "The SetupIntent, for `stripe.confirmCardSetup`."},
        (*_STRIPE, SignedOutError, PaymentRefusedError),
    ),
    "attach_payment_method": Operation(
        "Save a card",
        "Saves the card of a confirmed SetupIntent, or attaches a PaymentMethod that Stripe.js "
        "created. Sending it again is harmless. A card that was saved before takes the place of "
        "the earlier one, and the answer shows the one that stays.",
        {200: "The card was already saved.", 201: "The card is saved."},
        (
            *_STRIPE,
            SignedOutError,
            CardDeclinedError,
            PaymentMethodNotFoundError,
            SetupIntentNotFoundError,
            SetupIntentUnfinishedError,
            PaymentRefusedError,
        ),
    ),
    "list_payment_methods": Operation(
        "List saved cards",
        "A page of the person's cards, newest first. Expired cards are marked. A page may have "
        "fewer cards than `limit`: only `next_cursor` says whether there are more.",
        {200: "A page of cards."},
        (*_STRIPE, PaymentRefusedError),
    ),
    "update_payment_method": Operation(
        "Change a card",
        "Changes billing details or expiry, or makes the card the default one. What is left out "
        "stays, and null removes a detail.",
        {200: "The card."},
        (*_STRIPE, SignedOutError, PaymentMethodNotFoundError),
    ),
    "detach_payment_method": Operation(
        "Remove a card",
        "Detaches the card for good. An open payment that has it can be paid with another one; if "
        "it takes none at the moment, the card stays. A card that is gone is not found.",
        {204: "The card is removed."},
        (*_STRIPE, SignedOutError, PaymentMethodNotFoundError, PaymentMethodInUseError),
    ),
    "create_payment_intent": Operation(
        "Start a payment",
        "Pays an order that the merchant has made, which has one payment whatever the key. Or pays "
        "for up to 50 products at the catalogue's prices, which stay as they are now: what is "
        "charged is what the answer says. `unit_amount` is the price that the person saw. If it "
        "has changed, or the product is gone, nothing is stored, and `changes` says what it is "
        "now. The same key with the same request gets the same payment.",
        {201: "The payment, ready to confirm."},
        (
            *_STRIPE,
            SignedOutError,
            IdempotencyKeyReusedError,
            ProductNotFoundError,
            OrderNotFoundError,
            OrderNotPayableError,
            PaymentMethodNotFoundError,
            CurrencyNotOfferedError,
            PaymentRefusedError,
            PaymentNotConfirmableError,
        ),
    ),
    "confirm_payment_intent": Operation(
        "Confirm a payment",
        "Confirms with a fresh CVC, or continues after 3-D Secure. Safe to send at any time.",
        {200: "The payment's state. If there is a next_action, the browser has to perform it."},
        (
            *_STRIPE,
            SignedOutError,
            CardDeclinedError,
            AuthenticationFailedError,
            PaymentNotFoundError,
            PaymentMethodNotFoundError,
            OrderNotPayableError,
            PaymentNotConfirmableError,
            CvcRequiredError,
            PaymentRefusedError,
        ),
    ),
    "get_payment": Operation(
        "Get a payment",
        "One payment with its history, brought up to date with Stripe.",
        {200: "The payment."},
        (*_STRIPE, PaymentNotFoundError),
    ),
    "list_payments": Operation(
        "List payments",
        "A page of the person's payments, newest first, without secrets.",
        {200: "A page of payments."},
    ),
    **MERCHANT_OPERATIONS,
    "stripe_webhook": Operation(
        "Receive a Stripe event",
        "Only for Stripe, which signs the body and sends the event again unless the answer is 200.",
        {200: "The event was processed, or there was nothing to do."},
        (*_STRIPE, InvalidSignatureError),
    ),
}
