"""People who save cards and pay with them, in any order."""

from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies._internal.featureflags import FeatureFlags

from tests.model.people import (
    ALWAYS_3DS,
    CARDS,
    DISPUTED,
    GOOD_CVC,
    PEOPLE,
    REFUNDED_LATER,
    VISA,
    WRONG_CVC,
    Card,
    Purchase,
    face_of,
)
from tests.model.requests import CVC_REQUIRED, Requests
from tests.model.world import World
from tests.support.api_client import Answer

KEYS = ("first-key", "second-key", "third-key")

people = st.sampled_from(PEOPLE)
chance = st.integers(0, 2**16)


@dataclass(frozen=True)
class Confirmation:
    """A request to confirm a payment, and whether the answer was `cvc_required`."""

    purchase: Purchase
    cvc_token: str | None
    card: Card | None
    cvc_required: bool


def use_every_rule(machine: RuleBasedStateMachine) -> None:
    """Leave no rule out of any example.

    In most examples Hypothesis disables most rules (swarm testing). That pays off with thousands of
    examples; with a few dozen, not much would happen in most of them.
    """
    strategy: Any = machine._rules_strategy
    assert hasattr(strategy, "enabled_rules_strategy")
    strategy.enabled_rules_strategy = st.just(FeatureFlags())


class Shopping(RuleBasedStateMachine):
    """The people's part; machine_background adds everything else."""

    cards = Bundle("cards")
    purchases = Bundle("purchases")
    confirmations = Bundle("confirmations")

    def __init__(self, world: World) -> None:
        super().__init__()
        use_every_rule(self)
        self.world = world
        self.requests = Requests(world)
        self.sound = False
        self.random = Random(0)  # noqa: S311
        world.start_over()

    @initialize(seed=chance)
    def open_the_shop(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311
        self.world.put_price("coffee", eur=1099, jpy=1800)
        self.world.put_price("tea", eur=350)

    @initialize(target=cards, number=st.sampled_from([VISA, DISPUTED, ALWAYS_3DS, REFUNDED_LATER]))
    def ada_has_a_card(self, number: str) -> Card:
        return self.saves("ada", number)

    @initialize(target=cards)
    def bob_has_a_card(self) -> Card:
        return self.saves("bob", VISA)

    def saves(self, person: str, number: str) -> Card:
        """Type in a card and have it attached."""
        card = Card(person, self.world.stripe.payment_method(number), number)
        self.requests.attach(person, card)
        return card

    def pays(self, purchase: Purchase) -> Answer:
        """Confirm with a CVC that was collected for it."""
        return self.requests.confirm(purchase, self.world.cvc_token(GOOD_CVC), purchase.card)

    @rule(target=cards, person=people, number=st.sampled_from(CARDS))
    def save_a_card(self, person: str, number: str) -> Card:
        return self.saves(person, number)

    @rule(
        target=cards,
        person=people,
        number=st.sampled_from([VISA, DISPUTED]),
        usage=st.sampled_from(["on_session", "off_session"]),
        comes_back=st.booleans(),
    )
    def set_up_a_card(self, person: str, number: str, usage: str, comes_back: bool) -> Card:
        card = Card(person, self.world.stripe.payment_method(number), number)
        self.requests.set_up(person, card, usage=usage, comes_back=comes_back)
        return card

    @rule(target=cards, person=people)
    def have_a_card_attached_by_the_merchant(self, person: str) -> Card:
        card = Card(person, self.world.stripe.payment_method(VISA), VISA)
        self.world.merchant.attaches(card.payment_method_id, person)
        return card

    @rule(card=cards, somebody=st.none() | st.none() | people)
    def remove_a_card(self, card: Card, somebody: str | None) -> None:
        self.requests.remove(somebody or card.person, card)

    @rule(card=cards, somebody=st.none() | st.none() | people, name=st.sampled_from(["A", "B"]))
    def change_a_card(self, card: Card, somebody: str | None, name: str) -> None:
        self.requests.change(somebody or card.person, card, name)

    @rule(
        target=purchases,
        card=cards,
        somebody=st.none() | st.none() | people,
        key=st.sampled_from(KEYS),
        product_ids=st.sampled_from([("coffee",), ("tea",), ("coffee", "tea"), ("tea", "coffee")]),
        quantity=st.integers(1, 3),
        saw=st.sampled_from([None, None, 1099, 350]),
        currency=st.sampled_from([None, None, "eur", "jpy"]),
        pays=st.booleans(),
    )
    def buy(
        self,
        card: Card,
        somebody: str | None,
        key: str,
        product_ids: tuple[str, ...],
        quantity: int,
        saw: int | None,
        currency: str | None,
        pays: bool,
    ) -> Purchase:
        """With their own card, or with someone else's."""
        buyer = somebody or card.person
        purchase = Purchase(buyer, key, product_ids, quantity, currency, card, saw)
        self.requests.create(purchase)
        if pays:
            self.pays(purchase)
        return purchase

    @rule(target=purchases, card=cards, quantity=st.integers(1, 2))
    def buy_without_a_hitch(self, card: Card, quantity: int) -> Purchase:
        """A good card pays, unless something is in the way."""
        world = self.world
        good = card.number == VISA and not world.disturbed()
        good = good and world.merchant.owner_of(card.payment_method_id) == card.person
        good = good and not world.merchant.is_replaced(card.payment_method_id)
        key = f"smooth-{len(world.account.intents)}-{quantity}"
        purchase = Purchase(card.person, key, ("coffee",), quantity, "jpy", card)
        created = self.requests.create(purchase)
        paid = self.pays(purchase)
        assert not good or (created.status, paid.status) == (201, 200), (created, paid)
        return purchase

    @rule(
        target=confirmations,
        purchase=purchases,
        cvc=st.sampled_from([GOOD_CVC, GOOD_CVC, WRONG_CVC, None]),
        card=st.none() | cards,
    )
    def confirm(self, purchase: Purchase, cvc: str | None, card: Card | None) -> Confirmation:
        token = self.world.cvc_token(cvc) if cvc else None
        face = face_of(self.requests.confirm(purchase, token, card))
        return Confirmation(purchase, token, card, cvc_required=face == CVC_REQUIRED)

    @rule(sent=confirmations)
    def confirm_again(self, sent: Confirmation) -> None:
        """As a browser without an answer does, at once or much later."""
        forgotten, disturbed = self.world.keys_forgotten, self.world.disturbed()
        forgotten |= self.world.failures_remembered
        again = self.requests.confirm(sent.purchase, sent.cvc_token, sent.card)
        if sent.cvc_token and not sent.cvc_required and not disturbed and not forgotten:
            assert face_of(again) != CVC_REQUIRED, "its CVC was taken, and is asked for again"

    @rule(purchase=purchases, other=purchases)
    def confirm_two_payments_with_one_cvc(self, purchase: Purchase, other: Purchase) -> None:
        token = self.world.cvc_token(GOOD_CVC)
        self.requests.confirm(other, token, None)
        self.requests.confirm(purchase, token, None)

    @rule(purchase=purchases, quantity=st.none() | st.integers(1, 3))
    def send_a_purchase_again(self, purchase: Purchase, quantity: int | None) -> None:
        """The same one, or perhaps another one with the same key."""
        self.requests.create(purchase.with_quantity(quantity) if quantity else purchase)

    @rule(
        purchase=purchases,
        key=st.sampled_from(["refund-1", "refund-2", "refund-3"]),
        amount=st.sampled_from([None, 1, 100, 350, 1099]),
    )
    def give_money_back(self, purchase: Purchase, key: str, amount: int | None) -> None:
        self.requests.refund(purchase, key, amount)

    @rule(purchase=purchases, own=st.booleans())
    def cancel(self, purchase: Purchase, own: bool) -> None:
        self.requests.cancel(purchase, own=own)

    @rule(purchase=purchases, person=people, card=cards)
    def look(self, purchase: Purchase, person: str, card: Card) -> None:
        """Look at one's own payment and everything else; other people's are not found."""
        if person == purchase.person:
            self.requests.get(purchase)
        else:
            self.requests.meddle(person, purchase, self.world.cvc_token(GOOD_CVC))
        self.requests.attach(person, card)
        self.requests.list(person)

    @invariant()
    def all_is_well(self) -> None:
        self.sound = False
        self.world.check()
        self.sound = True
