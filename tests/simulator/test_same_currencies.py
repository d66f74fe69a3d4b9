"""Till's table of currencies and the simulator's, which may not import it, say the same."""

import re
from itertools import product
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.currency import CURRENCIES, is_chargeable
from stripe_simulator.currencies import check_amount, checked_currency
from stripe_simulator.errors import StripeError
from tests.support.commands import ROOT
from tests.unit.properties import same_examples

TOO_SMALL = "amount_too_small"


def refusal(currency: str, amount: int) -> str | None:
    """The code of the simulator's refusal, or else its parameter; None if it takes the amount."""
    try:
        check_amount(amount, currency)
    except StripeError as error:
        return error.code or error.param
    return None


def assert_same(currency: str, amount: int) -> None:
    """Where Stripe publishes no minimum, only the simulator knows one, by a rate of exchange."""
    refused = refusal(currency, amount)
    if CURRENCIES[currency].minimum is None and refused == TOO_SMALL:
        return
    assert is_chargeable(currency, amount) == (refused is None), (currency, amount, refused)


def test_both_know_the_same_currencies() -> None:
    known = set()
    for letters in product(ascii_lowercase, repeat=3):
        try:
            known.add(checked_currency("".join(letters)))
        except StripeError:
            continue
    assert known == set(CURRENCIES)


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_both_draw_the_same_lines(currency: str) -> None:
    rule = CURRENCIES[currency]
    least, greatest = rule.minimum or 1, rule.maximum
    whole = 12_345_000  # enough in any currency, and a multiple of all
    for amount in (0, 1, least - 1, least, least + 1, greatest - 1, greatest, greatest + 1):
        assert_same(currency, amount)
    for amount in (whole, whole + 1, whole + 10, whole + 50, whole + 100, greatest // 1000 * 1000):
        assert_same(currency, amount)
    assert refusal(currency, whole) is None
    assert refusal(currency, greatest + 1) == "amount_too_large"
    assert (rule.minimum is None) or refusal(currency, least - 1) == TOO_SMALL


@same_examples
@given(st.sampled_from(sorted(CURRENCIES)), st.integers(-1, 10**13))
def test_what_one_takes_the_other_takes(currency: str, amount: int) -> None:
    assert_same(currency, amount)


def test_the_challenge_counts_decimals_as_till_does() -> None:
    source = (ROOT / "stripe_simulator/stripe_js/host/money.js").read_text()
    found = dict(re.findall(r"const (\w+)_DECIMALS = (.+);", source))
    for name, decimals in (("ZERO", 0), ("THREE", 3)):
        assert set(re.findall(r"\b[a-z]{3}\b", found[name])) == {
            code for code, rule in CURRENCIES.items() if rule.decimals == decimals
        }
