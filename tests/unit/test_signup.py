"""Sign up: once the user exists they are signed up, whatever else fails."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from payments import deadline
from payments.domain.customer import SignedUp, UnfinishedCustomer, User
from payments.domain.errors import (
    PasswordRejectedError,
    PaymentRefusedError,
    RateLimitedError,
    ServiceUnavailableError,
    StripeRejectedError,
    StripeUnavailableError,
    UserExistsError,
    ValidationError,
)
from payments.use_cases.attach_payment_method import attach_payment_method
from payments.use_cases.signup import signup
from tests.support.fakes.repositories import FakeCustomers, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import a_guard, a_registration

SignUp = Callable[..., SignedUp]


@pytest.fixture
def sign_up(user_pool: FakeUserPool, stripe: FakeStripe, customers: FakeCustomers) -> SignUp:
    return partial(
        signup,
        guard=a_guard(),
        user_pool=user_pool,
        pool=user_pool,
        stripe=stripe,
        customers=customers,
    )


def test_a_person_becomes_a_user_a_customer_and_a_row(
    sign_up: SignUp, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # When
    signed_up = sign_up(a_registration())
    # Then
    row = customers.rows[signed_up.user.user_id]
    assert signed_up.confirmation_required
    assert stripe.customers[row.stripe_customer_id].user == signed_up.user
    assert stripe.names_of_calls() == ["create_customer"]


@pytest.mark.parametrize(
    "error",
    [
        StripeUnavailableError(),
        StripeRejectedError(),
        RateLimitedError(),
        PaymentRefusedError(code=None, param="name"),
    ],
)
def test_a_person_is_signed_up_even_if_stripe_is_down(
    sign_up: SignUp, stripe: FakeStripe, customers: FakeCustomers, error: Exception
) -> None:
    # Given
    stripe.fail_before("create_customer", error)
    # When
    signed_up = sign_up(a_registration())
    # Then
    assert signed_up.user.user_id
    assert customers.rows == {}


def test_a_customer_takes_a_few_seconds_of_a_sign_up_at_most(
    sign_up: SignUp, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    left = []
    create = stripe.create_customer

    def watched(user: User, unfinished: UnfinishedCustomer) -> str:
        left.append(deadline.remaining(3600))
        return create(user, unfinished)

    monkeypatch.setattr(stripe, "create_customer", watched)
    # When
    sign_up(a_registration())
    # Then
    assert left == [pytest.approx(4, abs=0.5)]
    assert deadline.remaining(3600) == 3600


def test_a_person_is_signed_up_even_if_the_row_cannot_be_written(
    sign_up: SignUp, customers: FakeCustomers
) -> None:
    # Given
    customers.fail_next_write = ServiceUnavailableError()
    # When, then
    assert sign_up(a_registration()).user.user_id


def test_the_next_step_completes_a_signup_that_was_cut_off(
    sign_up: SignUp, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given a customer whose creation took effect, but whose answer was lost
    stripe.fail_after("create_customer", StripeUnavailableError())
    user = sign_up(a_registration()).user
    stripe.has_card("pm_new", of=None)
    # When
    attach_payment_method(
        "pm_new",
        user=user,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    # Then
    assert [*stripe.customers] == [customers.rows[user.user_id].stripe_customer_id]


@pytest.mark.parametrize(
    "error", [PasswordRejectedError(), ValidationError([("phone", "wrong")]), RateLimitedError()]
)
def test_a_person_whom_the_pool_refuses_gets_no_customer(
    sign_up: SignUp, user_pool: FakeUserPool, stripe: FakeStripe, error: Exception
) -> None:
    # Given
    user_pool.fail_next = error
    # When, then
    with pytest.raises(type(error)):
        sign_up(a_registration())
    assert stripe.calls == []


def test_a_confirmed_address_registers_once(
    sign_up: SignUp, user_pool: FakeUserPool, stripe: FakeStripe
) -> None:
    # Given
    user_id = sign_up(a_registration()).user.user_id
    user_pool.people[user_id].confirmed = True
    # When, then
    with pytest.raises(UserExistsError):
        sign_up(a_registration())
    assert len(stripe.customers) == 1


def test_a_registered_address_may_be_kept_secret(
    sign_up: SignUp, user_pool: FakeUserPool, stripe: FakeStripe
) -> None:
    # Given
    owner = sign_up(a_registration()).user
    user_pool.people[owner.user_id].confirmed = True
    # When
    told = sign_up(a_registration(name="Mallory"), tells_existing=False)
    other = sign_up(a_registration(email="new@example.com"), tells_existing=False)
    # Then it looks like any other answer, and only the owner learns of it
    assert told.confirmation_required is other.confirmation_required is True
    assert told.user.email == owner.email
    assert told.user.user_id not in {owner.user_id, *user_pool.people}
    assert user_pool.reset_codes == [owner.email]
    assert len(stripe.customers) == 2


def test_that_an_address_is_registered_is_not_told_by_an_email_that_fails(
    sign_up: SignUp, user_pool: FakeUserPool, log: Callable[[], list[dict[str, Any]]]
) -> None:
    # Given
    user_pool.people[sign_up(a_registration()).user.user_id].confirmed = True

    def fails(email: str) -> None:
        del email
        raise RateLimitedError

    user_pool.send_reset_code = fails  # type: ignore[method-assign]
    # When
    told = sign_up(a_registration(), tells_existing=False)
    # Then
    assert told.confirmation_required
    assert [line["error"] for line in log()] == ["RateLimitedError"]
    assert "ada@example.com" not in str(log())


def test_who_never_confirmed_is_replaced_without_a_word_too(
    sign_up: SignUp, user_pool: FakeUserPool
) -> None:
    # Given
    earlier = sign_up(a_registration()).user
    # When
    owner = sign_up(a_registration(), tells_existing=False).user
    # Then
    assert [*user_pool.people] == [owner.user_id] != [earlier.user_id]
    assert user_pool.reset_codes == []


def test_a_customer_left_for_later_is_logged_without_the_person(
    sign_up: SignUp, stripe: FakeStripe, log: Callable[[], list[dict[str, Any]]]
) -> None:
    # Given
    stripe.fail_before("create_customer", StripeUnavailableError())
    # When
    sign_up(a_registration(password="Very-Secret-1"))
    # Then
    (line,) = log()
    assert line["error"] == "StripeUnavailableError"
    assert "Very-Secret-1" not in str(line)
    assert "ada@example.com" not in str(line)


def test_whoever_never_confirmed_an_address_does_not_keep_it_from_its_owner(
    sign_up: SignUp, user_pool: FakeUserPool, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    earlier = sign_up(
        a_registration(name="Somebody Else", password="Not-Hers-1234", phone="+1202555")
    )
    # When
    owner = sign_up(a_registration())
    # Then nothing of the earlier sign-up is left
    assert owner.confirmation_required
    assert owner.user.user_id != earlier.user.user_id
    assert [each.registration for each in user_pool.people.values()] == [a_registration()]
    assert [*customers.rows] == [owner.user.user_id]
    assert [each.user for each in stripe.customers.values()] == [owner.user]


def test_a_person_who_confirms_while_somebody_signs_up_again_keeps_the_address(
    sign_up: SignUp, user_pool: FakeUserPool
) -> None:
    # Given
    person = user_pool.people[sign_up(a_registration()).user.user_id]
    user_pool.before_deletion = lambda: setattr(person, "confirmed", True)
    # When, then
    with pytest.raises(UserExistsError):
        sign_up(a_registration(password="Not-Hers-1234"))
    assert [*user_pool.people] == [person.user.user_id]


def test_of_two_who_sign_up_again_at_once_one_is_asked_to_wait(
    sign_up: SignUp, user_pool: FakeUserPool
) -> None:
    # Given somebody who takes the address as soon as it is free
    sign_up(a_registration())
    delete = user_pool.delete_unconfirmed

    def delete_and_lose(user_id: str) -> bool:
        gone = delete(user_id)
        user_pool.sign_up(a_registration(name="Quicker"))
        return gone

    user_pool.delete_unconfirmed = delete_and_lose  # type: ignore[method-assign]
    # When, then
    with pytest.raises(RateLimitedError):
        sign_up(a_registration())
    assert [each.user.name for each in user_pool.people.values()] == ["Quicker"]


def test_while_the_earlier_customer_cannot_be_removed_the_sign_up_can_be_repeated(
    sign_up: SignUp, user_pool: FakeUserPool, stripe: FakeStripe
) -> None:
    # Given
    sign_up(a_registration(name="Somebody Else"))
    stripe.fail_before("delete_unused_customer", StripeUnavailableError())
    with pytest.raises(StripeUnavailableError):
        sign_up(a_registration())
    # When
    owner = sign_up(a_registration()).user
    # Then
    assert [each.user for each in user_pool.people.values()] == [owner]
    assert [each.user for each in stripe.customers.values()] == [owner]
