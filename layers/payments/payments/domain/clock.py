"""Times, as we store them."""

from datetime import UTC, datetime


def now() -> str:
    """The current time as ISO 8601 in UTC, to the millisecond: it sorts as text."""
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    """A time in the same format as `now`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
