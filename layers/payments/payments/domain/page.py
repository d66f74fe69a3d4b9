"""Pages of a list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Some items and, if there are more, the cursor for the next page."""

    items: list[Item]
    next_cursor: str | None
