"""What the merchant decides about the app: web/shop.json, which becomes a part of /config.json."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.stages import StageError

LINKS = ("terms_url", "privacy_url", "contact_url")
# WCAG 2.2 AA asks for 4.5. The colour stands behind white text, and is text on nearly white pages.
LEAST_CONTRAST = 5
MAY_ASK = {"birthdate", "gender"}


def read_shop(file: Path) -> dict[str, Any]:
    """Read the file and check what nobody would see before it is online.

    Raises:
        StageError: something in the file cannot be shown.
    """
    try:
        shop: dict[str, Any] = json.loads(file.read_text())
    except json.JSONDecodeError as error:
        raise StageError(f"{file} is not JSON: {error}") from None
    if not shop.get("name"):
        raise StageError(f"{file}: name is missing.")
    if colour := shop.get("colour"):
        _check_colour(file, colour)
    if (logo := shop.get("logo_url")) and not logo.startswith("/"):
        raise StageError(f"{file}: logo_url must be a path of this site, below web/public.")
    for link in LINKS:
        address = shop.get(link, "")
        if address and urlsplit(address).scheme not in {"https", "mailto"}:
            raise StageError(f"{file}: {link} must begin with https:// or mailto:.")
    if unknown := set(shop.get("asks", [])) - MAY_ASK:
        raise StageError(f"{file}: asks may hold {sorted(MAY_ASK)}, and not {sorted(unknown)}.")
    return shop


def _check_colour(file: Path, colour: str) -> None:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise StageError(f"{file}: colour must be like #0b6b50.")
    contrast = contrast_with_white(colour)
    if contrast < LEAST_CONTRAST:
        raise StageError(
            f"{file}: {colour} cannot be read on white ({contrast:.1f} to 1). "
            f"Take a darker one, with {LEAST_CONTRAST} to 1 or more."
        )


def contrast_with_white(colour: str) -> float:
    """Return how well white text is read on this colour, by WCAG's formula."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    is_dark = channel <= 0.04045  # noqa: PLR2004
    return channel / 12.92 if is_dark else ((channel + 0.055) / 1.055) ** 2.4
