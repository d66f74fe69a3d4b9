"""When a card has expired."""

from datetime import datetime
from typing import Any

import pytest

from payments.domain import card
from tests.unit.builders import (
    a_payment_method,
)


class _EndOfFebruary(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> "_EndOfFebruary":
        return cls(2028, 2, 29, 23, 59, 59, tzinfo=tz)


@pytest.mark.parametrize(
    ("exp_year", "exp_month", "expired"),
    [
        (2028, 2, False),
        (2028, 1, True),
        (2027, 12, True),
        (2028, 3, False),
        (2029, 1, False),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(
    monkeypatch: pytest.MonkeyPatch, exp_year: int, exp_month: int, expired: bool
) -> None:
    monkeypatch.setattr(card, "datetime", _EndOfFebruary)
    assert a_payment_method(exp_year=exp_year, exp_month=exp_month).expired == expired
