"""SetupIntents: authenticate and keep a card without charging it.

See https://docs.stripe.com/api/setup_intents
"""

from stripe_simulator import three_d_secure
from stripe_simulator.cards import Authentication, Decline, card_error
from stripe_simulator.errors import StripeError, invalid_parameter, resource_missing
from stripe_simulator.lists import listed
from stripe_simulator.metadata import merged, unset_if_empty
from stripe_simulator.resources import mandates, payment_methods
from stripe_simulator.state import Call, Progress, StripeObject, copied, new_id, now

CONFIRM_PARAMS = frozenset({"mandate_data", "payment_method", "return_url", "use_stripe_sdk"})
CREATE_PARAMS = CONFIRM_PARAMS | {
    "allowed_payment_method_types",
    "automatic_payment_methods",
    "confirm",
    "customer",
    "description",
    "metadata",
    "usage",
}
UPDATE_PARAMS = frozenset({"payment_method", "customer", "description", "metadata"})
_OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def create(call: Call) -> StripeObject:
    types = call.params.get("allowed_payment_method_types")
    if types is not None and "card" not in types:
        message = "The simulated account takes cards."
        raise invalid_parameter("allowed_payment_method_types", message)
    intent_id = new_id("seti")
    automatic = call.params.get("automatic_payment_methods")
    intent: StripeObject = {
        "id": intent_id,
        "object": "setup_intent",
        "allowed_payment_method_types": types,
        "application": None,
        "automatic_payment_methods": {"allow_redirects": "always"} | automatic
        if automatic
        else None,
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_{new_id('secret')}",
        "created": now(),
        "customer": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": call.params.get("usage", "off_session"),
    }
    _change(call, intent)
    if call.params.get("confirm") and intent["payment_method"] is None:
        raise _unexpected_state("it has no payment method", intent)
    call.account.setup_intents.add(intent)
    call.account.progress[intent_id] = Progress()
    call.emit("setup_intent.created", intent)
    return _attempt(call, intent) if call.params.get("confirm") else intent


def retrieve(call: Call) -> StripeObject:
    return _found(call)


def update(call: Call) -> StripeObject:
    intent = call.account.setup_intents.find(call.object_id)
    if intent["status"] not in _OPEN:
        raise _unexpected_state(f"its status is {intent['status']}", intent)
    _change(call, intent)
    return intent


def confirm(call: Call) -> StripeObject:
    intent = _found(call)
    if intent["status"] not in _OPEN:
        raise _unexpected_state(f"its status is {intent['status']}", intent)
    _change(call, intent)
    if intent["payment_method"] is None:
        raise _unexpected_state("it has no payment method", intent)
    return _attempt(call, intent)


def cancel(call: Call) -> StripeObject:
    intent = call.account.setup_intents.find(call.object_id)
    if intent["status"] not in _OPEN:
        raise _unexpected_state(f"its status is {intent['status']}", intent)
    intent |= {
        "status": "canceled",
        "cancellation_reason": call.params.get("cancellation_reason"),
        "next_action": None,
    }
    call.emit("setup_intent.canceled", intent)
    return intent


def list_all(call: Call) -> StripeObject:
    wanted = {
        name: call.params[name] for name in ("customer", "payment_method") if name in call.params
    }
    return listed(
        call,
        [
            intent
            for intent in call.account.setup_intents.values()
            if all(intent[name] == value for name, value in wanted.items())
        ],
    )


def answer_challenge(
    call: Call, intent: StripeObject, *, succeeded: bool, challenge_id: str | None
) -> StripeObject:
    """The cardholder's answer to 3D Secure; a SetupIntent goes on by itself.

    Raises:
        StripeError: 409, no challenge is open.
    """
    progress = call.account.progress[intent["id"]]
    three_d_secure.check_challenge(progress, intent, challenge_id)
    progress.challenge = None
    intent["next_action"] = None
    payment_method = call.account.payment_methods[intent["payment_method"]]
    if succeeded:
        return _succeed(call, intent, payment_method)
    error = three_d_secure.failure("setup_intent_authentication_failure", copied(payment_method))
    _back_to_start(call, intent, error)
    return intent


def answer_challenge_in_browser(call: Call) -> StripeObject:
    intent = _found(call)
    succeeded, source = three_d_secure.answer_in(call)
    return answer_challenge(call, intent, succeeded=succeeded, challenge_id=source)


def _attempt(call: Call, intent: StripeObject) -> StripeObject:
    payment_method = payment_methods.used(call, intent["payment_method"])
    payment_methods.check_customer(payment_method, intent["customer"])
    card = call.account.cards[payment_method["id"]]
    progress = call.account.progress[intent["id"]]
    progress.return_url = call.params.get("return_url", progress.return_url)
    progress.acceptance = _acceptance(call) or progress.acceptance
    progress.challenge = None
    intent |= {"last_setup_error": None, "next_action": None}
    if card.scenario.attach_decline:
        raise _declined(call, intent, payment_method, card.scenario.attach_decline)
    if card.scenario.authentication is not Authentication.OPTIONAL and not card.set_up:
        intent["next_action"] = three_d_secure.challenge(
            call, intent, progress, use_stripe_sdk=bool(call.params.get("use_stripe_sdk"))
        )
        intent["status"] = "requires_action"
        call.emit("setup_intent.requires_action", intent)
        return intent
    return _succeed(call, intent, payment_method)


def _acceptance(call: Call) -> StripeObject | None:
    """How the customer agreed to a mandate, if the request says that they did."""
    given = call.params.get("mandate_data")
    acceptance: StripeObject | None = given.get("customer_acceptance") if given else None
    return acceptance


def _succeed(call: Call, intent: StripeObject, payment_method: StripeObject) -> StripeObject:
    call.account.cards[payment_method["id"]].set_up_for(intent["usage"])
    intent["status"] = "succeeded"
    if intent["customer"] and payment_method["customer"] is None:
        payment_methods.keep_for(call, payment_method, intent["customer"])
    acceptance = call.account.progress[intent["id"]].acceptance
    if acceptance:
        intent["mandate"] = mandates.add(call, payment_method["id"], acceptance)["id"]
    call.emit("setup_intent.succeeded", intent)
    return intent


def _declined(
    call: Call, intent: StripeObject, payment_method: StripeObject, decline: Decline
) -> StripeError:
    refused = card_error(decline, payment_method=copied(payment_method))
    _back_to_start(call, intent, refused.body()["error"])
    refused.details["setup_intent"] = copied(intent)
    return refused


def _back_to_start(call: Call, intent: StripeObject, error: StripeObject) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_setup_error": error,
    }
    call.emit("setup_intent.setup_failed", intent)


def _found(call: Call) -> StripeObject:
    intent = call.account.setup_intents.find(call.object_id)
    given = call.params.get("client_secret")
    if (call.publishable or given) and given != intent["client_secret"]:
        raise resource_missing("setupintent", call.object_id, param="intent", status=404)
    return intent


def _change(call: Call, intent: StripeObject) -> None:
    params = call.params
    if "customer" in params:
        intent["customer"] = call.account.customers.referenced(params["customer"], "customer")["id"]
    if "description" in params:
        intent["description"] = unset_if_empty(params["description"])
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    if "payment_method" in params:
        payment_method = payment_methods.used(call, params["payment_method"])
        payment_methods.check_customer(payment_method, intent["customer"])
        intent |= {"payment_method": payment_method["id"], "status": "requires_confirmation"}


def _unexpected_state(reason: str, intent: StripeObject) -> StripeError:
    return StripeError(
        f"This can't be done with the SetupIntent: {reason}.",
        code="setup_intent_unexpected_state",
        setup_intent=copied(intent),
    )
