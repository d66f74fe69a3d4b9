"""Type into Stripe's card fields, which are in their own frames.

The titles of the frames and the labels in them are the same as in Stripe.js itself.
"""

from dataclasses import dataclass

from playwright.sync_api import FrameLocator, Locator, Page

CARD_FRAME = "Secure card payment input frame"
NUMBER_FRAME = "Secure card number input frame"
EXPIRY_FRAME = "Secure expiration date input frame"
CVC_FRAME = "Secure CVC input frame"


def frame(page: Page, title: str) -> FrameLocator:
    """The frame of one Element."""
    return page.frame_locator(f'iframe[title="{title}"]')


def cvc_field(page: Page) -> Locator:
    """The input of a CardCvcElement."""
    return frame(page, CVC_FRAME).get_by_label("CVC")


@dataclass(frozen=True)
class CardFields:
    """The inputs of a CardElement."""

    page: Page

    @property
    def number(self) -> Locator:
        return self._field("Credit or debit card number")

    @property
    def expiry(self) -> Locator:
        return self._field("Credit or debit card expiration date")

    @property
    def cvc(self) -> Locator:
        return self._field("Credit or debit card CVC/CVV")

    @property
    def postal_code(self) -> Locator:
        return self._field("Postal code")

    def fill(
        self,
        number: str = "4242424242424242",
        expiry: str = "12 / 40",
        cvc: str = "123",
        postal_code: str | None = None,
    ) -> None:
        """Fill in the card; use postal_code only if the Element has that field."""
        self.number.fill(number)
        self.expiry.fill(expiry)
        self.cvc.fill(cvc)
        if postal_code is not None:
            self.postal_code.fill(postal_code)

    def _field(self, label: str) -> Locator:
        return frame(self.page, CARD_FRAME).get_by_label(label)
