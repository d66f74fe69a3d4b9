"""Moments, as our rows write them."""

from datetime import UTC, datetime


def now() -> str:
    """The present moment as ISO 8601 in UTC, to the millisecond: it sorts as text."""
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    """A moment in the form of `now`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
