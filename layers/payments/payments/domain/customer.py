"""A person, and the Stripe Customer that belongs to them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """A person, as the user pool knows them. `user_id` is the Cognito `sub`."""

    user_id: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person tells us when they sign up. Never log it: it holds the password."""

    email: str
    password: str
    name: str
    phone: str | None = None
    birthdate: str | None = None
    gender: str | None = None

    def __repr__(self) -> str:
        return "Registration(…)"


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new user, and whether a code was emailed that they have to enter first."""

    user: User
    confirmation_required: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """The Stripe Customer of a user, of one mode: a test customer is never used with a live key.

    `deleted` says that Stripe no longer has it; the person's next step creates another one.
    """

    user_id: str
    stripe_customer_id: str
    livemode: bool
    email: str
    name: str
    created_at: str
    deleted: bool = False
    version: int = 1
