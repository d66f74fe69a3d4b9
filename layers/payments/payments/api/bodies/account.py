"""A person's account: what it says, how it changes, and how it ends."""

from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from payments.api.bodies.fields import Name, Phone
from payments.api.bodies.models import Model, RequestModel, ResponseModel
from payments.domain.person import Account, Deletion, Person


class SignOutResponse(Model):
    """`POST /sign-out`: whoever logged in before this moment saves and pays no more."""

    signed_out_at: str


class UpdateAccountRequest(RequestModel):
    """`PATCH /account`: at least one change. A null phone removes it."""

    name: Name | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)

    @field_validator("name")
    @classmethod
    def _is_not_removed(cls, name: str | None) -> str:
        if name is None:
            raise ValueError("a name can be changed, but not removed")
        return name

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send at least one change")
        return self

    def to_attributes(self) -> dict[str, str | None]:
        """The changes, by the user pool's names."""
        names = {"name": "name", "phone": "phone_number"}
        sent = self.model_dump(exclude_unset=True)
        return {names[field]: value for field, value in sent.items()}


class DeferralResponse(ResponseModel):
    """Why an account is not erased yet: an open payment, for example, and which."""

    reason: str
    payment_id: str | None


class DeletionResponse(ResponseModel):
    """A request for the deletion of an account: it is erased after `erased_after`."""

    requested_at: str
    erased_after: str


class DeferrableDeletionResponse(DeletionResponse):
    """The same, and what has to end first."""

    deferred_by: list[DeferralResponse]


class AccountResponse(Model):
    """`GET /account`; `deletion` is null unless the person asked for it."""

    user_id: str
    email: str = Field(repr=False)
    name: str = Field(repr=False)
    phone: str | None = Field(repr=False)
    created_at: str
    deletion: DeferrableDeletionResponse | None

    @classmethod
    def of(cls, account: Account) -> Self:
        """The API's view of an account."""
        return cls(deletion=_deletion(account.deletion), **_members_of(account.person))


def _deletion(deletion: Deletion | None) -> DeferrableDeletionResponse | None:
    return DeferrableDeletionResponse.model_validate(deletion) if deletion else None


def _members_of(person: Person) -> dict[str, Any]:
    return {
        "user_id": person.user_id,
        "email": person.email,
        "name": person.name,
        "phone": person.phone,
        "created_at": person.created_at,
    }
