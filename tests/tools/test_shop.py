"""web/shop.json: what the merchant decides about the app."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.paths import WEB
from tools.deploy_web.shop import contrast_with_white, read_shop
from tools.stages import StageError


def written(directory: Path, **shop: Any) -> Path:
    file = directory / "shop.json"
    file.write_text(json.dumps({"name": "Meyer", **shop}))
    return file


def test_the_file_of_the_repository_can_be_shown() -> None:
    assert read_shop(WEB / "shop.json")["name"] == "Till"


def test_everything_that_may_be_set_arrives(tmp_path: Path) -> None:
    shop = {
        "name": "Meyer",
        "logo_url": "/logo.svg",
        "colour": "#0b6b50",
        "terms_url": "https://meyer.example/terms",
        "contact_url": "mailto:hello@meyer.example",
        "asks": ["birthdate"],
    }

    assert read_shop(written(tmp_path, **shop)) == shop


@pytest.mark.parametrize(
    ("shop", "why"),
    [
        ({"name": ""}, "name is missing"),
        ({"colour": "green"}, "must be like #0b6b50"),
        ({"colour": "#ffcc00"}, r"cannot be read on white \(1.5 to 1\)"),
        ({"logo_url": "https://elsewhere.example/logo.svg"}, "must be a path of this site"),
        ({"terms_url": "javascript:alert(1)"}, "terms_url must begin with https"),
        ({"asks": ["shoe size"]}, "and not .'shoe size'"),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path: Path, shop: dict[str, Any], why: str) -> None:
    with pytest.raises(StageError, match=why):
        read_shop(written(tmp_path, **shop))


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text("{")

    with pytest.raises(StageError, match="is not JSON"):
        read_shop(file)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#777777") == pytest.approx(4.48, abs=0.01)
