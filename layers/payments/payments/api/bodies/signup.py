"""Signing up."""

from typing import Annotated

from pydantic import Field, SecretStr

from payments.api.bodies.fields import Birthdate, Email, Gender, Name, Phone
from payments.api.bodies.models import Model, RequestModel
from payments.domain.customer import Registration


class SignupRequest(RequestModel):
    """`POST /signup`"""

    email: Email
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]
    name: Name
    phone: Phone | None = None
    birthdate: Birthdate | None = None
    gender: Gender | None = None

    def to_registration(self) -> Registration:
        """The domain's registration, with the password in the clear for Cognito."""
        return Registration(
            email=self.email,
            password=self.password.get_secret_value(),
            name=self.name,
            phone=self.phone,
            birthdate=self.birthdate,
            gender=self.gender,
        )


class SignupResponse(Model):
    """The person is registered; `confirmation_required`: whether we emailed them a code."""

    user_id: str
    email: str
    confirmation_required: bool
