"""A short soak of the deployed stack: the same load, the same trouble, the same audit."""

import threading

from tests.e2e.conftest import World
from trials.soak.soak import Settings, soak


def test_after_a_short_soak_every_row_says_what_stripe_says(world: World) -> None:
    settings = Settings(seconds=12, seed=20261125, people=4)

    report = soak(world.stack, settings, interrupted=threading.Event())

    assert report.differences == [], str(report)
    evidence = report.evidence
    assert evidence.payments
    assert evidence.events
    assert evidence.faults
    assert evidence.webhooks["200"]
    assert report.ledger.reconciled["runs"] >= 1
    # It leaves Stripe as it was: nothing fails, and webhooks are delivered.
    assert world.stripe.pending_faults() == []
    assert world.stripe.webhooks()["mode"] == "deliver"
