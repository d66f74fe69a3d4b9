"""The import of customers against the running laptop stack."""

import sys
from pathlib import Path

from local.paths import LOCAL
from tests.e2e.conftest import World
from tests.support.commands import run
from tests.support.simulator_client import Simulator

SECRET_KEY = "sk_test_simulator"
VISA = "4242424242424242"
# `make import-customers` takes the stack that `make dev` runs; this one is just for the tests.
COMMAND = """
import os, sys
from pathlib import Path
from local import read_stack
from tools import environment
from tools.import_customers import __main__ as tool
environment.read_stack = lambda: read_stack(Path(sys.argv[1]))
sys.exit(tool.main(os.environ))
"""


def test_a_person_finds_the_cards_that_they_had_before(
    world: World, stripe: Simulator, tmp_path: Path
) -> None:
    # Given a customer with a card, whose address nobody has proved here
    user_id, email = world.sign_up()
    customer = stripe.create_customer(SECRET_KEY, email=email.upper())
    card = stripe.payment_method(VISA)
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/attach", customer=customer)
    file = tmp_path / "customers.csv"
    file.write_text(f"id,Email\n{customer},{email}\n")
    # When
    for apply, said in [("", "Nothing was changed"), ("1", "1 waiting:")]:
        done = run([sys.executable, "-c", COMMAND, str(LOCAL / "e2e")], FILE=str(file), APPLY=apply)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
    # Then
    person = world.confirmed(user_id, email)
    cards = person.api.cards().body["data"]
    assert [each["payment_method_id"] for each in cards] == [card]
    rows = world.rows(world.stack.customers_table)
    assert [r["stripe_customer_id"] for r in rows if r["user_id"] == user_id] == [customer]
    assert email not in str(done.stdout + done.stderr)
