"""What the key may do, and what the account can: in words."""

from collections.abc import Iterator
from typing import Any

import stripe

from payments.domain.currency import CURRENCIES
from payments.use_cases.stripe_webhook import HANDLERS
from tools.stripe_setup.rights import FOR_SETUP, NEEDED, has_right
from tools.stripe_setup.target import Target
from tools.stripe_setup.webhook import ENDPOINT


def check(target: Target, key: str) -> Iterator[str]:
    """Lines for the person at the terminal; those that begin with `!` want something done."""
    client = target.client(key)
    yield from _account(client, key)
    yield from _rights(client)
    yield from _radar(client)
    yield from _webhook(target, client)


def _account(client: stripe.StripeClient, key: str) -> Iterator[str]:
    kind = "restricted" if key.startswith("rk_") else "secret"
    mode = "live" if "_live_" in key else "test"
    try:
        account: Any = client.v1.accounts.retrieve_current()
    except stripe.PermissionError:
        yield f"! A {kind} key of {mode} mode that may not tell its account."
        return
    yield f"A {kind} key of {mode} mode, of account {account.id} in {account.country}."
    if not account.charges_enabled:
        yield "! The account may not charge yet: finish its set-up in Stripe's dashboard."
    methods = account.capabilities.to_dict() if account.capabilities else {}
    can = sorted(name for name, state in methods.items() if state == "active")
    yield f"Payment methods that it may charge: {', '.join(can) or 'none'}. Till charges cards."
    if methods.get("card_payments") != "active":
        yield f"! Cards: {methods.get('card_payments', 'not asked for')}."
    spec: Any = client.v1.country_specs.retrieve(account.country)
    takes = set(spec.supported_payment_currencies)
    lacking = sorted(set(CURRENCIES) - takes)
    yield f"Currencies that it may charge: {len(takes)}; of those that Till knows, all"
    yield f"  but {', '.join(lacking)}." if lacking else "  of them."


def _rights(client: stripe.StripeClient) -> Iterator[str]:
    for name, attempt in NEEDED.items():
        may = has_right(client, attempt)
        yield f"{'May' if may else '! May not'}: {name}"
    for name, attempt in FOR_SETUP.items():
        if has_right(client, attempt):
            yield f"May: {name}. The functions do not need that: make stripe-webhook does."


def _radar(client: stripe.StripeClient) -> Iterator[str]:
    """Whether somebody looks at what Radar finds; which rules there are, Stripe does not tell."""
    try:
        reviews = client.v1.reviews.list({"limit": 100}).data
        warnings = client.v1.radar.early_fraud_warnings.list({"limit": 100}).data
    except stripe.PermissionError:
        yield "! Radar: the key may not read reviews and early fraud warnings."
        return
    waiting = sum(each.open for each in reviews)
    actionable = sum(each.actionable for each in warnings)
    yield f"Radar: {waiting} reviews are open, {actionable} early fraud warnings can be acted on."


def _webhook(target: Target, client: stripe.StripeClient) -> Iterator[str]:
    try:
        found = client.v1.webhook_endpoints.list({"limit": 100}).data
    except stripe.PermissionError:
        yield "Webhook: the key may not look. Set STRIPE_SECRET_KEY to one that may."
        return
    ours = [each for each in found if each.url == target.webhook_url]
    if not ours:
        yield "! Webhook: there is none. Run make stripe-webhook."
    for each in ours:
        state = [each.status, f"version {each.api_version or 'of the account'}"]
        if lacking := set(HANDLERS) - set(each.enabled_events):
            state.append(f"{len(lacking)} events are missing")
        if target.read(target.webhook_secret).get(ENDPOINT) != each.id:
            state.append("whether the stack has its secret is unknown")
        fine = each.status == "enabled" and each.api_version == stripe.api_version and not lacking
        yield f"{'' if fine else '! '}Webhook {each.id}: {', '.join(state)}."
    late = client.v1.events.list({"delivery_success": False, "limit": 100}).data
    if late:
        yield f"! Events that were not delivered yet: {len(late)}, the oldest is {late[-1].id}."
