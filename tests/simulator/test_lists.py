import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering


def _create(server: V1Services, count: int) -> list[str]:
    """Customers, newest first."""
    return [server.customers.create({}).id for _ in range(count)][::-1]


def test_a_list_is_newest_first_ten_at_a_time(server: V1Services) -> None:
    newest_first = _create(server, 12)

    page = server.customers.list()

    assert [customer.id for customer in page.data] == newest_first[:10]
    assert page.has_more is True
    assert page.url == "/v1/customers"


def test_cursors_lead_forth_and_back(server: V1Services) -> None:
    newest_first = _create(server, 5)

    second = server.customers.list({"limit": 2, "starting_after": newest_first[1]})
    last = server.customers.list({"limit": 2, "starting_after": newest_first[3]})
    back = server.customers.list({"limit": 2, "ending_before": newest_first[3]})

    assert [customer.id for customer in second.data] == newest_first[2:4]
    assert second.has_more is True
    assert [customer.id for customer in last.data] == newest_first[4:]
    assert last.has_more is False
    assert [customer.id for customer in back.data] == newest_first[1:3]
    assert back.has_more is True


def test_the_sdk_pages_through_everything(server: V1Services) -> None:
    newest_first = _create(server, 7)

    listed = server.customers.list({"limit": 3}).auto_paging_iter()

    assert [customer.id for customer in listed] == newest_first


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_page_has_one_to_a_hundred(server: V1Services, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.customers.list({"limit": limit})

    assert refusal.value.param == "limit"


def test_a_cursor_must_name_something_and_one_direction(server: V1Services) -> None:
    newest_first = _create(server, 2)
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        server.customers.list({"starting_after": "cus_unknown"})
    with pytest.raises(stripe.InvalidRequestError) as both:
        server.customers.list({"starting_after": newest_first[0], "ending_before": newest_first[1]})

    assert (unknown.value.code, unknown.value.param) == ("resource_missing", "starting_after")
    assert (both.value.code, both.value.param) == (None, None)


def test_lists_know_their_owner(shopper: Shopper) -> None:
    mine, other = shopper.confirm(shopper.manual_intent()), shopper.manual_intent()
    customer = str(mine.customer)
    services = shopper.server

    intents = services.payment_intents.list({"customer": customer}).data
    charges = services.charges.list({"customer": customer}).data

    assert [intent.id for intent in intents] == [mine.id]
    assert [charge.id for charge in charges] == [mine.latest_charge]
    assert services.charges.list({"customer": str(other.customer)}).data == []


def test_ids_are_expanded_on_request(shopper: Shopper) -> None:
    intent = shopper.confirm(
        shopper.manual_intent(), expand=["latest_charge.customer", "payment_method"]
    )

    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(intent.latest_charge.customer, stripe.Customer)
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    assert isinstance(intent.customer, str)


def test_items_of_lists_are_expanded_too(shopper: Shopper) -> None:
    shopper.manual_intent()

    page = shopper.server.payment_intents.list({"expand": ["data.customer"]})

    assert isinstance(page.data[0].customer, stripe.Customer)


def test_null_stays_null_when_expanded(server: V1Services) -> None:
    intent = server.payment_intents.create(
        {"amount": 1099, "currency": "eur", "expand": ["customer"]}
    )

    assert intent.customer is None


@pytest.mark.parametrize("path", ["colour", "amount", "status", "a.b.c.d.e"])
def test_what_is_no_object_can_not_be_expanded(shopper: Shopper, path: str) -> None:
    intent = shopper.manual_intent()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shopper.server.payment_intents.retrieve(intent.id, {"expand": [path]})

    assert refusal.value.param == "expand"


@pytest.mark.parametrize(
    ("path", "expand", "leads_to"),
    [
        ("/v1/payment_intents", "data.latest_charge.customer", ("latest_charge", "customer")),
        ("/v1/payment_intents", "data.latest_charge.dispute", ("latest_charge", "dispute")),
        ("/v1/charges", "data.payment_intent.latest_charge", ("payment_intent", "latest_charge")),
        ("/v1/refunds", "data.charge.payment_intent", ("charge", "payment_intent")),
        ("/v1/disputes", "data.charge", ("charge",)),
        ("/v1/setup_intents", "data.payment_method.customer", ("payment_method", "customer")),
    ],
)
def test_lists_lead_to_objects_within_objects(
    shopper: Shopper, steering: Steering, path: str, expand: str, leads_to: tuple[str, ...]
) -> None:
    intent = shopper.confirm(shopper.manual_intent("4000000000001976"))
    shopper.server.refunds.create({"payment_intent": intent.id, "amount": 100})
    shopper.server.setup_intents.create(
        {"customer": str(intent.customer), "payment_method": str(intent.payment_method)}
    )

    found = steering.http.get(path, params={"expand[]": expand}).json()["data"][0]
    for step in leads_to:
        found = found[step]

    assert found["id"].startswith(("ch_", "cus_", "du_", "pi_"))


def test_a_search_can_be_expanded(shopper: Shopper, steering: Steering) -> None:
    intent = shopper.confirm(shopper.manual_intent())
    steering.catch_up_search()

    page = shopper.server.payment_intents.search(
        {"query": "currency:'eur'", "expand": ["data.latest_charge"]}
    )

    assert isinstance(page.data[0].latest_charge, stripe.Charge)
    assert page.data[0].latest_charge.id == intent.latest_charge
