"""The web app on this machine: Vite serves it and forwards /v1 to the API."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from local.emulator import answers, clean_environment
from local.paths import WEB
from local.processes import Supervisor
from local.state import Stack

type WebMode = Literal["dev", "preview"]

CONFIG_FILE = "web-config.json"
READY_TIMEOUT_SECONDS = 60.0


def web_unavailable() -> str:
    """Return why the app cannot be served, or an empty string."""
    if not (WEB / "package.json").exists():
        return "There is no web app in web/."
    if shutil.which("npm") is None:
        return "The web app needs Node, which was not found on PATH."
    if not (WEB / "node_modules" / ".installed").exists():
        return "The web app's packages are not installed. Run make setup."
    return ""


def web_origin(port: int) -> str:
    """Return the app's origin: an IP address, because another program may have localhost's ::1."""
    return f"http://127.0.0.1:{port}"


def write_web_config(stack: Stack, directory: Path) -> Path:
    """Write the app's /config.json, and return its path."""
    config: dict[str, object] = {
        "api_url": "/v1",
        "region": stack.region,
        "user_pool_id": stack.user_pool_id,
        "user_pool_client_id": stack.user_pool_client_id,
        "cognito_endpoint": stack.aws_endpoint_url,
        "stripe_publishable_key": stack.stripe_publishable_key,
        "stripe_api_url": stack.stripe_api_url,
        "mailbox_hint": (
            "This stack sends no email: the terminal that runs it shows the code, and "
            f"{stack.aws_endpoint_url}/_ministack/ses/messages has every message."
        ),
    }
    if stack.simulated_stripe:
        config["stripe_js_url"] = f"{stack.stripe_api_url}/v3/stripe.js"
    # The tutorial shows everything that a person may be asked.
    config["shop"] = {
        **json.loads((WEB / "shop.json").read_text()),
        "asks": ["birthdate", "gender"],
    }
    file = directory / CONFIG_FILE
    file.write_text(json.dumps(config, indent=2) + "\n")
    return file


def forget_web_config(directory: Path) -> None:
    """Remove the configuration: its stack has stopped."""
    (directory / CONFIG_FILE).unlink(missing_ok=True)


class WebApp:
    """The app, either from its sources as they change, or as the build that is deployed."""

    def __init__(
        self, supervisor: Supervisor, mode: WebMode, *, port: int, directory: Path, home: Path
    ) -> None:
        self._supervisor = supervisor
        self._mode = mode
        self._port = port
        self._build = directory / "web"
        self._logs = directory / "logs"
        self._environment = {
            **clean_environment(home),
            "npm_config_update_notifier": "false",
        }

    def build(self) -> None:
        """Build the app, unless it is served from its sources."""
        if self._mode == "preview":
            self._supervisor.run(
                "npm run build",
                ["npm", "run", "build", "--", "--outDir", str(self._build), "--emptyOutDir"],
                env=self._environment,
                cwd=WEB,
                log=self._logs / "web-build.log",
            )

    def serve(self, *, api_url: str, config: Path, headers: Mapping[str, str]) -> None:
        """Serve the app until the stack stops, and return once it answers.

        headers are for the build only: when the app runs from its sources, Vite styles and reloads
        it with scripts that no site's policy would allow.
        """
        of_build = ["--outDir", str(self._build)] if self._mode == "preview" else []
        address = ["--host", "127.0.0.1", "--port", str(self._port), "--strictPort"]
        self._supervisor.start_service(
            "The web app",
            ["npm", "run", self._mode, "--", *address, *of_build],
            env={
                **self._environment,
                "TILL_API_URL": api_url,
                "TILL_WEB_CONFIG": str(config),
                "TILL_WEB_HEADERS": json.dumps(dict(headers)),
            },
            cwd=WEB,
            log=self._logs / "web.log",
        )
        self._supervisor.wait_until(
            lambda: answers(f"{web_origin(self._port)}/config.json"),
            timeout=READY_TIMEOUT_SECONDS,
            what="The web app's start",
        )
