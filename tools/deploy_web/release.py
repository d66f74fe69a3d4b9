"""Upload a build without breaking the app for people who have it open or open it meanwhile.

Files with a hash in their name go first, and the page that names them goes last. Nothing is
deleted: a page that stays open keeps loading the files of its own build. Files that this build no
longer has get a tag, and the bucket's lifecycle removes them thirty days later.
"""

import json
import mimetypes
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import boto3

from tools.deploy_web.hosting import Hosting
from tools.stages import StageError

ASSETS = "assets/"
PAGE = "index.html"
CONFIG = "config.json"
# The content behind a name with a hash never changes. All other files are checked each time.
CACHE_FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
# The lifecycle rule in infra/template.yaml looks for it.
SUPERSEDED = {"Key": "superseded", "Value": "true"}
# Every cached path without a hash in its name; / is index.html, too.
INVALIDATED = ("/", f"/{PAGE}", f"/{CONFIG}", "/docs/*")

# The tables of different machines differ, and lack some of these.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class WebObject:
    """A file to store in the bucket."""

    key: str
    content: bytes
    content_type: str
    cache_control: str


def content_type(name: str) -> str:
    """Return a file's media type."""
    known = _CONTENT_TYPES.get(Path(name).suffix)
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"


def objects_of(build: Path, config: Mapping[str, object]) -> list[WebObject]:
    """Return all files to upload, in an order that never shows half a release.

    Raises:
        StageError: there is no build.
    """
    if not (build / PAGE).is_file():
        raise StageError(f"There is no build in {build}. Run npm run build in web.")
    contents = {
        path.relative_to(build).as_posix(): path.read_bytes()
        for path in build.rglob("*")
        if path.is_file()
    }
    contents[CONFIG] = (json.dumps(config, indent=2) + "\n").encode()
    return [
        WebObject(
            key,
            contents[key],
            content_type(key),
            CACHE_FOR_EVER if key.startswith(ASSETS) else ASK_AGAIN,
        )
        for key in sorted(contents, key=_turn)
    ]


def release(session: boto3.session.Session, hosting: Hosting, build: Path) -> int:
    """Upload a build and return the number of files."""
    objects = objects_of(build, dict(hosting.config))
    with closing(_Bucket(session, hosting.bucket)) as bucket:
        for each in objects:
            bucket.put(each)
        for superseded in set(bucket.assets()) - {each.key for each in objects}:
            bucket.mark_superseded(superseded)
    with closing(session.client("cloudfront")) as cloudfront:
        cloudfront.create_invalidation(
            DistributionId=hosting.distribution_id,
            InvalidationBatch={
                "CallerReference": str(uuid.uuid4()),
                "Paths": {"Quantity": len(INVALIDATED), "Items": list(INVALIDATED)},
            },
        )
    return len(objects)


class _Bucket:
    def __init__(self, session: boto3.session.Session, name: str) -> None:
        self._s3 = session.client("s3")
        self._name = name

    def close(self) -> None:
        self._s3.close()

    def put(self, each: WebObject) -> None:
        """Write a file; an existing one loses its tags."""
        self._s3.put_object(
            Bucket=self._name,
            Key=each.key,
            Body=each.content,
            ContentType=each.content_type,
            CacheControl=each.cache_control,
        )

    def assets(self) -> Iterator[str]:
        """Yield the keys of the files with a hash, from this build and earlier ones."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=ASSETS)
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"]

    def mark_superseded(self, key: str) -> None:
        """Start the days after which the lifecycle removes a file, unless they already count."""
        if SUPERSEDED in self._s3.get_object_tagging(Bucket=self._name, Key=key)["TagSet"]:
            return
        # The days count from when an object was written, so it is written again.
        self._s3.copy_object(
            Bucket=self._name,
            Key=key,
            CopySource={"Bucket": self._name, "Key": key},
            TaggingDirective="REPLACE",
            Tagging=f"{SUPERSEDED['Key']}={SUPERSEDED['Value']}",
            MetadataDirective="REPLACE",
            ContentType=content_type(key),
            CacheControl=CACHE_FOR_EVER,
        )


def _turn(key: str) -> tuple[int, str]:
    if key.startswith(ASSETS):
        return 0, key
    return {CONFIG: 2, PAGE: 3}.get(key, 1), key
