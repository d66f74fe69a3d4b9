from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.simulator.conftest import Shopper


def test_two_hundred_confirms_make_one_charge(shopper: Shopper, http: httpx.Client) -> None:
    intent = shopper.manual_intent()
    path = f"/v1/payment_intents/{intent.id}/confirm"

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: http.post(path), range(200)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 199}
    codes = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 400}
    assert codes == {"payment_intent_unexpected_state"}
    assert len(shopper.server.charges.list({"payment_intent": intent.id}).data) == 1


def test_fifty_creates_with_one_key_make_one_intent(shopper: Shopper, http: httpx.Client) -> None:
    form, headers = {"amount": "1099", "currency": "eur"}, {"Idempotency-Key": "k1"}

    with ThreadPoolExecutor(25) as pool:
        answers = list(
            pool.map(
                lambda _: http.post("/v1/payment_intents", data=form, headers=headers), range(50)
            )
        )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(shopper.server.payment_intents.list().data) == 1
