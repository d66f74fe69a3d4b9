"""A Stripe customer from before Till becomes the person's who proves to have its address."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from payments.domain.customer import Customer, UnfinishedCustomer, User
from payments.domain.customer_import import (
    CustomerImport,
    email_hash,
    lookalike,
    same_address,
)
from payments.domain.errors import AccountErasedError, ServiceUnavailableError
from payments.use_cases.ensure_customer import ensure_customer
from payments.use_cases.signup import signup
from tests.support.fakes.repositories import FakeCustomers, FakeImports
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import ADA, BOB, LONG_AGO, a_customer, a_guard, a_registration

VERIFIED = replace(ADA, email_verified=True)
NOBODYS = replace(ADA, user_id="", name="A. Lovelace")

Ensure = Callable[..., Customer]


def an_import(email: str = ADA.email, **changes: object) -> CustomerImport:
    values: dict[str, object] = {
        "email_hash": email_hash(email),
        "stripe_customer_id": "cus_old",
        "livemode": False,
        "account_id": "acct_till",
        "imported_at": LONG_AGO,
        **changes,
    }
    return CustomerImport(**values)  # type: ignore[arg-type]


@pytest.fixture
def ensure(stripe: FakeStripe, customers: FakeCustomers, imports: FakeImports) -> Ensure:
    return partial(ensure_customer, VERIFIED, stripe=stripe, customers=customers, imports=imports)


@pytest.fixture
def waits(stripe: FakeStripe, imports: FakeImports) -> CustomerImport:
    """A customer that was imported for Ada's address."""
    stripe.has_customer(NOBODYS, "cus_old")
    return imports.add(an_import())


# Addresses


@pytest.mark.parametrize("email", ["Ada@Example.COM", " ada@example.com "])
def test_an_address_is_the_same_however_its_letters_are_written(email: str) -> None:
    assert same_address(email, ADA.email)
    assert email_hash(email) == email_hash(ADA.email)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("strasse@example.com", "straße@example.com"),
        ("kim@example.com", "\u212aim@example.com"),
        ("ida@example.com", "\u0131da@example.com"),
        ("é@example.com", "e\u0301@example.com"),
        ("ÉVE@example.com", "éve@example.com"),
    ],
)
def test_addresses_that_only_look_alike_are_two(one: str, other: str) -> None:
    assert not same_address(one, other)
    assert email_hash(one) != email_hash(other)


def test_addresses_that_somebody_may_take_for_one_are_ambiguous() -> None:
    for one, other in [
        ("straße@x.y", "STRASSE@x.y"),
        ("é@x.y", "E\u0301@x.y"),
        ("k@x.y", "\u212a@x.y"),
    ]:
        assert lookalike(one) == lookalike(other)


def test_no_address_is_nobodys() -> None:
    assert not same_address("", "")


# The first step


def test_the_first_step_of_whoever_has_proved_the_address_claims_it(
    ensure: Ensure,
    stripe: FakeStripe,
    customers: FakeCustomers,
    imports: FakeImports,
    waits: CustomerImport,
) -> None:
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == "cus_old"
    assert customer.name == "A. Lovelace"  # as Stripe has it
    assert customers.rows == {ADA.user_id: customer}
    assert imports.rows[waits.email_hash].claimed_by == ADA.user_id
    assert list(stripe.customers) == ["cus_old"]
    assert stripe.customers["cus_old"].user.user_id == ADA.user_id


def test_where_a_row_exists_nothing_is_read(
    ensure: Ensure, customers: FakeCustomers, imports: FakeImports, waits: CustomerImport
) -> None:
    # Given
    customers.rows[ADA.user_id] = a_customer()
    # When
    customer = ensure()
    # Then
    assert customer == a_customer()
    assert imports.reads == 0
    assert imports.rows[waits.email_hash].claimed_by is None


@pytest.mark.parametrize(
    "user",
    [
        ADA,  # has not proved it
        replace(VERIFIED, email="somebody@example.com"),
        replace(VERIFIED, email=""),
    ],
)
def test_nobody_else_claims_it(
    user: User,
    stripe: FakeStripe,
    customers: FakeCustomers,
    imports: FakeImports,
    waits: CustomerImport,
) -> None:
    # When
    customer = ensure_customer(user, stripe=stripe, customers=customers, imports=imports)
    # Then
    assert customer.stripe_customer_id != "cus_old"
    assert imports.rows[waits.email_hash].claimed_by is None


def test_where_nobody_proves_an_address_nothing_is_claimed(
    stripe: FakeStripe, customers: FakeCustomers, waits: CustomerImport
) -> None:
    # When
    customer = ensure_customer(VERIFIED, stripe=stripe, customers=customers, imports=None)
    # Then
    assert customer.stripe_customer_id != waits.stripe_customer_id


def test_what_somebody_has_claimed_stays_theirs(
    ensure: Ensure, stripe: FakeStripe, imports: FakeImports
) -> None:
    # Given Bob had the address before
    stripe.has_customer(replace(NOBODYS, user_id=BOB.user_id), "cus_old")
    imports.add(an_import(claimed_by=BOB.user_id))
    # When, then
    assert ensure().stripe_customer_id != "cus_old"


@pytest.mark.parametrize(
    "at_stripe", [replace(BOB, email=ADA.email), replace(NOBODYS, email="b@x.y")]
)
def test_a_customer_that_got_another_owner_or_address_since_is_not_claimed(
    ensure: Ensure, stripe: FakeStripe, imports: FakeImports, at_stripe: User
) -> None:
    # Given
    stripe.has_customer(at_stripe, "cus_old")
    waits = imports.add(an_import())
    # When, then
    assert ensure().stripe_customer_id != "cus_old"
    assert imports.rows[waits.email_hash].claimed_by is None


@pytest.mark.parametrize("forget", [True, False])
@pytest.mark.usefixtures("waits")
def test_a_customer_that_is_gone_is_not_claimed(
    ensure: Ensure, stripe: FakeStripe, forget: bool
) -> None:
    # Given it was deleted, or is in another account
    stripe.forget_customer("cus_old")
    if not forget:
        stripe.deleted_customers.clear()
    # When, then
    assert ensure().stripe_customer_id in stripe.customers


def test_a_customer_of_the_other_mode_is_not_claimed(
    ensure: Ensure, stripe: FakeStripe, imports: FakeImports
) -> None:
    stripe.has_customer(NOBODYS, "cus_old")
    imports.add(an_import(livemode=True))
    assert ensure().stripe_customer_id != "cus_old"


# What there is besides


def test_what_a_cut_off_signup_left_is_deleted(
    ensure: Ensure, stripe: FakeStripe, waits: CustomerImport
) -> None:
    # Given a Customer under the sign-up's idempotency key, and no row
    stripe.has_customer(ADA, "cus_left_behind")
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == waits.stripe_customer_id
    assert list(stripe.customers) == ["cus_old"]


def test_a_used_customer_stays_and_the_imported_one_waits_on(
    ensure: Ensure, stripe: FakeStripe, imports: FakeImports, waits: CustomerImport
) -> None:
    # Given a lost row
    stripe.has_customer(ADA, "cus_used")
    stripe.has_card("pm_card", of="cus_used")
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == "cus_used"
    assert imports.rows[waits.email_hash].claimed_by is None
    assert stripe.customers["cus_old"].user.user_id == ""


def test_a_person_without_a_customer_keeps_what_else_their_row_says(
    ensure: Ensure, customers: FakeCustomers, waits: CustomerImport
) -> None:
    # Given they logged out everywhere before their first step
    customers.unfinished[ADA.user_id] = UnfinishedCustomer(ADA.user_id, signed_out_at=LONG_AGO)
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == waits.stripe_customer_id
    assert customer.signed_out_at == LONG_AGO


def test_a_deleted_customer_is_replaced_by_the_imported_one(
    ensure: Ensure, customers: FakeCustomers, waits: CustomerImport
) -> None:
    customers.rows[ADA.user_id] = a_customer(deleted=True)
    assert ensure().stripe_customer_id == waits.stripe_customer_id


# At once


def test_a_claim_that_was_cut_off_is_finished_by_the_next_step(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers, waits: CustomerImport
) -> None:
    # Given
    customers.fail_next_write = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        ensure()
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == waits.stripe_customer_id
    assert list(stripe.customers) == ["cus_old"]


def test_a_customer_that_another_step_created_meanwhile_is_deleted_if_unused(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers, waits: CustomerImport
) -> None:
    # Given a step that had looked before the import
    def other_step() -> None:
        stripe.has_customer(ADA, "cus_new")
        customers.rows[ADA.user_id] = a_customer(stripe_customer_id="cus_new")

    customers.before_writes.add(other_step)
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == waits.stripe_customer_id
    assert customers.rows == {ADA.user_id: customer}
    assert list(stripe.customers) == ["cus_old"]


def test_a_customer_that_another_step_created_and_used_stays(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers, waits: CustomerImport
) -> None:
    # Given
    def other_step() -> None:
        stripe.has_customer(ADA, "cus_new")
        stripe.has_card("pm_card", of="cus_new")
        customers.rows[ADA.user_id] = a_customer(stripe_customer_id="cus_new")

    customers.before_writes.add(other_step)
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == "cus_new"
    assert stripe.customers[waits.stripe_customer_id].user.user_id == ""  # nobody's again


def test_a_step_that_created_one_while_another_claimed_deletes_its_own(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given an import that comes after this step has looked, and before it has stored
    stripe.has_customer(NOBODYS, "cus_old")
    claimed = a_customer(stripe_customer_id="cus_old")
    customers.before_writes.add(lambda: customers.rows.update({ADA.user_id: claimed}))
    # When
    customer = ensure()
    # Then
    assert customer == claimed
    assert list(stripe.customers) == ["cus_old"]


def test_an_erasure_meanwhile_never_deletes_an_imported_customer(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers, waits: CustomerImport
) -> None:
    # Given
    def erasure() -> None:
        customers.request_deletion(ADA.user_id, at=LONG_AGO, signed_out_at=LONG_AGO)
        customers.erase(customers.unfinished[ADA.user_id], at=LONG_AGO)

    customers.before_writes.add(erasure)
    # When, then
    with pytest.raises(AccountErasedError):
        ensure()
    assert stripe.customers[waits.stripe_customer_id].user.user_id == ""


# Sign-up


def test_a_signup_creates_nothing_where_an_import_waits(
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
    imports: FakeImports,
    waits: CustomerImport,
) -> None:
    # When
    signup(
        a_registration(email=ADA.email.upper()),
        user_pool=user_pool,
        pool=user_pool,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        imports=imports,
    )
    # Then
    assert list(stripe.customers) == [waits.stripe_customer_id]
    assert customers.rows == {}
    assert imports.rows[waits.email_hash].claimed_by is None


def test_a_signup_with_an_address_that_was_claimed_creates_one(
    user_pool: FakeUserPool, stripe: FakeStripe, customers: FakeCustomers, imports: FakeImports
) -> None:
    # Given somebody claimed it, and then deleted their account
    imports.add(an_import(claimed_by=BOB.user_id))
    # When
    signup(
        a_registration(),
        user_pool=user_pool,
        pool=user_pool,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        imports=imports,
    )
    # Then
    assert len(customers.rows) == 1
