"""The user pool in memory."""

from payments.aws.user_pool import UserPool
from payments.domain.customer import Registration, SignedUp, User
from payments.domain.errors import UserExistsError


class FakeUserPool(UserPool):
    """A pool that asks for a confirmation by email."""

    def __init__(self) -> None:
        self.registrations: dict[str, Registration] = {}
        self.fail_next: Exception | None = None

    def sign_up(self, registration: Registration) -> SignedUp:
        if self.fail_next:
            error, self.fail_next = self.fail_next, None
            raise error
        if registration.email in self.registrations:
            raise UserExistsError
        self.registrations[registration.email] = registration
        user = User(
            user_id=f"user-{len(self.registrations)}",
            email=registration.email,
            name=registration.name,
        )
        return SignedUp(user=user, confirmation_required=True)
