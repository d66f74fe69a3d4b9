"""A small backlog, worked off by the deployed reconciliation."""

from tests.e2e.conftest import World
from trials.backlog.backlog import work_off


def test_creations_that_were_cut_off_are_finished_many_at_once(world: World) -> None:
    measured = work_off(world.stack, payments=12, latency_ms=200)

    assert measured.counts["finished"] >= 12
    assert "failed" not in measured.counts
    assert world.stripe.pending_faults() == []
