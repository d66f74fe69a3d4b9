"""Times, as we store them."""

from datetime import UTC, datetime, timedelta


def now() -> str:
    """The current time as ISO 8601 in UTC, to the millisecond: it sorts as text."""
    return timestamp(datetime.now(UTC))


def next_second() -> str:
    """The next full second: whatever is told in whole seconds, and was before now, is before it."""
    return timestamp(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1))


def timestamp(moment: datetime) -> str:
    """A time in the same format as `now`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
