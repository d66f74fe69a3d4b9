"""Who does something: each line of a payment's history names one."""

from dataclasses import dataclass

PERSON = "person"
STAFF = "staff"
PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asked for it: a shopper, one of the merchant's staff, or one of its programs.

    `id` is a person's `sub`, or a program's client id. A step that nobody asked for (`webhook`,
    `reconcile`, `replay`, `rebuild`) is its own actor, under its name.
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Actor":
        """The actor that `str` has written."""
        kind, _, id_ = text.partition(":")
        return cls(kind, id_)

    @classmethod
    def person(cls, user_id: str) -> "Actor":
        """The shopper with this id."""
        return cls(PERSON, user_id)
