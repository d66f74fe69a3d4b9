"""The options of the laptop stack, and the values that it refuses."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.processes import StackError

DEFAULT_AWS_PORT = 4566
DEFAULT_STRIPE_PORT = 12111
DEFAULT_WEB_PORT = 5173
LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_", "pk_live_")
LAST_PORT = 65535
STRIPE_URL = "https://api.stripe.com"


@dataclass(frozen=True)
class StripeKeys:
    """Keys of a Stripe account in test mode. Secrets do not show in repr.

    `signing_secret` signs webhooks; without one, every webhook is refused.
    """

    secret: str = field(repr=False)
    publishable: str
    signing_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Options:
    """Ports on 127.0.0.1 (0 means any free one), and the keys for the real Stripe, if any."""

    aws_port: int = 0
    stripe_port: int = 0
    web_port: int = 0
    stripe_keys: StripeKeys | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Options":
        """Read the options from the environment; use the usual port if it is free, otherwise any.

        Raises:
            StackError: a value is not usable; the message says what to do.
        """
        return cls(
            aws_port=_port(environment, "TILL_AWS_PORT", DEFAULT_AWS_PORT),
            stripe_port=_port(environment, "TILL_STRIPE_PORT", DEFAULT_STRIPE_PORT),
            web_port=_port(environment, "TILL_WEB_PORT", DEFAULT_WEB_PORT),
            stripe_keys=_stripe_keys(environment),
        )


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "")
    if not value:
        return default if _is_free(default) else 0
    if not value.isdecimal() or int(value) > LAST_PORT:
        raise StackError(f"{name}={value} is not a port number.")
    port = int(value)
    if port and not _is_free(port):
        raise StackError(
            f"Port {port} is in use. Set {name} to another one, or to 0 for any free one."
        )
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        # As the servers do. Without it, a port stays in use for a minute after its last connection.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _stripe_keys(environment: Mapping[str, str]) -> StripeKeys | None:
    secret = environment.get("STRIPE_SECRET_KEY", "").strip()
    publishable = environment.get("STRIPE_PUBLISHABLE_KEY", "").strip()
    for name, key in (("STRIPE_SECRET_KEY", secret), ("STRIPE_PUBLISHABLE_KEY", publishable)):
        if key.startswith(LIVE_KEY_PREFIXES):
            raise StackError(
                f"{name} is a live key, and a laptop must not move real money.\n"
                "Use test mode keys, sk_test_… and pk_test_…, "
                "or unset both to use the Stripe simulator."
            )
    if not secret and not publishable:
        return None
    if not secret or not publishable:
        missing = "STRIPE_PUBLISHABLE_KEY" if secret else "STRIPE_SECRET_KEY"
        raise StackError(
            "To use Stripe itself, set both STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY: "
            f"{missing} is not set.\nSet it, or unset the other one to use the Stripe simulator."
        )
    if not secret.startswith(("sk_test_", "rk_test_")):
        raise StackError(
            "STRIPE_SECRET_KEY is not a test key: those start with sk_test_ or rk_test_."
        )
    if not publishable.startswith("pk_test_"):
        raise StackError("STRIPE_PUBLISHABLE_KEY is not a test key: those start with pk_test_.")
    signing_secret = environment.get("STRIPE_WEBHOOK_SECRET", "").strip()
    return StripeKeys(secret=secret, publishable=publishable, signing_secret=signing_secret)
