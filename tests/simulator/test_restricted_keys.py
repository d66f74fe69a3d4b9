"""Keys that may not do everything, and keys of another account."""

from collections.abc import Callable

import pytest
import stripe
from stripe._v1_services import V1Services

from tests.simulator.conftest import Shopper, Steering

RESTRICTED = "rk_test_till"
type Client = Callable[[str], V1Services]


def _refused_right(act: Callable[[], object]) -> str:
    with pytest.raises(stripe.PermissionError) as refusal:
        act()
    assert refusal.value.http_status == 403
    assert refusal.value.error is not None
    assert refusal.value.error.type == "invalid_request_error"
    message = str(refusal.value.user_message)
    assert RESTRICTED not in message
    return message.partition("Having the '")[2].partition("'")[0]


def test_a_restricted_key_does_what_it_was_given_rights_for(
    client: Client, steering: Steering
) -> None:
    restricted = client(RESTRICTED)
    permissions = ["rak_customer_write", "rak_payment_intent_read"]
    steering.post("/keys", {"key": RESTRICTED, "permissions": permissions})

    customer = restricted.customers.create({})
    assert restricted.customers.retrieve(customer.id).id == customer.id
    assert restricted.payment_intents.list().data == []

    refused: dict[str, Callable[[], object]] = {
        "rak_payment_intent_write": lambda: restricted.payment_intents.cancel("pi_1"),
        "rak_charge_read": restricted.charges.list,
        "rak_charge_write": lambda: restricted.refunds.create({"charge": "ch_1"}),
        "rak_dispute_read": restricted.disputes.list,
        "rak_event_read": restricted.events.list,
        "rak_setup_intent_write": lambda: restricted.setup_intents.create({}),
        "rak_webhook_read": restricted.webhook_endpoints.list,
        "rak_payment_method_read": lambda: restricted.customers.payment_methods.list(customer.id),
        "rak_accounts_kyc_basic_read": restricted.accounts.retrieve_current,
    }
    assert [_refused_right(act) for act in refused.values()] == list(refused)


def test_who_may_not_write_intents_neither_captures_nor_cancels(
    client: Client, steering: Steering
) -> None:
    restricted = client(RESTRICTED)
    permissions = ["rak_payment_intent_read", "rak_charge_read"]
    steering.post("/keys", {"key": RESTRICTED, "permissions": permissions})

    refused: list[Callable[[], object]] = [
        lambda: restricted.payment_intents.capture("pi_1"),
        lambda: restricted.payment_intents.cancel("pi_1"),
        lambda: restricted.payment_intents.confirm("pi_1", {"off_session": True}),
        lambda: restricted.refunds.create({"payment_intent": "pi_1"}),
        lambda: restricted.refunds.update("re_1"),
        lambda: restricted.refunds.cancel("re_1"),
    ]
    rights = ["rak_payment_intent_write"] * 3 + ["rak_charge_write"] * 3
    assert [_refused_right(act) for act in refused] == rights
    assert restricted.refunds.list({"payment_intent": "pi_1"}).data == []


def test_a_right_can_be_taken_away(client: Client, steering: Steering) -> None:
    restricted = client(RESTRICTED)
    steering.post("/keys", {"key": RESTRICTED, "denied": ["rak_customer_read"]})

    assert restricted.payment_intents.list().data == []
    assert _refused_right(restricted.customers.list) == "rak_customer_read"
    assert _refused_right(lambda: restricted.customers.create({})) == "rak_customer_write"


def test_only_writing_can_be_taken_away(client: Client, steering: Steering) -> None:
    restricted = client(RESTRICTED)
    steering.post("/keys", {"key": RESTRICTED, "denied": ["rak_customer_write"]})

    assert restricted.customers.list().data == []
    assert _refused_right(lambda: restricted.customers.create({})) == "rak_customer_write"


def test_other_keys_keep_their_rights(
    client: Client, server: V1Services, steering: Steering
) -> None:
    steering.post("/keys", {"key": RESTRICTED, "permissions": []})

    assert server.customers.create({}).id
    assert client("rk_test_another").customers.list().data


def test_rights_end_with_a_reset(client: Client, steering: Steering) -> None:
    steering.post("/keys", {"key": RESTRICTED, "permissions": []})
    steering.post("/reset")

    assert client(RESTRICTED).customers.list().data == []


@pytest.mark.parametrize("key", ["sk_test_leaked", "rk_test_leaked"])
def test_a_key_can_be_revoked(client: Client, steering: Steering, key: str) -> None:
    assert client(key).customers.list().data == []

    steering.post("/keys", {"key": key, "revoked": True})

    with pytest.raises(stripe.AuthenticationError) as refusal:
        client(key).customers.list()
    assert refusal.value.http_status == 401


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"key": "rk_test_1", "permissions": ["rak_customer_admin"]}, 400),
        ({"key": "rk_test_1", "denied": ["customer_read"]}, 400),
        ({"key": "sk_test_1", "permissions": ["rak_customer_read"]}, 400),
        ({"key": "pk_test_1"}, 422),
        ({"permissions": []}, 422),
    ],
)
def test_rights_that_make_no_sense_are_refused(
    steering: Steering, order: dict[str, object], status: int
) -> None:
    assert steering.http.post("/_simulator/keys", json=order).status_code == status


def test_an_account_has_an_id_that_outlives_a_reset(
    server: V1Services, client: Client, steering: Steering
) -> None:
    account = server.accounts.retrieve_current()
    steering.post("/reset")

    assert account.id.startswith("acct_")
    assert server.accounts.retrieve_current().id == account.id
    assert client("rk_test_rotated").accounts.retrieve_current().id == account.id
    assert client("sk_test_other").accounts.retrieve_current().id != account.id


def test_another_account_knows_nothing_of_this_one(shopper: Shopper, client: Client) -> None:
    intent = shopper.confirm(shopper.manual_intent())
    other = client("sk_test_other_shop")

    assert other.customers.list().data == []
    assert other.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError) as by_path:
        other.payment_intents.retrieve(intent.id)
    with pytest.raises(stripe.InvalidRequestError) as by_parameter:
        other.payment_methods.list({"customer": str(intent.customer)})
    assert (by_path.value.http_status, by_path.value.code) == (404, "resource_missing")
    assert (by_parameter.value.http_status, by_parameter.value.code) == (400, "resource_missing")


def test_another_account_works_as_this_one_does(client: Client, server: V1Services) -> None:
    customer = client("sk_test_other").customers.create({})

    assert client("rk_test_other").customers.retrieve(customer.id).id == customer.id
    assert server.customers.list().data == []
