"""Serving the web app beside the stack."""

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from local import StackError, running_stack
from local.options import free_port
from local.processes import Supervisor
from local.site_headers import fit_for_this_machine
from local.web import (
    WebApp,
    WebMode,
    forget_web_config,
    web_origin,
    web_unavailable,
    write_web_config,
)
from tests.stack.test_state import STACK
from tests.support.processes import is_running


class Api(ThreadingHTTPServer):
    """An API that answers with the request it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Its URL, with a path like the emulator's APIs."""
        return f"http://127.0.0.1:{self.server_port}/_aws/execute-api/a1b2c3d4/v1"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()
        self.wfile.write(f"{self.path} {self.headers['Authorization']}".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def web_without_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    web = tmp_path / "web"
    web.mkdir()
    (web / "package.json").write_text("{}")
    monkeypatch.setattr("local.web.WEB", web)
    return web


def test_the_app_is_told_where_everything_is(tmp_path: Path) -> None:
    config = json.loads(write_web_config(STACK, tmp_path).read_text())

    hint = config.pop("mailbox_hint")
    shop = config.pop("shop")
    assert config == {
        "api_url": "/v1",
        "region": "us-east-1",
        "user_pool_id": "us-east-1_pool",
        "user_pool_client_id": "client",
        "cognito_endpoint": "http://127.0.0.1:4566",
        "stripe_publishable_key": "pk_test_simulator",
        "stripe_api_url": "http://127.0.0.1:12111",
        "stripe_js_url": "http://127.0.0.1:12111/v3/stripe.js",
    }
    assert "http://127.0.0.1:4566/_ministack/ses/messages" in hint
    assert (shop["name"], shop["asks"]) == ("Till", ["birthdate", "gender"])


def test_a_stopped_stack_leaves_no_configuration(tmp_path: Path) -> None:
    write_web_config(STACK, tmp_path)

    forget_web_config(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_with_stripe_itself_its_own_script_is_loaded(tmp_path: Path) -> None:
    stack = replace(STACK, simulated_stripe=False, stripe_api_url="https://api.stripe.com")

    assert "stripe_js_url" not in json.loads(write_web_config(stack, tmp_path).read_text())


@pytest.mark.parametrize("mode", ["dev", "preview"])
def test_the_app_its_configuration_and_the_api_have_one_origin(
    api: Api, tmp_path: Path, mode: WebMode
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"region": "us-east-1"}')
    port = free_port()

    with Supervisor() as supervisor, httpx.Client(base_url=web_origin(port)) as browser:
        app = WebApp(supervisor, mode, port=port, directory=tmp_path, home=tmp_path)
        app.build()
        app.serve(api_url=api.url, config=config, headers={})
        page = browser.get("/")
        route = browser.get("/checkout/coffee-beans")
        configuration = browser.get("/config.json")
        answer = browser.get("/v1/payments?limit=1", headers={"Authorization": "Bearer token"})

    assert '<div id="root">' in page.text
    assert page.headers["Content-Type"].startswith("text/html")
    assert ("/src/main.tsx" in page.text) == (mode == "dev")
    assert route.text == page.text
    assert configuration.json() == {"region": "us-east-1"}
    assert answer.status_code == 404
    assert answer.text == "/_aws/execute-api/a1b2c3d4/v1/payments?limit=1 Bearer token"


def test_the_build_is_tried_under_the_sites_policy_with_the_stand_ins_in_it() -> None:
    policy = fit_for_this_machine(
        "script-src 'self' https://js.stripe.com https://*.js.stripe.com; "
        "connect-src 'self' https://api.stripe.com https://cognito-idp.us-east-1.amazonaws.com; "
        "img-src data: https://*.stripe.com; object-src 'none'",
        STACK,
    )

    assert policy == (
        "script-src 'self' http://127.0.0.1:12111; "
        "connect-src 'self' http://127.0.0.1:12111 http://127.0.0.1:4566; "
        "img-src data: http://127.0.0.1:12111; object-src 'none'"
    )


def test_with_stripe_itself_the_policy_keeps_stripes_origins() -> None:
    stack = replace(STACK, simulated_stripe=False)

    assert (
        fit_for_this_machine("script-src https://js.stripe.com", stack)
        == "script-src https://js.stripe.com"
    )


def test_all_processes_of_the_app_end_with_the_stack(
    tmp_path: Path, web_without_packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    # Like npm, it starts the server as a process of its own and waits for it.
    npm.write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, subprocess, sys\n"
        f"server = subprocess.Popen([{sys.executable!r}, '-m', 'http.server', '--bind',"
        " '127.0.0.1', sys.argv[sys.argv.index('--port') + 1]])\n"
        "pathlib.Path('pids').write_text(f'{os.getpid()} {server.pid}')\n"
        "server.wait()\n"
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(npm.parent))
    config = web_without_packages / "config.json"
    config.write_text("{}")

    with Supervisor() as supervisor:
        app = WebApp(supervisor, "dev", port=free_port(), directory=tmp_path, home=tmp_path)
        app.serve(api_url="http://127.0.0.1:1/v1", config=config, headers={})
        pids = [int(pid) for pid in (web_without_packages / "pids").read_text().split()]
        assert all(map(is_running, pids))

    assert not any(map(is_running, pids))


def test_a_build_that_fails_shows_why(
    tmp_path: Path, web_without_packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'src/main.tsx is not valid'\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    with Supervisor() as supervisor, pytest.raises(StackError) as failure:
        WebApp(supervisor, "preview", port=1, directory=tmp_path, home=tmp_path).build()

    assert web_without_packages.exists()
    assert "src/main.tsx is not valid" in str(failure.value)


def test_without_node_the_person_is_told(
    tmp_path: Path, web_without_packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert web_without_packages.exists()
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "The web app needs Node, which was not found" in web_unavailable()


def test_without_its_packages_the_person_is_told(
    web_without_packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = web_without_packages / "npm"
    npm.write_text("")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(web_without_packages))
    assert "Run make setup" in web_unavailable()

    (web_without_packages / "node_modules").mkdir()
    (web_without_packages / "node_modules" / ".installed").touch()
    assert web_unavailable() == ""


def test_a_stack_that_should_serve_the_app_and_cannot_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.web.WEB", tmp_path / "nothing")

    with (
        pytest.raises(StackError, match="There is no web app"),
        running_stack(tmp_path / "stack", web="preview"),
    ):
        pytest.fail("the stack cannot be ready")

    assert not (tmp_path / "stack").exists()
