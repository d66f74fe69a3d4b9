"""Rotate the secret key: the new one is tried before anything uses it."""

from collections.abc import Iterator

import stripe

from tools.stripe_setup.rights import missing_rights
from tools.stripe_setup.target import Target
from tools.stripe_setup.webhook import SetupError

_FORGOTTEN_AFTER = "five minutes"


def rotate_key(target: Target, new_key: str) -> Iterator[str]:
    """Put a new key in the place of the stack's, once it has shown that it can replace it.

    Raises:
        SetupError: it is of another account or mode, is refused, or may do less than is needed.
    """
    old_key = str(target.read(target.key_secret)["secret_key"])
    if new_key == old_key:
        yield "The stack has this key already. Nothing was changed."
        return
    if _mode_of(new_key) != _mode_of(old_key):
        raise SetupError(f"The new key is for {_mode_of(new_key)} mode, and the old one is not.")
    account = _account_of(target, new_key)
    if account != _account_of(target, old_key):
        raise SetupError("The new key is of another Stripe account.")
    if lacking := missing_rights(target.client(new_key)):
        raise SetupError(f"The new key lacks: {', '.join(lacking)}. Nothing was changed.")
    target.write(target.key_secret, {"secret_key": new_key})
    yield f"The stack has the new key, of account {account}."
    yield (
        f"Let the old one live for {_FORGOTTEN_AFTER}: functions that run keep it for so long, and"
        " read the new one at once when Stripe refuses the old one."
    )
    yield "Deploy with StripeSecretKey set to the new key the next time that you deploy it."


def _account_of(target: Target, key: str) -> str:
    try:
        return target.client(key).v1.accounts.retrieve_current().id
    except stripe.StripeError as error:
        told = f"{type(error).__name__} {error.http_status}"
        raise SetupError(f"A key may not tell its account: {told}") from None


def _mode_of(key: str) -> str:
    return "live" if "_live_" in key else "test"
