"""Stripe on this machine: the simulator, run as a service of the stack, and its webhooks."""

import secrets
import sys
from pathlib import Path

import httpx

from local.emulator import answers, clean_environment
from local.options import StripeKeys
from local.paths import ROOT
from local.processes import Supervisor
from local.state import Stack
from payments.use_cases.stripe_webhook import HANDLERS

TIMEOUT_SECONDS = 30.0


def simulator_keys() -> StripeKeys:
    """Return keys for the simulator, which accepts any test mode keys."""
    return StripeKeys(
        secret="sk_test_simulator",  # noqa: S106
        publishable="pk_test_simulator",
        signing_secret=f"whsec_{secrets.token_hex(16)}",
    )


def start_simulator(supervisor: Supervisor, *, port: int, home: Path, logs: Path) -> str:
    """Start the simulator and return its address; it answers a second later."""
    supervisor.start_service(
        "The Stripe simulator",
        [sys.executable, "-m", "stripe_simulator", "--port", str(port)],
        env=clean_environment(home),
        cwd=ROOT,
        log=logs / "stripe_simulator.log",
    )
    return f"http://127.0.0.1:{port}"


def wait_for_simulator(supervisor: Supervisor, url: str) -> None:
    """Wait until the simulator answers."""
    supervisor.wait_until(
        lambda: answers(f"{url}/_simulator/health"),
        timeout=TIMEOUT_SECONDS,
        what="The Stripe simulator's start",
    )


def deliver_webhooks(stack: Stack, keys: StripeKeys) -> None:
    """Have events delivered to the API, signed with the secret that it was deployed with.

    Stripe generates the secret of an endpoint itself, so the stack would need a second deployment
    to learn it. Here the stack has a secret first, and the simulator uses it.
    """
    with httpx.Client(base_url=stack.stripe_api_url, timeout=10, trust_env=False) as stripe:
        created = stripe.post(
            "/v1/webhook_endpoints",
            data={"url": f"{stack.api_url}/stripe/webhook", "enabled_events[]": list(HANDLERS)},
            auth=(keys.secret, ""),
        )
        endpoint_id = created.raise_for_status().json()["id"]
        stripe.post(
            f"/_simulator/webhook_endpoints/{endpoint_id}",
            json={"signing_secret": keys.signing_secret},
        ).raise_for_status()
