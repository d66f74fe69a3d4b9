"""`python -m tools.deploy_web STAGE`: build the web app and upload it."""

import subprocess
import sys

from botocore.exceptions import BotoCoreError, ClientError

from local.paths import SAMCONFIG, WEB
from tools.deploy_web.hosting import describe_hosting
from tools.deploy_web.release import release
from tools.deploy_web.shop import read_shop
from tools.stages import StageError, read_stage


def main(arguments: list[str]) -> int:
    """Build, upload, and return the exit code."""
    try:
        stage = read_stage(" ".join(arguments), SAMCONFIG)
        session = stage.session()
        shop = read_shop(WEB / "shop.json")
        hosting = describe_hosting(session, stage.stack_name, shop)
        subprocess.run(["npm", "run", "--silent", "build"], cwd=WEB, check=True)  # noqa: S607
        count = release(session, hosting, WEB / "dist")
    except FileNotFoundError:
        sys.stderr.write("npm was not found on PATH: the web app needs Node.\n")
        return 1
    except (
        StageError,
        BotoCoreError,
        ClientError,
        subprocess.CalledProcessError,
    ) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(f"{count} files are online at {hosting.url}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
