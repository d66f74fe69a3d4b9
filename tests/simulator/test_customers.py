from collections.abc import Callable

import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering


def test_a_customer_keeps_what_it_was_created_with(server: V1Services) -> None:
    created = server.customers.create(
        {"email": "ada@example.com", "name": "Ada", "metadata": {"user_id": "u1"}}
    )

    customer = server.customers.retrieve(created.id)

    assert customer.id.startswith("cus_")
    assert (customer.email, customer.name) == ("ada@example.com", "Ada")
    assert customer.metadata is not None
    assert customer.metadata["user_id"] == "u1"
    assert customer.livemode is False


def test_an_update_merges_metadata_and_an_empty_value_drops_its_key(server: V1Services) -> None:
    customer = server.customers.create({"metadata": {"kept": "1", "dropped": "2"}})

    updated = server.customers.update(customer.id, {"metadata": {"dropped": "", "new": "3"}})

    assert updated.metadata is not None
    assert updated.metadata.to_dict() == {"kept": "1", "new": "3"}


def test_a_customer_prefers_a_card_until_it_is_detached(shopper: Shopper) -> None:
    customer = shopper.customer()
    card = shopper.saved_card(customer)
    default: stripe.params.CustomerUpdateParams = {
        "invoice_settings": {"default_payment_method": card.id}
    }

    updated = shopper.server.customers.update(customer.id, default)

    assert updated.invoice_settings
    assert updated.invoice_settings.default_payment_method == card.id
    listed = shopper.server.customers.payment_methods.list(
        customer.id, {"expand": ["data.customer"]}
    )
    (owner,) = [each.customer for each in listed.data]
    assert isinstance(owner, stripe.Customer)
    assert owner.invoice_settings
    assert owner.invoice_settings.default_payment_method == card.id

    shopper.server.payment_methods.detach(card.id)

    left = shopper.server.customers.retrieve(customer.id)
    assert left.invoice_settings
    assert left.invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shopper.server.customers.update(customer.id, default)
    assert refused.value.param == "invoice_settings[default_payment_method]"


def test_a_deleted_customer_says_so_and_can_not_be_used(shopper: Shopper) -> None:
    customer = shopper.customer()
    card = shopper.saved_card(customer)

    assert shopper.server.customers.delete(customer.id).deleted is True

    assert shopper.server.customers.retrieve(customer.id).deleted is True
    assert shopper.server.payment_methods.retrieve(card.id).customer is None
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_intents.create(
            {"amount": 1099, "currency": "eur", "customer": customer.id}
        )
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "customer")
    assert refusal.value.http_status == 400
    with pytest.raises(stripe.InvalidRequestError) as gone:
        shopper.server.customers.update(customer.id, {"name": "Ada"})
    assert gone.value.http_status == 404


def test_an_unknown_customer_is_404(server: V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.customers.retrieve("cus_unknown")

    assert refusal.value.http_status == 404
    assert refusal.value.code == "resource_missing"
    assert "cus_unknown" in str(refusal.value.user_message)


def test_customers_are_found_by_metadata_and_by_email(
    server: V1Services, steering: Steering
) -> None:
    wanted = server.customers.create({"email": "ada@example.com", "metadata": {"user_id": "u'1"}})
    server.customers.create({"email": "bob@example.com", "metadata": {"user_id": "u2"}})
    steering.catch_up_search()

    by_metadata = server.customers.search({"query": r"metadata['user_id']:'u\'1'"})
    by_email = server.customers.search({"query": "email:'ada@example.com'"})
    by_both = server.customers.search(
        {"query": "email:'ada@example.com' AND metadata['user_id']:'u2'"}
    )
    by_either = server.customers.search({"query": "email~'ada' OR metadata['user_id']:'u2'"})

    assert [c.id for c in by_metadata.data] == [wanted.id]
    assert [c.id for c in by_email.data] == [wanted.id]
    assert by_both.data == []
    assert len(by_either.data) == 2


def test_a_search_can_exclude_and_compare(server: V1Services, steering: Steering) -> None:
    ada = server.customers.create({"email": "ada@example.com"})
    bob = server.customers.create({"email": "bob@example.com"})
    steering.catch_up_search()

    others = server.customers.search({"query": "-email:'ada@example.com'"})
    earlier = server.customers.search({"query": f"created<={ada.created} AND email~'ada'"})
    later = server.customers.search({"query": f"created>{bob.created}"})

    assert [c.id for c in others.data] == [bob.id]
    assert [c.id for c in earlier.data] == [ada.id]
    assert later.data == []


def test_a_search_goes_on_at_its_next_page(server: V1Services, steering: Steering) -> None:
    for _ in range(3):
        server.customers.create({"email": "ada@example.com"})
    steering.catch_up_search()
    query = "email:'ada@example.com'"

    first = server.customers.search({"query": query, "limit": 2})
    second = server.customers.search({"query": query, "limit": 2, "page": str(first.next_page)})

    assert (len(first.data), first.has_more) == (2, True)
    assert (len(second.data), second.has_more) == (1, False)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "email",
        "shoe_size:'44'",
        "metadata:'x'",
        "a:'b' AND",
        "email:'a' AND name:'b' OR name:'c'",
    ],
)
def test_a_search_that_can_not_be_read_is_refused(server: V1Services, query: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.customers.search({"query": query})

    assert refusal.value.param == "query"


def test_customers_are_listed_by_email(server: V1Services) -> None:
    ada = server.customers.create({"email": "ada@example.com"})
    server.customers.create({"email": "bob@example.com"})

    assert [c.id for c in server.customers.list({"email": "ada@example.com"}).data] == [ada.id]


@pytest.mark.parametrize(
    "email", ["ada", "ada@example", "ada@ example.com", "@example.com", "ada@.com", "a@b@c.com"]
)
def test_what_is_no_email_address_is_refused(server: V1Services, email: str) -> None:
    customer = server.customers.create({"email": "ada@example.com"})
    acts: list[Callable[[], object]] = [
        lambda: server.customers.create({"email": email}),
        lambda: server.customers.update(customer.id, {"email": email}),
    ]

    for act in acts:
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            act()
        assert (refusal.value.code, refusal.value.param) == ("email_invalid", "email")
    assert [c.email for c in server.customers.list().data] == ["ada@example.com"]


def test_a_receipt_goes_to_an_email_address(server: V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create({"amount": 1099, "currency": "eur", "receipt_email": "ada"})

    assert (refusal.value.code, refusal.value.param) == ("email_invalid", "receipt_email")
