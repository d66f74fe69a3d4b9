"""Uploading a build of the web app, to an in-process AWS."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.paths import SAMCONFIG, TEMPLATE
from tests.support.cloudformation import load_template
from tools.deploy_web.hosting import Hosting, describe_hosting
from tools.deploy_web.release import CACHE_FOR_EVER, SUPERSEDED, content_type, objects_of, release
from tools.stages import Stage, StageError, read_stage

REGION = "eu-west-1"
SHOP = {"name": "Meyer"}
OUTPUTS = {
    "UserPoolId": f"{REGION}_pool",
    "UserPoolClientId": "client",
    "StripePublishableKey": "pk_test_public",
    "WebBucketName": "till-web",
    "WebDistributionId": "E123",
    "WebUrl": "https://d1.cloudfront.net",
}


def _unique(name: str) -> str:
    # While other tests also use moto, it does not reset between these.
    return f"{name}-{secrets.token_hex(6)}"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.session.Session]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield boto3.session.Session(region_name=REGION)


@pytest.fixture
def hosting(session: boto3.session.Session) -> Hosting:
    """A bucket and a distribution that wait for a build."""
    bucket = _unique("till-web")
    session.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    origin = {
        "Id": "web",
        "DomainName": f"{bucket}.s3.{REGION}.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    created = session.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": bucket,
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "web",
                "ViewerProtocolPolicy": "redirect-to-https",
            },
        }
    )
    return Hosting(
        bucket=bucket,
        distribution_id=created["Distribution"]["Id"],
        url="https://d1.cloudfront.net",
        config={"api_url": "/v1", "region": REGION},
    )


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """What Vite leaves in dist."""
    return write_build(tmp_path / "dist", "1")


def write_build(directory: Path, version: str) -> Path:
    files = {
        "index.html": f"<script src=/assets/app-{version}.js></script>",
        f"assets/app-{version}.js": f"version({version})",
        "assets/app-shared.css": "body {}",
        "docs/index.html": "<h1>API</h1>",
        "favicon.svg": "<svg/>",
        "config.json": "left over from somebody's experiment",
    }
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


def stored(session: boto3.session.Session, hosting: Hosting) -> dict[str, Any]:
    """Each object in the bucket, as it is served."""
    s3 = session.client("s3")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=hosting.bucket)["Contents"]]
    return {key: s3.get_object(Bucket=hosting.bucket, Key=key) for key in keys}


def is_superseded(session: boto3.session.Session, hosting: Hosting, key: str) -> bool:
    tags = session.client("s3").get_object_tagging(Bucket=hosting.bucket, Key=key)["TagSet"]
    return SUPERSEDED in tags


def test_files_with_a_hash_are_cached_forever_and_the_others_are_revalidated(
    session: boto3.session.Session, hosting: Hosting, build: Path
) -> None:
    assert release(session, hosting, build) == 6

    objects = stored(session, hosting)
    assert {key: each["CacheControl"] for key, each in objects.items()} == {
        "assets/app-1.js": "public, max-age=31536000, immutable",
        "assets/app-shared.css": "public, max-age=31536000, immutable",
        "config.json": "no-cache",
        "docs/index.html": "no-cache",
        "favicon.svg": "no-cache",
        "index.html": "no-cache",
    }
    assert {key: each["ContentType"] for key, each in objects.items()} == {
        "assets/app-1.js": "text/javascript; charset=utf-8",
        "assets/app-shared.css": "text/css; charset=utf-8",
        "config.json": "application/json",
        "docs/index.html": "text/html; charset=utf-8",
        "favicon.svg": "image/svg+xml",
        "index.html": "text/html; charset=utf-8",
    }


def test_the_stages_configuration_takes_the_place_of_any_other(
    session: boto3.session.Session, hosting: Hosting, build: Path
) -> None:
    release(session, hosting, build)

    assert json.load(stored(session, hosting)["config.json"]["Body"]) == hosting.config


def test_what_a_page_names_is_there_before_the_page(build: Path) -> None:
    keys = [each.key for each in objects_of(build, {})]

    assert keys[:2] == ["assets/app-1.js", "assets/app-shared.css"]
    assert keys[-2:] == ["config.json", "index.html"]


def test_open_pages_still_find_the_files_of_an_earlier_build(
    session: boto3.session.Session, hosting: Hosting, build: Path, tmp_path: Path
) -> None:
    release(session, hosting, build)
    release(session, hosting, write_build(tmp_path / "next", "2"))

    objects = stored(session, hosting)
    assert objects["assets/app-1.js"]["Body"].read() == b"version(1)"
    assert objects["assets/app-1.js"]["CacheControl"] == CACHE_FOR_EVER
    assert objects["assets/app-1.js"]["ContentType"] == "text/javascript; charset=utf-8"
    assert {
        key: is_superseded(session, hosting, key) for key in objects if key.startswith("assets/")
    } == {
        "assets/app-1.js": True,
        "assets/app-2.js": False,
        "assets/app-shared.css": False,
    }


def test_the_days_of_a_superseded_file_are_counted_once(
    session: boto3.session.Session, hosting: Hosting, build: Path, tmp_path: Path
) -> None:
    release(session, hosting, build)
    release(session, hosting, write_build(tmp_path / "two", "2"))
    s3 = session.client("s3")
    # The same mark with another tag beside it, so that this test can recognise it.
    s3.put_object_tagging(
        Bucket=hosting.bucket,
        Key="assets/app-1.js",
        Tagging={"TagSet": [SUPERSEDED, {"Key": "seen", "Value": "yes"}]},
    )

    release(session, hosting, write_build(tmp_path / "three", "3"))

    tags = s3.get_object_tagging(Bucket=hosting.bucket, Key="assets/app-1.js")["TagSet"]
    assert {"Key": "seen", "Value": "yes"} in tags
    assert is_superseded(session, hosting, "assets/app-2.js")


def test_a_rollback_takes_the_mark_away(
    session: boto3.session.Session, hosting: Hosting, build: Path, tmp_path: Path
) -> None:
    release(session, hosting, build)
    release(session, hosting, write_build(tmp_path / "next", "2"))
    release(session, hosting, build)

    assert not is_superseded(session, hosting, "assets/app-1.js")
    assert is_superseded(session, hosting, "assets/app-2.js")


def test_the_bucket_removes_what_carries_the_mark() -> None:
    bucket = load_template(TEMPLATE)["Resources"]["WebBucket"]["Properties"]
    [rule] = [
        each for each in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in each
    ]
    assert rule["TagFilters"] == [SUPERSEDED]


def test_the_page_and_the_configuration_are_fetched_anew_everywhere(
    session: boto3.session.Session, hosting: Hosting, build: Path
) -> None:
    release(session, hosting, build)

    cloudfront = session.client("cloudfront")
    [summary] = cloudfront.list_invalidations(DistributionId=hosting.distribution_id)[
        "InvalidationList"
    ]["Items"]
    invalidation = cloudfront.get_invalidation(
        DistributionId=hosting.distribution_id, Id=summary["Id"]
    )["Invalidation"]
    assert set(invalidation["InvalidationBatch"]["Paths"]["Items"]) == {
        "/",
        "/index.html",
        "/config.json",
        "/docs/*",
    }


def test_without_a_build_nothing_is_uploaded(
    session: boto3.session.Session, hosting: Hosting, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match="There is no build in"):
        release(session, hosting, tmp_path)

    assert session.client("s3").list_objects_v2(Bucket=hosting.bucket)["KeyCount"] == 0


def test_a_file_of_an_unknown_kind_is_not_taken_for_a_page() -> None:
    assert content_type("data.unheard-of") == "application/octet-stream"
    assert content_type("picture.png") == "image/png"


@pytest.mark.parametrize(
    ("name", "stack_name"),
    [("dev", "till-dev"), ("staging", "till-staging"), ("prod", "till-prod")],
)
def test_a_stage_is_where_sam_deploys_it(name: str, stack_name: str) -> None:
    assert read_stage(name, SAMCONFIG) == Stage(name, stack_name, region=None, profile=None)


def test_the_region_and_profile_that_sam_was_told_are_used(tmp_path: Path) -> None:
    samconfig = tmp_path / "samconfig.toml"
    samconfig.write_text(
        '[prod.deploy.parameters]\nstack_name = "shop"\nregion = "us-west-2"\nprofile = "work"\n'
    )

    assert read_stage("prod", samconfig) == Stage("prod", "shop", "us-west-2", "work")


@pytest.mark.parametrize("name", ["", "local", "production", "dev prod"])
def test_a_name_that_is_not_a_stage_is_refused(name: str) -> None:
    with pytest.raises(StageError, match="STAGE must be dev or staging or prod"):
        read_stage(name, SAMCONFIG)


def create_stack(session: boto3.session.Session, outputs: dict[str, str]) -> str:
    name = _unique("till-dev")
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    session.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))
    return name


def test_the_configuration_comes_from_the_stacks_outputs(session: boto3.session.Session) -> None:
    stack_name = create_stack(session, OUTPUTS)

    assert OUTPUTS.keys() <= load_template(TEMPLATE)["Outputs"].keys()
    assert describe_hosting(session, stack_name, SHOP) == Hosting(
        bucket="till-web",
        distribution_id="E123",
        url="https://d1.cloudfront.net",
        config={
            "api_url": "/v1",
            "region": REGION,
            "user_pool_id": f"{REGION}_pool",
            "user_pool_client_id": "client",
            "stripe_publishable_key": "pk_test_public",
            "shop": SHOP,
        },
    )


def test_a_stack_that_serves_no_app_is_refused(session: boto3.session.Session) -> None:
    stack_name = create_stack(session, {"UserPoolId": f"{REGION}_pool"})

    with pytest.raises(StageError, match=f"{stack_name} serves no web app"):
        describe_hosting(session, stack_name, SHOP)


def test_a_stack_that_is_not_deployed_is_named(session: boto3.session.Session) -> None:
    with pytest.raises(StageError, match="The stack till-nowhere could not be read"):
        describe_hosting(session, "till-nowhere", SHOP)


def test_every_release_is_an_invalidation_of_its_own(
    session: boto3.session.Session, hosting: Hosting, build: Path
) -> None:
    release(session, hosting, build)
    release(session, hosting, build)

    # CloudFront takes a known reference for a request that it has already served.
    cloudfront = session.client("cloudfront")
    listed = cloudfront.list_invalidations(DistributionId=hosting.distribution_id)
    references = {
        cloudfront.get_invalidation(DistributionId=hosting.distribution_id, Id=each["Id"])[
            "Invalidation"
        ]["InvalidationBatch"]["CallerReference"]
        for each in listed["InvalidationList"]["Items"]
    }
    assert len(references) == 2
