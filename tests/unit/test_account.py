"""Which account a payment is in, as far as reconciliation has seen them."""

import pytest

from payments.domain.account import Accounts, Stay, accounts_with


def on(day: int, time: str) -> str:
    """A time in January."""
    return f"2026-01-{day:02}T{time}:00.000Z"


OURS = Stay("acct_ours", on(1, "00:00"), on(2, "10:00"))
THEIRS = Stay("acct_theirs", on(2, "10:05"), on(2, "12:00"))
OURS_AGAIN = Stay("acct_ours", on(2, "12:05"), on(2, "14:00"))


def test_the_first_account_ever_seen_has_all_payments() -> None:
    accounts = accounts_with("acct_ours", at=on(2, "10:00"), before=())
    assert accounts.present == "acct_ours"
    assert accounts.owner_of(on(1, "00:00")) == "acct_ours"
    assert accounts.owner_of(on(2, "23:00")) == "acct_ours"


@pytest.mark.parametrize(
    ("created", "owner"),
    [
        ("00:00", "acct_ours"),
        ("09:54", "acct_ours"),
        ("09:56", None),  # another function may have had the new key already
        ("10:02", None),
        ("10:09", None),  # another function may still have had the old one
        ("10:11", "acct_theirs"),
        ("11:59", "acct_theirs"),
        ("12:03", "acct_theirs"),  # nobody has seen another account since
    ],
)
def test_around_a_change_nobody_can_tell(created: str, owner: str | None) -> None:
    accounts = Accounts((OURS, THEIRS))
    assert accounts.present == "acct_theirs"
    assert accounts.owner_of(on(2, created)) == owner


@pytest.mark.parametrize(
    ("created", "owner"),
    [
        ("09:54", "acct_ours"),
        ("10:02", None),
        ("11:00", "acct_theirs"),
        ("12:03", None),
        ("12:11", "acct_ours"),
    ],
)
def test_a_wrong_key_for_two_hours_changes_nothing_before_and_after(
    created: str, owner: str | None
) -> None:
    accounts = Accounts((OURS, THEIRS, OURS_AGAIN))
    assert accounts.present == "acct_ours"
    assert accounts.owner_of(on(2, created)) == owner


def test_after_a_day_what_nobody_can_tell_is_taken_to_be_the_present_accounts() -> None:
    a_moment_less = Stay("acct_theirs", on(2, "10:05"), on(3, "10:04"))
    a_day = Stay("acct_theirs", on(2, "10:05"), on(3, "10:05"))
    assert Accounts((OURS, a_moment_less)).owner_of(on(2, "10:02")) is None
    assert Accounts((OURS, a_day)).owner_of(on(2, "10:02")) == "acct_theirs"
    assert Accounts((OURS, a_day)).owner_of(on(2, "09:00")) == "acct_ours"


def test_a_run_that_sees_the_same_account_prolongs_its_stay() -> None:
    accounts = accounts_with("acct_theirs", at=on(2, "12:05"), before=(OURS, THEIRS))
    assert accounts.stays == (OURS, Stay("acct_theirs", on(2, "10:05"), on(2, "12:05")))


def test_a_run_that_sees_another_account_begins_a_stay() -> None:
    accounts = accounts_with("acct_ours", at=on(2, "12:05"), before=(OURS, THEIRS))
    assert accounts.stays == (OURS, THEIRS, Stay("acct_ours", on(2, "12:05"), on(2, "12:05")))


def test_the_oldest_stays_are_forgotten() -> None:
    before: tuple[Stay, ...] = ()
    for minute in range(60):
        at = on(3, f"10:{minute:02}")
        before = accounts_with(f"acct_{minute % 2}", at=at, before=before).stays
    assert (len(before), before[-1].since) == (50, on(3, "10:59"))
