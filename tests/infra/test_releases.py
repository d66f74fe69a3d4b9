"""Releases: what is called is a version, and a version is new whenever anything of it is."""

import json
import re
from typing import Any

from tests.infra.conftest import transform
from tests.support.cloudformation import Deployed, Json, load_template, resolve
from tests.support.commands import TEMPLATE
from tests.support.routes import STEPS, function_id

REQUIRED = {"StripeSecretKey": "sk_test_simulator", "StripePublishableKey": "pk_test_simulator"}
# For what has a pattern. All others have a list of values, or are numbers.
ANOTHER = {
    "AllowedOrigin": "https://shop.example.com",
    "DefaultCurrency": "usd",
    "OriginSecretGeneration": "2",
    "StripeApiBase": "https://stripe.example.com",
    "WebDomain": "pay.example.com",
    "WebCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
}
NEEDS = {
    "WebDomain": {"WebCertificateArn": ANOTHER["WebCertificateArn"]},
    "StripeKeys": {"StripeMerchantKey": "rk_test_1", "StripeBackgroundKey": "rk_test_2"},
}
MOST_RESOURCES = 450


def versions(template: Json) -> dict[str, str]:
    """The version that the alias of each function leads to, by the function's logical id."""
    return {
        each["Properties"]["FunctionName"]["Ref"]: each["Properties"]["FunctionVersion"][
            "Fn::GetAtt"
        ][0]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Alias"
    }


def functions_with(**parameters: str) -> Json:
    """What CloudFormation would make of the functions."""
    template = load_template(TEMPLATE)
    general = resolve(
        {**template, "Resources": {"Globals": template["Globals"]}}, REQUIRED | parameters
    )
    each = resolve(template, REQUIRED | parameters)
    found = {
        name: {
            key: value
            for key, value in resource["Properties"].items()
            # Concurrency is the function's own, whatever the version.
            if key
            not in {"Policies", "Events", "VersionDescription", "ReservedConcurrentExecutions"}
        }
        for name, resource in each.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    everyone = general["Globals"]["Function"]
    del everyone["DeploymentPreference"], everyone["Tags"], everyone["Description"]
    return found | general


def another_value(name: str, declaration: Json) -> str | None:
    """A value that differs from the default, or None for a secret: no function has one."""
    if declaration.get("NoEcho"):
        return None
    default = str(declaration.get("Default"))
    if name in ANOTHER:
        return ANOTHER[name]
    if allowed := [str(each) for each in declaration.get("AllowedValues", [])]:
        return next(value for value in allowed if value not in {default, "local", "prod"})
    return str(int(default) + 1) if declaration["Type"] == "Number" else None


def test_every_parameter_that_a_function_gets_makes_new_versions_of_all() -> None:
    template = load_template(TEMPLATE)
    settings = template["Globals"]["Function"]["Description"]["Fn::Sub"]
    told = set(re.findall(r"\$\{(\w+)\}", settings))
    before = functions_with()
    reach = set()
    for name, declaration in template["Parameters"].items():
        value = another_value(name, declaration)
        more = NEEDS.get(name, {})
        if value is not None and functions_with(**{name: value}, **more) != before:
            reach.add(name)
    # Stage is never another one: a stack is of one stage.
    assert reach - {"Stage"} == told, "the description in Globals has each of them, and no other"


def test_a_version_is_replaced_and_its_function_changes_with_each_of_these_settings(
    deployed: Deployed,
) -> None:
    """CloudFormation replaces a version for another description, and Lambda wants a change."""
    resources = deployed(LogLevel="ERROR", AbandonAfterHours="77")
    published = [each for each in resources.values() if each["Type"] == "AWS::Lambda::Version"]
    assert len(published) == len(STEPS)
    for version in published:
        function = resources[version["Properties"]["FunctionName"]]["Properties"]
        settings = function["Description"]
        assert version["Properties"]["Description"] == settings
        assert {"ERROR", "77"} <= set(settings.split())


def test_the_settings_are_not_too_long_for_lambda(deployed: Deployed) -> None:
    longest = {
        name: each["MaxLength"]
        for name, each in load_template(TEMPLATE)["Parameters"].items()
        if name in {"AllowedOrigin", "WebDomain"}
    }
    origin = "https://".ljust(longest["AllowedOrigin"], "a")
    resources = deployed(
        StripeMode="live",
        AllowedOrigin=origin,
        WebDomain="a." + "a" * (longest["WebDomain"] - 2),
        WebCertificateArn=ANOTHER["WebCertificateArn"],
        SnapStart="PublishedVersions",
        OriginSecretGeneration="9999",
        StripeRequestsPerSecond="1000",
        ReconcileAfterMinutes="1440",
        AbandonAfterHours="8760",
        UnconfirmedAfterDays="365",
        EraseAfterDays="365",
    )
    assert len(resources["SignupFunction"]["Properties"]["Description"]) <= 256


def test_versions_change_with_code_and_layers_and_with_nothing_else(transformed: Json) -> None:
    before = versions(transformed)
    assert before.keys() == {function_id(step) for step in STEPS}
    assert versions(transform()) == before
    # The code of one function
    after = versions(transform("SignupFunction"))
    assert {name for name in before if before[name] != after[name]} == {"SignupFunction"}
    # A layer: all functions together
    for layer in ("PaymentsLayer", "DependenciesLayer"):
        after = versions(transform(layer))
        assert not [name for name in before if before[name] == after[name]]


def test_everything_that_calls_a_function_calls_its_alias(transformed: Json) -> None:
    functions = {
        name
        for name, each in transformed["Resources"].items()
        if each["Type"] == "AWS::Lambda::Function"
    }
    callers = {
        "AWS::ApiGateway::RestApi",
        "AWS::Cognito::UserPool",
        "AWS::Events::Rule",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::Scheduler::Schedule",
    }
    direct = {
        name: each["Type"]
        for name, each in transformed["Resources"].items()
        if each["Type"] in callers
        # An invoke config names the function and, beside it, the alias.
        and each["Properties"].get("Qualifier") != "live"
        and _mentioned(each["Properties"]) & functions
    }
    assert direct == {}


def _mentioned(value: Any) -> set[str]:
    text = json.dumps(value)
    refs = re.findall(r'"Ref": "(\w+)"|"Fn::GetAtt": \["(\w+)"|\$\{(\w+)\.Arn\}', text)
    return {name for groups in refs for name in groups if name}


def test_a_gradual_release_goes_back_as_a_whole_when_an_alarm_goes_off() -> None:
    resources = transform(GradualReleases="true")["Resources"]
    groups = {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::CodeDeploy::DeploymentGroup"
    }
    assert len(groups) == len(STEPS)
    watched = {json.dumps(group["AlarmConfiguration"], sort_keys=True) for group in groups.values()}
    assert len(watched) == 1, "each function is released with the others"
    assert "ReleaseFailsAlarm" in watched.pop()
    for group in groups.values():
        assert group["AutoRollbackConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
    updated = {
        each["Properties"]["FunctionName"]["Ref"]: each["UpdatePolicy"]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Alias"
    }
    for policy in updated.values():
        group = policy["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
        assert group in groups
    linear = transform(GradualReleases="true", ReleaseTraffic="Linear10PercentEvery1Minute")
    assert "Linear10PercentEvery1Minute" in json.dumps(linear["Resources"])
    # AWS's limit is 500.
    assert len(resources) <= MOST_RESOURCES


def test_a_stack_whose_releases_are_not_gradual_has_nothing_of_codedeploy(
    transformed: Json,
) -> None:
    kinds = {each["Type"] for each in transformed["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith("AWS::CodeDeploy")]


def test_functions_start_from_a_snapshot_where_it_is_asked_for(deployed: Deployed) -> None:
    for asked in ("None", "PublishedVersions"):
        resources = deployed(SnapStart=asked)
        for step in STEPS:
            assert resources[function_id(step)]["Properties"]["SnapStart"] == {"ApplyOn": asked}
