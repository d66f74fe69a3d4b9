"""Every link, path, command and parameter that a page names exists."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from payments.use_cases.stripe_webhook import HANDLERS
from tests.docs.pages import PAGES, ROOT, anchors, code, commands, links, name_of
from tests.support.cloudformation import load_template

TEMPLATE = load_template(ROOT / "infra" / "template.yaml")
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = frozenset(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))

PACKAGE = ROOT / "layers" / "payments" / "payments"
# In backticks, a path starts with one of these. Files that a command creates are not checked.
FOLDERS = {path.name for top in (ROOT, PACKAGE) for path in top.iterdir() if path.is_dir()}
MADE = {".local", ".venv", ".aws-sam", ".git"}

# Capitalised words in backticks that are not parameters or outputs of the template.
_PARAMETER = re.compile(r"^[A-Z][a-z]+(?:[A-Z][a-z]+)+$")
_OTHER_NAMES = frozenset(
    {
        # AWS and Stripe
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "AutoPublishAlias",
        "AutoPublishAliasAllProperties",
        "BadProductRows",
        "BatchGetItem",
        "GetSecretValue",
        "IteratorAge",
        "LimitsUnavailable",
        "MaximumRetryAttempts",
        "MethodSettings",
        "MetricsEnabled",
        "PutEvents",
        "StripeEvents",
        "TooManyAttempts",
        "UserAuthentication",
        "UserCreation",
    }
)


def outside(link: str) -> bool:
    return bool(urlsplit(link).scheme)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_link_within_the_repository_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if outside(link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_link_to_the_web_is_well_formed(page: Path) -> None:
    for link in filter(outside, links(page)):
        parts = urlsplit(link)
        assert parts.scheme == "https", link
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc), link
        assert not re.search(r"[\s<>{}]", link), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_path_in_backticks_exists(page: Path) -> None:
    for text in code(page):
        path = text.partition("::")[0].rstrip("/")
        folder, slash, _ = path.partition("/")
        if not slash or folder not in FOLDERS - MADE or re.search(r"[ <(]", path):
            continue
        if path.startswith("web/node_modules"):
            continue
        found = [*ROOT.glob(path), *PACKAGE.glob(path)]
        assert found, f"`{text}` does not exist"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_make_target_exists(page: Path) -> None:
    named = {
        target
        for line in commands(page)
        for target in re.findall(r"(?:^|[;&|] *)make ([a-z][a-z-]*)", line)
    }
    assert named <= TARGETS, f"no such target: {sorted(named - TARGETS)}"


def test_every_make_target_is_documented() -> None:
    described = set(re.findall(r"^([a-z][a-z-]*):.*## ", MAKEFILE, re.MULTILINE)) - {"help"}
    page = (ROOT / "docs" / "develop.md").read_text()
    assert {target for target in described if f"`make {target}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_parameter_output_or_resource_exists(page: Path) -> None:
    known = {*TEMPLATE["Parameters"], *TEMPLATE["Outputs"], *TEMPLATE["Resources"], *_OTHER_NAMES}
    for text in code(page):
        name = text.partition("=")[0]
        if _PARAMETER.match(name):
            assert name in known, f"`{text}` is neither a parameter nor an output"


def test_every_parameter_is_documented_with_its_default() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "deploy.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    for name, parameter in TEMPLATE["Parameters"].items():
        (row,) = [line for line in rows if f"`{name}`" in line.split("|")[1]]
        default = str(parameter.get("Default", ""))
        shown = row.split("|")[2].strip().strip("`")
        assert shown == (default or ("empty" if "Default" in parameter else "")), name


def test_every_route_is_documented() -> None:
    api = (ROOT / "docs" / "api.md").read_text()
    routes = {
        f"{event['Properties']['Method']} {event['Properties']['Path']}"
        for resource in TEMPLATE["Resources"].values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if event["Type"] == "Api"
    }
    assert routes
    assert {route for route in routes if f"`{route}" not in api} == set()


def test_the_events_to_ask_stripe_for_are_those_that_we_handle() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    quoted = "".join(line for line in page.splitlines() if line.startswith("   > `"))
    assert re.findall(r"`([a-z_.]+)`", quoted) == list(HANDLERS)
