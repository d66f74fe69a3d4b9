"""Part of a list, and where the rest of it begins."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Some items and, if there are more, the cursor that continues after them."""

    items: list[Item]
    next_cursor: str | None
