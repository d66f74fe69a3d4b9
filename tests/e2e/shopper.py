"""A person who uses the app: what they see and press, by its accessible name."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PASSWORD, Person
from tests.support.stripe_elements import CardFields, cvc_field

COFFEE = "House coffee, 250 g"
LONGEST_WAY = 100


class Shopper:
    """One person with one browser tab."""

    def __init__(self, page: Page, web_url: str) -> None:
        self.page = page
        self.web_url = web_url

    def go(self, path: str, heading: str | None = None) -> None:
        """Open an address, and wait for the screen with this heading."""
        self.page.goto(f"{self.web_url}{path}")
        if heading:
            self.sees_heading(heading)

    def sees_heading(self, name: str | re.Pattern[str]) -> None:
        """The current screen has this heading."""
        expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    def press(self, name: str | re.Pattern[str], *, role: str = "button") -> None:
        """Press a button, or follow a link."""
        self._control(name, role).click()

    def fill(self, **fields: str) -> None:
        """Fill fields in by their names."""
        for name, value in fields.items():
            self.page.locator(f'[name="{name}"]').fill(value)

    def log_in(self, person: Person) -> None:
        """Log in through the app."""
        self.log_in_with(person.email, PASSWORD, then="Shop")

    def log_in_with(self, email: str, password: str, *, then: str) -> None:
        """Log in, and wait for the screen with this heading."""
        self.go("/login", "Log in")
        self.fill(email=email, password=password)
        self.press("Log in")
        self.sees_heading(then)

    def add_card(self, number: str) -> None:
        """Save a card in the form that is open."""
        CardFields(self.page).fill(number)
        self.page.get_by_label("Country").select_option("GB")
        self.fill(line1="12 St James's Square", city="London", postal_code="SW1Y 4JH")
        self.press("Save card")

    def check_out(self) -> None:
        """Go to the checkout with one bag of coffee."""
        self.go("/", "Shop")
        self._control(re.compile(f"Buy.*{COFFEE}"), "link").click()
        self.sees_heading("Checkout")

    def choose_card(self, last4: str) -> None:
        """Choose a saved card."""
        card = self.page.get_by_role("radio", name=re.compile(last4))
        card.click()
        expect(card).to_be_checked()

    def enter_cvc(self, cvc: str = "123") -> None:
        """Enter the security code again."""
        cvc_field(self.page).fill(cvc)

    @property
    def pay_button(self) -> Locator:
        """The button that pays."""
        return self.page.get_by_role("button", name=re.compile("^(Pay|Continue and pay) "))

    def answer_bank(self, answer: str) -> None:
        """Answer the challenge of the test bank: Complete, Fail or Close."""
        dialog = self.page.get_by_role("dialog", name="Confirm with your bank")
        dialog.get_by_role("button", name=answer, exact=True).click()

    def sees_receipt(self) -> str:
        """The payment's id, from the current receipt."""
        self.sees_heading("Thank you! Your payment went through.")
        found = re.search(r"/payments/(pay_[0-9a-f]{32})/receipt", self.page.url)
        assert found, self.page.url
        expect(self.page.get_by_text(found[1])).to_be_visible()
        return found[1]

    def sees_refusal(self, title: str) -> None:
        """An alert says why it did not work, and has the focus."""
        alert = self.page.get_by_role("alert").filter(has_text=title)
        expect(alert).to_be_visible()

    def tab_to(self, target: Locator) -> None:
        """Move the focus forward until it is there, as somebody without a mouse does."""
        for _ in range(LONGEST_WAY):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by keyboard")

    def type_into(self, label: str, text: str) -> None:
        """Reach a field by keyboard, and replace what is in it."""
        self.tab_to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def _control(self, name: str | re.Pattern[str], role: str) -> Locator:
        if role == "link":
            return self.page.get_by_role("link", name=name)
        return self.page.get_by_role("button", name=name)
