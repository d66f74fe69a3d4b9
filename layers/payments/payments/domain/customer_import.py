"""A Stripe Customer from before Till, which waits for the person with its email address."""

import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from payments.domain.customer import User

# A claim that was cut off is repeated within this time. Afterwards nothing needs the row.
CLAIMED_ROW_STAYS_FOR = timedelta(days=7)

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class StripeCustomer:
    """A Customer, as Stripe has it. `user_id` is whose it is, if its metadata say so."""

    stripe_customer_id: str
    livemode: bool
    email: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    user_id: str | None = None

    def may_become(self, user: User) -> bool:
        """Whether it is nobody else's, and still has the person's address."""
        return self.user_id in {None, user.user_id} and same_address(self.email, user.email)


@dataclass(frozen=True, slots=True)
class CustomerImport:
    """One that waits, or that `claimed_by` has got. No address is kept in clear."""

    email_hash: str
    stripe_customer_id: str
    livemode: bool
    imported_at: str
    account_id: str | None = None
    claimed_by: str | None = None

    def may_be_claimed(self, user: User, *, livemode: bool) -> bool:
        """Whether the person may have it: whoever was first, and may have been cut off."""
        return self.livemode == livemode and self.claimed_by in {None, user.user_id}


def email_hash(email: str) -> str:
    """What stands for an address, however its Latin letters are written.

    Only A to Z are folded, as the user pool ignores their case. Unicode's own folding makes one of
    addresses that are two: ß and ss, or the Kelvin sign and k.
    """
    return sha256(folded(email).encode("utf-8", "surrogatepass")).hexdigest()


def same_address(one: str, other: str) -> bool:
    """Whether both are one address; none is nobody's."""
    return bool(one) and folded(one) == folded(other)


def lookalike(email: str) -> str:
    """The same text for addresses that somebody may take for one: those are ambiguous."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def folded(email: str) -> str:
    """An address with its letters A to Z in lower case."""
    return email.strip().translate(_LOWER)
