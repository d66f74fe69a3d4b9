"""The rest of the world: the bank, the merchant, Stripe's webhooks and failures, and time."""

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.machine import Shopping, chance
from tests.model.meanwhile import ACTS, Act, Meanwhile
from tests.model.people import DISPUTED, VISA, Card, Purchase
from tests.model.stripe_account import OPEN, StripeObject

PRICES = (1099, 500, 20, 4200)  # 20 is less than Stripe can charge

_FAULTS = ("timeout_after", "http_500", "timeout_before", "connection_reset", "rate_limit",
           "lock_timeout", "remembered_500", "remembered_500_after", "proxy_error",
           "proxy_error_after")  # fmt: skip
_CALLS = (
    ("POST", "/v1/payment_intents"),
    ("POST", "/v1/payment_intents/*/confirm"),
    ("POST", "/v1/payment_intents/*/cancel"),
    ("POST", "/v1/refunds"),
    ("GET", "/v1/payment_intents/*"),
    ("GET", "/v1/payment_intents"),
    ("POST", "/v1/customers"),
    ("GET", "/v1/customers/*"),
    ("POST", "/v1/payment_methods/*/attach"),
    ("GET", "/v1/disputes"),
    ("GET", "/v1/events"),
)
# The SDK tries three times, so three failures fail one of our calls; more also hit the next one.
_TIMES = (3, 1, 2, 4)
# A payment's progress, and whether Till has noticed.
_PROGRESS = (
    "not begun",
    "created",
    "charged unnoticed",
    "creation cut off",
    "creation cut off days ago",
    "creation failed for a day",
    "creation failed for a day and cut off",
    "changed unnoticed",
    "paid",
    "refunded unnoticed",
    "refund decided unnoticed",
    "asked about unnoticed",
)
_REQUESTS = ("confirm", "create", "get", "webhooks", "reconcile", "continue")
# The moments in a request at which something else may happen: before and after each call to AWS.
_MOMENTS = {"create": 6, "reconcile": 8}
_WHIMS = ("refund", "refund", "refund all", "news of a refund", "news of a refund", "reprice",
          "cancel", "dispute", "inquire", "delete", "rename", "change the amount", "put right",
          "change the metadata")  # fmt: skip
_BEHIND = ("reconcile", "reconcile", "publish", "publish in vain", "replay payment", "replay event",
           "replay window", "publish again", "days pass", "stripe forgets")  # fmt: skip
_CREATION = "/v1/payment_intents"
_LOST = ("timeout_after", 3)  # for all of the SDK's tries


class EverythingElse(Shopping):
    """All rules together."""

    def has_come(self, progress: str, card: Card) -> Purchase:
        """A new payment with this progress, unless something is in the way."""
        number = self.random.getrandbits(64)
        purchase = Purchase(card.person, f"payment-{number}", ("coffee",), 1, None, card)
        if progress == "not begun":
            return purchase
        cut_off = progress.endswith(("cut off", "days ago"))
        if progress.startswith("creation failed"):
            self.world.failures_remembered = True
            self.world.stripe.fault("POST", _CREATION, "remembered_500")
            if cut_off:  # at the next key, after two replays for the SDK
                self.world.stripe.fault("POST", _CREATION, "latency", times=2)
        if cut_off:
            self.world.stripe.fault("POST", _CREATION, _LOST[0], times=_LOST[1], ms=1)
        self.requests.create(purchase)
        if progress == "charged unnoticed":
            path = "/v1/payment_intents/*/confirm"
            self.world.stripe.fault("POST", path, _LOST[0], times=_LOST[1], ms=1)
        if progress.endswith("days ago"):
            self.world.let_days_pass(stripe_forgets=True)
        if progress not in {"created", "creation failed for a day"} and not cut_off:
            if progress == "changed unnoticed":
                for intent in self.world.merchant.looks().intents_of(purchase.payment_id):
                    self.world.merchant.changes_amount(intent, intent["amount"] + 1)
            else:
                self.pays(purchase)
        self._befalls_money(progress)
        return purchase

    def _befalls_money(self, progress: str) -> None:
        merchant = self.world.merchant
        if progress.startswith("refund"):
            for charge in merchant.looks().refundable()[-1:]:
                merchant.refunds(charge, everything=False)
        if progress == "refund decided unnoticed":
            for refund in merchant.looks().refunds[:1]:
                merchant.hears_of_refund(refund, self.random.getrandbits(8))
        if progress == "asked about unnoticed":
            for charge in merchant.looks().captured()[-1:]:
                merchant.is_asked_about(charge, marks_charge=self.random.random() < 0.5)

    def sends(self, request: str, purchase: Purchase) -> None:
        """One request about a payment; the first one creates it."""
        match request if purchase.payment_id in self.world.sent else "create":
            case "confirm":
                self.pays(purchase)
            case "continue":
                self.requests.confirm(purchase, None, None)
            case "create":
                self.requests.create(purchase)
            case "get":
                self.requests.get(purchase)
            case "webhooks":
                self.world.send_webhooks()
                self.world.webhooks.reverse()
                self.world.release_webhooks()
            case "reconcile":
                self.world.reconcile()

    @rule(
        target=Shopping.purchases,
        card=Shopping.cards,
        progress=st.sampled_from(_PROGRESS),
        request=st.sampled_from(_REQUESTS),
        acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=2),
        moment=st.integers(0, 7),
    )
    def send_a_request_while_something_happens(
        self, card: Card, progress: str, request: str, acts: list[Act], moment: int
    ) -> Purchase:
        purchase = self.has_come(progress, card)
        meanwhile = Meanwhile(self.world, purchase)
        moment %= _MOMENTS.get(request, 4)
        self.world.interruptions.expect(lambda: meanwhile.act(*acts), moment=moment)
        self.sends(request, purchase)
        self.world.interruptions.forget()
        return purchase

    @rule(
        target=Shopping.purchases,
        card=Shopping.cards,
        progress=st.sampled_from(_PROGRESS),
        request=st.sampled_from(_REQUESTS),
        kind=st.sampled_from(_FAULTS),
        call=st.sampled_from(_CALLS),
        times=st.sampled_from(_TIMES),
    )
    def send_a_request_while_stripe_fails(
        self, card: Card, progress: str, request: str, kind: str, call: tuple[str, str], times: int
    ) -> Purchase:
        """Failures that are left over hit the next request."""
        purchase = self.has_come(progress, card)
        self.world.stripe.fault(*call, kind, times=times, ms=1)
        self.world.failures_remembered |= kind.startswith("remembered")
        self.sends(request, purchase)
        return purchase

    @rule(target=Shopping.cards, number=st.sampled_from([VISA, DISPUTED]), moment=st.integers(0, 7))
    def save_a_newcomers_first_card_while_they_look_at_their_cards(
        self, number: str, moment: int
    ) -> Card:
        """Either request may create their customer."""
        person = f"newcomer-{len(self.world.account.customers)}"
        card = Card(person, self.world.stripe.payment_method(number), number)
        meanwhile = Meanwhile(self.world, Purchase(person, "any-key", ("coffee",), 1, None, card))
        self.world.interruptions.expect(lambda: meanwhile.act("cards"), moment=moment)
        self.requests.attach(person, card)
        self.world.interruptions.forget()
        return card

    # The bank and the merchant

    @precondition(lambda self: self.world.account.with_status({"requires_action"}))
    @rule(which=chance, outcome=st.sampled_from(["succeed", "fail"]))
    def answer_a_challenge(self, which: int, outcome: str) -> None:
        challenges = self.world.account.with_status({"requires_action"})
        intent = challenges[which % len(challenges)]
        self.world.stripe.answer_challenge(intent["id"], outcome)

    @rule(which=chance, whim=st.sampled_from(_WHIMS))
    def let_the_merchant_do_as_they_like(self, which: int, whim: str) -> None:
        """If there is something to do it to."""
        merchant, account = self.world.merchant, self.world.account
        if whim == "reprice":
            eur = PRICES[which % len(PRICES)]
            self.world.put_price("coffee", eur=eur, jpy=1800)
            return
        found = {
            "cancel": account.with_status(OPEN),
            "change the amount": account.with_status(OPEN),
            "put right": [i for i in account.intents if i["id"] in merchant.changed],
            "change the metadata": self._known_intents(),
            "news of a refund": account.refunds,
            "dispute": account.disputes,
            "inquire": account.captured(),
            "delete": account.customers,
            "rename": account.customers,
        }.get(whim, account.refundable())
        if not found:
            return
        it = found[which % len(found)]
        match whim:
            case "cancel":
                merchant.cancels(it["id"])
            case "dispute":
                merchant.hears_of_dispute(it, which)
            case "inquire":
                merchant.is_asked_about(it, marks_charge=which % 2 == 0)
            case "news of a refund":
                merchant.hears_of_refund(it, which)
            case "change the amount":
                merchant.changes_amount(it, it["amount"] + 1 + which % 100)
            case "put right":
                row = self.world.rows()[account.payment_id_of(it)]
                merchant.changes_amount(it, row.amount)
            case "change the metadata":
                other = account.payment_id_of(self.random.choice(account.intents))
                edits = ({"note": "a gift"}, {"payment_id": ""}, {"payment_id": other})
                merchant.changes_metadata(account, it, **edits[which % 3])
            case "delete":
                merchant.deletes_customer(it["id"])
            case "rename":
                merchant.posts(f"customers/{it['id']}", name=f"Ada the {which % 3}.")
            case _:
                merchant.refunds(it, everything=whim == "refund all")

    def _known_intents(self) -> list[StripeObject]:
        """Those that the rows name: what else there is, only its metadata tells."""
        known = {row.payment_intent_id for row in self.world.rows().values()}
        return [intent for intent in self.world.account.intents if intent["id"] in known]

    # Stripe

    @rule(
        order=st.sampled_from(["reversed", "in_order", "shuffled"]),
        copies=st.sampled_from([1, 1, 2]),
        held_back=st.integers(0, 3),
        lost=st.integers(0, 3),
        by_eventbridge=st.booleans(),
    )
    def release_webhooks(
        self, order: str, copies: int, held_back: int, lost: int, by_eventbridge: bool
    ) -> None:
        world = self.world
        world.send_webhooks()
        if order == "reversed":
            world.webhooks.reverse()
        elif order == "shuffled":
            self.random.shuffle(world.webhooks)
        del world.webhooks[:lost]
        world.release_webhooks(held_back=held_back, copies=copies, by_eventbridge=by_eventbridge)

    @rule(what=st.sampled_from(_BEHIND), which=chance)
    def let_something_run_behind_the_scenes(self, what: str, which: int) -> None:
        """On a schedule, by hand, or as time passes."""
        world = self.world
        match what:
            case "reconcile":
                world.reconcile()
            case "publish" | "publish in vain":
                world.bus.failing = what != "publish"
                with world.running():
                    world.bus.publish(limit=1 + which % 20)
            case "days pass" | "stripe forgets":
                world.let_days_pass(stripe_forgets=what == "stripe forgets")
            case _:
                if event := self._replay_of(what, which):
                    world.run("replay_events", event)

    def _replay_of(self, what: str, which: int) -> dict[str, object] | None:
        if what == "publish again":
            return {"republish_since": "2020-01-01T00:00:00.000Z"}
        if what == "replay window":
            now = int(datetime.now(UTC).timestamp())
            return {"since": now - 600, "until": now + 1}
        if what == "replay event":
            events = self.world.merchant.events()
            return {"event_id": events[which % len(events)]["id"]} if events else None
        payment_ids = list(self.world.rows())
        return {"payment_id": payment_ids[which % len(payment_ids)]} if payment_ids else None

    def teardown(self) -> None:
        if self.sound:
            self.world.settle(self.random)
