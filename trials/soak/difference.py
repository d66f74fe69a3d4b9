"""The findings of the audit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One thing that is wrong: what kind of thing, about what, and how."""

    kind: str
    about: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind:<28} {self.about}  {self.detail}"
