"""The scripts that build and scan, on the real thing: an image in a registry, and what it is of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.folder import ROOT
from tests.slow import base_image
from tests.slow.workshop import Workshop

SERVICE = "order_service"
VERSION = "1.4.0"
RUNTIME = "requirements/runtime.txt"
PINNED = re.compile(r"^([\w.-]+)==(\S+)( ;.*)?", re.MULTILINE)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def tools(shop: Workshop) -> Path:
    """The scanners, installed."""
    done = shop.run("tools")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def pinned(name: str) -> dict[str, bool]:
    """The packages of a requirement file, and whether each is for some machines alone."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return {found[1].lower(): bool(found[3]) for found in PINNED.finditer(text)}


class Advisories(BaseHTTPRequestHandler):
    """A server with OSV's interface, which knows one advisory."""

    vulnerable = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = {"id": "PYSEC-1", "summary": "bad", "affected": [], "aliases": []}
        found = [known] if asked["package"]["name"] == self.vulnerable else []
        body = json.dumps({"vulns": found} if found else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def advisories() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        server.shutdown()


def test_a_known_vulnerability_fails_the_audit(
    shop: Workshop, tools: Path, advisories: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = shop.run("audit", OSV_URL=advisories)
    assert done.returncode == 0, done.stderr
    count = len([name for name, is_for_some in pinned("runtime").items() if not is_for_some])
    audited = re.search(r"runtime.txt: (\d+) audited, 0 found", done.stdout)
    assert audited
    assert int(audited[1]) >= count
    monkeypatch.setattr(Advisories, "vulnerable", "django")
    done = shop.run("audit", OSV_URL=advisories, REQUIREMENTS=RUNTIME)
    assert done.returncode == 1
    assert re.search(r"\*\*django [\d.]+\*\*: PYSEC-1, fixed in no version yet", done.stdout)


def test_an_audit_that_asked_nobody_fails(shop: Workshop, tools: Path) -> None:
    nobody = f"http://127.0.0.1:{ports.any_free(1)[0]}/v1/query"
    done = shop.run("audit", OSV_URL=nobody, REQUIREMENTS=RUNTIME)
    assert done.returncode == 1
    assert "runtime.txt: 0 audited" in done.stdout


def test_the_repository_holds_no_secret(shop: Workshop, tools: Path) -> None:
    done = shop.run("secrets")
    assert done.returncode == 0, done.stdout
    assert re.search(r"[1-9]\d{2,} files were looked at: 0 found", done.stdout)


def test_a_secret_that_the_next_commit_removes_is_found(
    shop: Workshop, tools: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    for name in ("deploy/scripts", "requirements"):
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-R", str(ROOT / name), str(small / name)], check=True)
    shop.git("init", "--quiet", at=small)
    commits = []
    for text in ("nothing\n", f"key = {'AKIA' + 'IOSFODNN7ABCDEFG'}\n", "nothing again\n"):
        (small / "settings.ini").write_text(text)
        shop.git("add", "--all", at=small)
        shop.git("commit", "--quiet", "--message", "change", at=small)
        commits.append(shop.git("rev-parse", "HEAD", at=small).strip())
    command = [str(small / "deploy/scripts/ci/secrets.sh")]
    environment = shop.environment({"REPORTS": str(tmp_path / "reports")})
    for base, code in ((commits[0], 1), (commits[1], 0)):
        done = subprocess.run([*command, base], env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert (f"in {commits[1]}/settings.ini:1" in done.stdout) is bool(code)


@pytest.fixture(scope="module")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The command, with a storage of its own that goes away with the test."""
    folder = tmp_path_factory.mktemp("storage")
    command = ["buildah", "--storage-driver", "vfs", "--root", str(folder / "root")]
    command += ["--runroot", str(folder / "run")]
    yield command
    subprocess.run([*command, "rm", "--all"], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry of images on this machine alone."""
    folder, port = tmp_path_factory.mktemp("registry"), ports.any_free(1)[0]
    (folder / "config.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    (folder / "registries.conf").write_text(
        f'[[registry]]\nlocation = "127.0.0.1:{port}"\ninsecure = true\n'
    )
    command = ["docker-registry", "serve", str(folder / "config.yml")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as process:
        _wait_for(f"http://127.0.0.1:{port}/v2/")
        os.environ["CONTAINERS_REGISTRIES_CONF"] = str(folder / "registries.conf")
        yield f"127.0.0.1:{port}"
        del os.environ["CONTAINERS_REGISTRIES_CONF"]
        process.terminate()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def image(
    shop: Workshop,
    tools: Path,
    buildah: list[str],
    registry: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The image of a service by digest: built, pushed, and written into reports/images.txt."""
    (pip,) = tools.parent.glob("lib/python*/site-packages/pip")
    base = base_image.make(buildah, tmp_path_factory.mktemp("base"), pip)
    done = shop.run(
        *("build", VERSION, "--push"),
        BUILDER="buildah",
        BUILDAH=" ".join(buildah),
        BUILDAH_ISOLATION="chroot",
        PYTHON_IMAGE=base,
        REGISTRY=f"{registry}/acme",
        SERVICES=SERVICE,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (line,) = (shop.reports / "images.txt").read_text().splitlines()
    return line


def test_an_image_is_pushed_under_three_tags_and_known_by_its_digest(
    shop: Workshop, image: str, registry: str
) -> None:
    name, digest = image.split("@")
    assert name == f"{registry}/acme/order-service"
    for tag in (VERSION, "latest", shop.git("rev-parse", "HEAD").strip()):
        request = urllib.request.Request(
            f"http://{registry}/v2/acme/order-service/manifests/{tag}",
            method="HEAD",
            headers={"Accept": "application/vnd.oci.image.manifest.v1+json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.headers["Docker-Content-Digest"] == digest


@pytest.fixture(scope="module")
def within(buildah: list[str], image: str) -> dict[str, object]:
    return look_into(buildah, image)


def look_into(buildah: list[str], image: str) -> dict[str, object]:
    """What a process in the image finds."""
    code = (
        "import importlib.metadata as m, json, os, pathlib\n"
        "print(json.dumps({'user': os.getuid(), 'version': os.environ.get('VERSION'),"
        "'service': sorted(p.name for p in pathlib.Path('/app').iterdir()),"
        "'packages': sorted(d.name.lower() for d in m.distributions())}))"
    )
    container = subprocess.check_output([*buildah, "from", image], text=True).strip()
    command = ("run", "--isolation", "chroot", container, "--", "python", "-c", code)
    return dict(json.loads(subprocess.check_output([*buildah, *command], text=True)))


def test_the_image_is_one_service_and_no_root(within: dict[str, object]) -> None:
    assert (within["user"], within["version"]) == (1001, VERSION)
    kept = ["__pycache__", "chassis", "manage.py", SERVICE, "staticfiles"]
    assert within["service"] == kept


def test_the_sandbox_has_an_image_of_its_own_that_starts(
    shop: Workshop, buildah: list[str], image: str
) -> None:
    done = shop.run(
        *("build", VERSION),
        BUILDER="buildah",
        BUILDAH=" ".join(buildah),
        BUILDAH_ISOLATION="chroot",
        PYTHON_IMAGE=base_image.NAME,
        SERVICES="sandbox",
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    bank = f"techcommerce/sandbox:{VERSION}"
    found = look_into(buildah, bank)
    assert found["user"] == 1001
    assert found["service"] == ["chassis", "sandbox"]
    assert found["packages"] == ["iso4217"]
    container = subprocess.check_output([*buildah, "from", bank], text=True).strip()
    command = ("run", "--isolation", "chroot", container, "--", "python", "-m", "sandbox")
    told = subprocess.run([*buildah, *command], capture_output=True, text=True)
    assert "PAYMENT_PROVIDER_KEY is missing" in told.stderr  # it starts, and wants its key


def test_the_bill_of_materials_is_that_of_the_image(
    shop: Workshop, tools: Path, within: dict[str, object]
) -> None:
    done = shop.run("sbom")
    assert done.returncode == 0, done.stderr
    bill = json.loads((shop.reports / "sbom-runtime.json").read_text())
    listed = {each["name"].lower() for each in bill["components"]}
    found = within["packages"]
    assert isinstance(found, list)
    for_some = {name for name, is_for_some in pinned("runtime").items() if is_for_some}
    assert {name.replace("_", "-") for name in found} <= listed
    assert listed - {name.replace("_", "-") for name in found} <= for_some
