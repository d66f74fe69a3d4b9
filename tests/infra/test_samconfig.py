"""The settings of `sam build` and `sam deploy` for each stage."""

import tomllib
from typing import Any

import pytest

from tests.support.cloudformation import Deployed, load_template
from tests.support.commands import ROOT, TEMPLATE

STAGES = {"default": "dev", "local": "local", "staging": "staging", "prod": "prod"}


@pytest.fixture
def samconfig() -> dict[str, Any]:
    return tomllib.loads((ROOT / "samconfig.toml").read_text())


def test_a_deployment_takes_what_was_built_not_the_template(samconfig: dict[str, Any]) -> None:
    for name in STAGES:
        section = samconfig[name]
        assert section["build"]["parameters"]["template_file"] == "infra/template.yaml"
        assert "template_file" not in section["deploy"]["parameters"]
        assert "global" not in section


@pytest.mark.parametrize(("name", "stage"), STAGES.items())
def test_a_stage_deploys_itself_and_holds_no_secret(
    samconfig: dict[str, Any], name: str, stage: str
) -> None:
    deploy = samconfig[name]["deploy"]["parameters"]
    overrides = dict(each.split("=", 1) for each in deploy["parameter_overrides"])
    assert overrides["Stage"] == stage
    assert deploy["stack_name"] == f"till-{stage}"
    parameters = load_template(TEMPLATE)["Parameters"]
    assert overrides.keys() <= {key for key, each in parameters.items() if "NoEcho" not in each}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_passes_the_templates_rules(
    samconfig: dict[str, Any], deployed: Deployed, name: str
) -> None:
    overrides = samconfig[name]["deploy"]["parameters"]["parameter_overrides"]
    assert deployed(**dict(each.split("=", 1) for each in overrides))


@pytest.mark.parametrize(("name", "stage"), STAGES.items())
def test_only_prod_has_live_keys(samconfig: dict[str, Any], name: str, stage: str) -> None:
    overrides = samconfig[name]["deploy"]["parameters"]["parameter_overrides"]
    assert ("StripeMode=live" in overrides) == (stage == "prod")
    assert load_template(TEMPLATE)["Parameters"]["StripeMode"]["Default"] == "test"


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_a_person_looks_at_changes_before_they_reach_others(
    samconfig: dict[str, Any], name: str
) -> None:
    assert samconfig[name]["deploy"]["parameters"]["confirm_changeset"] is True
