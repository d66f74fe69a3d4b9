"""Times, as we store them."""

from datetime import UTC, datetime

from payments.domain.clock import now


def test_moments_sort_as_text() -> None:
    earlier, later = now(), now()
    assert earlier <= later
    assert earlier.endswith("Z")
    assert datetime.fromisoformat(earlier).tzinfo == UTC
