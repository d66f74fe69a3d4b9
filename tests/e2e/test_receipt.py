"""The receipt to print: found from the purchase, accessible, and on one page of paper.

With TILL_SCREENSHOTS=docs/images, this takes the picture for docs/app.md.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Person, World
from tests.e2e.shopper import Shopper
from tests.support.accessibility import serious_violations
from tests.support.browser import chromium

SECRET_KEY = "sk_test_simulator"
SCREENSHOTS = os.environ.get("TILL_SCREENSHOTS")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def buyer(world: World) -> Person:
    """Somebody who has bought two mugs, and got a part of it back."""
    person, stripe = world.person(), world.stripe
    card = person.api.attached(stripe.payment_method("4242424242424242"))
    items = [{"product_id": "stoneware-mug", "quantity": 2}]
    payment = person.api.create(items=items, currency="eur", payment_method_id=card).body
    person.api.confirm(payment["payment_id"], cvc_token=stripe.cvc_token())
    stripe.post(
        SECRET_KEY, "/v1/refunds", payment_intent=payment["payment_intent_id"], amount="900"
    )
    assert person.api.payment(payment["payment_id"]).body["amount_refunded"] == 900
    return person


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_paid_purchase_has_a_receipt_on_one_page(
    browser: Browser, world: World, buyer: Person, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_context(locale="en-GB", color_scheme=scheme).new_page()
    assert world.stack.web_url
    shopper = Shopper(page, world.stack.web_url)
    shopper.log_in(buyer)
    [payment] = buyer.api.history().body["data"]
    shopper.go(f"/payments/{payment['payment_id']}", "Payment")

    shopper.press("Receipt to print", role="link")

    shopper.sees_heading("Receipt")
    receipt = page.get_by_role("region", name="Receipt")
    for text in ("€48.00", "-€9.00", "€39.00", payment["payment_id"]):
        expect(receipt.get_by_text(text).first).to_be_visible()
    assert serious_violations(page) == []
    if SCREENSHOTS and scheme == "light":
        page.screenshot(path=Path(SCREENSHOTS) / "receipt-print-desk-light.png")
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(receipt).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4"))
    assert len(pages) == 1
    page.context.close()
