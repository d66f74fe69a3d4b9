"""What is made from Till's table of currencies: complete, and not stale."""

import json
import re

from payments.domain.currency import CURRENCIES
from tests.support.commands import ROOT
from tools.currencies import DOCUMENT, MODULE, document, module


def test_the_files_are_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "run: make openapi"
    assert MODULE.read_text() == module(), "run: make openapi"


def test_the_document_has_every_currency() -> None:
    written = json.loads(document())
    assert written.keys() == CURRENCIES.keys()
    assert written["kwd"] == {
        "decimals": 3,
        "multiple_of": 10,
        "minimum": None,
        "maximum": 99_999_999,
    }


def test_the_app_gets_only_what_differs_from_two_decimals() -> None:
    decimals = dict(re.findall(r"^  (\w+): (\d),$", module(), re.MULTILINE))
    assert {code: int(number) for code, number in decimals.items()} == {
        code: rule.decimals for code, rule in CURRENCIES.items() if rule.decimals != 2
    }
    assert "WHOLE_UNITS: readonly string[] = ['isk', 'ugx']" in module()


def test_the_app_prefers_only_currencies_that_stripe_charges_in() -> None:
    source = (ROOT / "web/src/features/shop/currency.ts").read_text()
    preferred = set(re.findall(r"'([a-z]{3})'", source))
    assert {"eur", "isk", "twd"} <= preferred <= CURRENCIES.keys()
