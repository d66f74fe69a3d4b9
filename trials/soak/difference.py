"""What the audit finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be: of which kind, about what, and how it is."""

    kind: str
    about: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind:<28} {self.about}  {self.detail}"
