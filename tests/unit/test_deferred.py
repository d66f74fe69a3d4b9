"""Modules that are loaded only if somebody uses them."""

import subprocess
import sys

CODE = """
import sys
from payments.deferred import deferred
with deferred("colorsys"):
    import colorsys as stand_in
assert "colorsys" not in sys.modules
assert stand_in.rgb_to_hls(0, 0, 0) == (0.0, 0.0, 0.0)
assert "colorsys" in sys.modules
with deferred("colorsys"):
    import colorsys
assert colorsys is sys.modules["colorsys"] is not stand_in
"""

GATEWAY = """
import sys
import payments.stripe_gateway.gateway
assert "asyncio" not in sys.modules
"""


def test_a_module_is_loaded_when_something_of_it_is_used() -> None:
    subprocess.run([sys.executable, "-c", CODE], check=True)  # noqa: S603


def test_stripe_is_imported_without_asyncio() -> None:
    subprocess.run([sys.executable, "-c", GATEWAY], check=True)  # noqa: S603
