"""The developer's commands: tests, linters, locks, schemas, and manage.py of the local shop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping

from deploy.local import gatekeeper
from deploy.local.failures import Expected
from deploy.local.folder import ROOT, VENV, RunFolder
from deploy.local.terminal import bold, say

COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url"),
    *("--no-emit-find-links", "--no-config"),
)
# What `uv pip compile` reads for each hashed file.
LOCKS = {
    "runtime": ("pyproject.toml",),
    "local": ("pyproject.toml", "--group", "local"),
    "dev": ("pyproject.toml", "--group", "dev"),
    "audit": ("--group", "audit"),
    "checkov": ("--group", "checkov"),
    "uv": ("--group", "uv"),
}
KUBERNETES = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("local", "staging", "production")


def test(arguments: list[str]) -> int:
    """Everything; with arguments (pytest's own) what they select of the whole shop's tests."""
    return _python("pytest", *arguments) if arguments else _python("tests")


def test_slow(arguments: list[str]) -> int:
    """The proofs that take minutes: the folders called slow, or what the arguments select."""
    parallel = ("-n", "2", "--dist=loadscope")
    return _python("pytest", *(arguments or (*parallel, "tests/slow", "tests/e2e/slow")))


def test_all(arguments: list[str]) -> int:
    """The same tests, trying much more: see tests/effort.py."""
    os.environ["TEST_ALL"] = "1"
    os.environ.setdefault("FAULT_SECONDS", "600")
    return test(arguments)


def lock(arguments: list[str]) -> int:
    """Pin what pyproject.toml names; `lock --upgrade` takes newer releases."""
    for name, sources in LOCKS.items():
        target = f"requirements/{name}.txt"
        say(bold(target))
        if code := call(str(VENV / "bin" / "uv"), *COMPILE, *arguments, *sources, "-o", target):
            return code
    return 0


def schema(arguments: list[str]) -> int:
    from deploy.local.placeholders import environment

    for service in ("product_service", "order_service"):
        target = f"{service}/openapi.yaml"
        command = ("manage.py", service, "spectacular", "--validate", "--file", target)
        if code := call(sys.executable, *command, env={**os.environ, **environment()}):
            return code
        say(f"  {target}")
    return 0


def manifests(arguments: list[str]) -> int:
    """Render each overlay to the file that tests and reviewers read, and the policies as
    Gatekeeper takes them; needs kubectl.
    """
    if not shutil.which("kubectl"):
        raise Expected(
            "kubectl was not found.",
            why="It renders the overlays of deploy/kubernetes.",
            fix="install kubectl 1.27 or newer: https://kubernetes.io/docs/tasks/tools/",
        )
    for overlay in OVERLAYS:
        target = KUBERNETES / "rendered" / f"{overlay}.yaml"
        folder = str(KUBERNETES / "overlays" / overlay)
        target.write_bytes(subprocess.check_output(["kubectl", "kustomize", folder]))
        say(f"  {target.relative_to(ROOT)}")
    for target, content in gatekeeper.templates():
        target.write_text(content)
        say(f"  {target.relative_to(ROOT)}")
    return 0


def manage(arguments: list[str]) -> int:
    """manage.py against the local shop: `manage order_service shell`."""
    return call(sys.executable, "manage.py", *arguments, env={**os.environ, **_running()})


def seed(arguments: list[str]) -> int:
    return manage(["product_service", "seed_demo", *arguments])


def screenshots(arguments: list[str]) -> int:
    return _python("tests.e2e.screenshots", "--base-url", _running()["PUBLIC_URL"], *arguments)


def call(*command: str, env: Mapping[str, str] | None = None) -> int:
    """Run a program in the foreground. Ctrl-C is its to handle: it cleans up what it began."""
    with subprocess.Popen(command, cwd=ROOT, env=env) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def _running() -> dict[str, str]:
    return RunFolder.default().environment("This command works on the local shop.")


def _python(module: str, *arguments: str) -> int:
    return call(sys.executable, "-m", module, *arguments)


def _starts(*command: str) -> Callable[[list[str]], int]:
    """A command that starts a module with what the user adds."""
    return lambda arguments: _python(*command, *arguments)


lint = _starts("pytest", "tests/test_style.py", "-q", "-n", "2")
# On the cluster that kubectl points to; see tests/cluster/conftest.py.
test_cluster = _starts("pytest", "-c", "tests/cluster/pytest.ini", "tests/cluster")
bench = _starts("bench")  # on servers and processes of its own, like the tests
