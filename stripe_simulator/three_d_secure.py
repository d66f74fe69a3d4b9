"""3D Secure challenges: what `next_action` says, and who answers.

A cardholder's answer arrives through the dialog of our Stripe.js, through the page that
`next_action` points to, or through the steering API. A challenge is void as soon as its intent has
moved on.
"""

from stripe_simulator.errors import StripeError, invalid_parameter, missing_parameter
from stripe_simulator.state import Call, Progress, StripeObject, new_id


def challenge(
    call: Call, intent: StripeObject, progress: Progress, *, use_stripe_sdk: bool
) -> StripeObject:
    """Start a challenge; returns the `next_action` that leads to it."""
    progress.challenge = new_id("src")
    progress.authenticated = False
    url = f"{call.base_url}/_simulator/three_d_secure/{intent['id']}/{progress.challenge}"
    if progress.return_url and not use_stripe_sdk:
        return {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": progress.return_url},
        }
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {
            "type": "three_d_secure_redirect",
            "source": progress.challenge,
            "stripe_js": url,
            "known_frame_issues": "false",
        },
    }


def answer_in(call: Call) -> tuple[bool, str]:
    """What the dialog sends: whether the cardholder passed, and which challenge that was.

    Stripe keeps its own protocol between browser and bank to itself; this one is the simulator's.

    Raises:
        StripeError: 400, one of them is missing or nonsense.
    """
    for name in ("source", "outcome"):
        if name not in call.params:
            raise missing_parameter(name)
    outcome = call.params["outcome"]
    if outcome not in {"succeed", "fail"}:
        raise invalid_parameter("outcome", "Invalid outcome: must be one of fail, succeed")
    return outcome == "succeed", call.params["source"]


def failure(code: str, payment_method: StripeObject) -> StripeObject:
    """The `last_payment_error` or `last_setup_error` after a failed challenge."""
    return {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}",
        "message": "The cardholder could not be authenticated. Try again, or use another card.",
        "payment_method": payment_method,
        "type": "invalid_request_error",
    }


def check_challenge(progress: Progress, intent: StripeObject, challenge_id: str | None) -> None:
    """Refuse an answer to a challenge that isn't open; None answers whichever is.

    Raises:
        StripeError: 409.
    """
    is_open = intent["status"] == "requires_action" and progress.challenge is not None
    if not is_open or challenge_id not in {None, progress.challenge}:
        raise StripeError(
            f"No 3D Secure challenge is open here: the intent's status is {intent['status']}.",
            status=409,
            code="simulator_no_open_challenge",
        )
