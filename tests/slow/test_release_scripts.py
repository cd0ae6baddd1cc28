"""The scripts of a release, on a clone with a remote of its own: what they write and refuse.

Cosign, Trivy and a registry's sign-in need services that are not reachable everywhere; commands
that stand in for them say what they were asked.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy import fake_cosign
from tests.slow.workshop import DIGESTS, Workshop

OVERLAYS = Path("deploy/kubernetes/overlays")
RENDERED = Path("deploy/kubernetes/rendered")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    Workshop(folder)
    return folder


@pytest.fixture
def shop(kept: Path, tmp_path: Path) -> Workshop:
    """A copy of its own for each test."""
    workshop = Workshop.__new__(Workshop)
    workshop.folder = tmp_path
    workshop.clone, workshop.remote = tmp_path / "clone", tmp_path / "remote.git"
    workshop.reports = tmp_path / "reports"
    for name in ("clone", "remote.git", "reports"):
        shutil.copytree(kept / name, tmp_path / name, symlinks=True)
    workshop.git("remote", "set-url", "origin", str(workshop.remote))
    return workshop


def head(shop: Workshop) -> str:
    return shop.git("rev-parse", "main", at=shop.remote).strip()


def committed(shop: Workshop, overlay: str, commit: str) -> dict[str, str]:
    """The digests of an overlay in a commit, by the name of the image that runs."""
    path = OVERLAYS / overlay / "images" / "kustomization.yaml"
    content = yaml.safe_load(shop.git("show", f"{commit}:{path}"))
    return {each["newName"]: each["digest"] for each in content["images"]}


NEW = {f"registry.test/acme/{name}": digest for name, digest in DIGESTS.items()}


def test_images_are_committed_pushed_and_rendered(shop: Workshop) -> None:
    shop.write_images()
    proven = head(shop)
    done = shop.run("commit-images", "staging", "1.4.0", proven)
    assert done.returncode == 0, done.stderr
    made = head(shop)
    assert f"commit={made}\nmade=true\n" in done.stdout
    assert shop.git("log", "-1", "--format=%s %an", made) == "staging: Release 1.4.0 Release\n"
    changed = shop.git("diff", "--name-only", proven, made).split()
    assert changed == [
        f"{OVERLAYS}/staging/images/kustomization.yaml",
        f"{RENDERED}/staging.yaml",
    ]
    assert committed(shop, "staging", made) == NEW
    rendered = shop.git("show", f"{made}:{RENDERED}/staging.yaml")
    assert all(f"{name}@{digest}" in rendered for name, digest in NEW.items())
    assert "name: migrate-order-service-1.4.0" in rendered
    again = shop.run("commit-images", "staging", "1.4.0", proven)
    assert (again.returncode, head(shop)) == (0, made)
    assert "These images are committed already" in again.stdout
    assert f"commit={made}\n" in again.stdout
    assert "made=" not in again.stdout  # and so nobody takes it back


def test_production_gets_what_staging_has_proven(shop: Workshop) -> None:
    text = shop.write_images()
    assert shop.run("commit-images", "staging", "1.4.0", head(shop)).returncode == 0
    proven = head(shop)
    shop.push("storefront/later.py", "# a newer version of the code\n")
    done = shop.run("commit-images", "production", "1.4.0", proven, "-", given=text)
    assert done.returncode == 0, done.stderr
    assert committed(shop, "production", head(shop)) == NEW
    assert shop.git("show", f"{head(shop)}:storefront/later.py")


@pytest.mark.parametrize("file", ["deploy/kubernetes/base/later.yaml", "monitoring/later.yaml"])
def test_manifests_that_were_not_tested_are_not_deployed(shop: Workshop, file: str) -> None:
    shop.write_images()
    proven = head(shop)
    newer = shop.push(file, "{}\n")
    done = shop.run("commit-images", "production", "1.4.0", proven)
    assert (done.returncode, head(shop)) == (2, newer)
    assert f"main has moved on since {proven[:12]}: {file}" in done.stderr


def test_a_push_that_comes_too_late_begins_again(shop: Workshop) -> None:
    shop.write_images()
    other = shop.folder / "other"
    shop.git("clone", "--quiet", str(shop.remote), str(other), at=shop.folder)
    meanwhile = (
        f"if [[ ! -e {other}/late ]]; then cd {other}; touch late; git add late; "
        "git commit -qm late; git push -q; cd - >/dev/null; fi"
    )
    kubectl = shop.command("kubectl", f'{meanwhile}\nexec kubectl "$@"')
    done = shop.run("commit-images", "staging", "1.4.0", head(shop), KUBECTL=kubectl)
    assert done.returncode == 0, done.stderr
    assert shop.git("log", "-2", "--format=%s", head(shop)) == "staging: Release 1.4.0\nlate\n"


def test_a_branch_that_takes_no_push_fails_the_release(shop: Workshop) -> None:
    shop.write_images()
    hook = shop.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    before = head(shop)
    done = shop.run("commit-images", "staging", "1.4.0", before)
    assert (done.returncode, head(shop)) == (1, before)
    assert "the branch main could not be pushed" in done.stderr


def test_the_commit_is_signed_with_the_key_that_is_given(shop: Workshop) -> None:
    shop.write_images()
    key = shop.folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    done = shop.run("commit-images", "staging", "1.4.0", head(shop), SIGNING_KEY=key.read_text())
    assert done.returncode == 0, done.stderr
    signers = shop.folder / "signers"
    signers.write_text(f"release@example.org {key.with_suffix('.pub').read_text()}")
    verify = ("-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", head(shop))
    shop.git("fetch", "--quiet")
    shop.git(*verify)
    assert not list(shop.folder.glob("**/*.key"))


def test_what_was_not_deployed_is_taken_back(shop: Workshop) -> None:
    shop.write_images()
    before = head(shop)
    assert shop.run("commit-images", "staging", "1.4.0", before).returncode == 0
    shop.push("storefront/later.py", "# somebody goes on\n")
    done = shop.run("commit-images", "--take-back", "staging")
    assert done.returncode == 0, done.stderr
    assert shop.git("diff", "--name-only", before, head(shop)) == "storefront/later.py\n"
    assert "staging: Take the last release back" in shop.git("log", "-1", head(shop))


@pytest.mark.parametrize(
    ("images", "why"),
    [
        ("registry.test/storefront:latest\n", "is no image of ours by digest"),
        (f"registry.test/storefront@{DIGESTS['storefront']}\n", "a release has four images"),
    ],
)
def test_images_that_are_no_release_are_refused(shop: Workshop, images: str, why: str) -> None:
    (shop.reports / "images.txt").write_text(images)
    before = head(shop)
    done = shop.run("commit-images", "staging", "1.4.0", before)
    assert (done.returncode, head(shop)) == (2, before)
    assert why in done.stderr


IDENTITY = (
    "https://github.com/techcommerce/techcommerce/.github/workflows/release.yml@refs/heads/main"
)


def test_images_are_signed_and_verified_as_a_deploy_will(shop: Workshop) -> None:
    cosign = str(fake_cosign.write(shop.folder))
    images = shop.write_images().splitlines()
    (shop.reports / "sbom-runtime.json").write_text("{}")
    done = shop.run("sign", COSIGN=cosign, FAKE_IDENTITY=IDENTITY)
    assert done.returncode == 0, done.stderr
    calls = [line.split() for line in (shop.folder / "calls").read_text().splitlines()]
    assert [(line[1], line[-1]) for line in calls] == [
        (verb, image) for image in images for verb in ("sign", "attest", "verify")
    ]


def test_a_signature_that_no_deploy_accepts_fails_at_once(shop: Workshop) -> None:
    cosign = str(fake_cosign.write(shop.folder))
    shop.write_images()
    variables = {"GITHUB_WORKFLOW_REF": "acme/shop/x", "GITHUB_SERVER_URL": "https://github.test"}
    done = shop.run("sign", COSIGN=cosign, **variables)
    assert done.returncode == 1
    assert f"is signed, but not by {IDENTITY}" in done.stderr
    assert "(https://github.test/acme/shop/x) in images/signatures.env" in done.stderr


def test_only_a_digest_is_signed(shop: Workshop) -> None:
    cosign = str(fake_cosign.write(shop.folder))
    (shop.reports / "images.txt").write_text("registry.test/storefront:latest\n")
    done = shop.run("sign", COSIGN=cosign)
    assert done.returncode == 2
    assert not (shop.folder / "calls").exists()


def test_the_version_is_that_of_the_tag_or_of_the_commits_after_it(shop: Workshop) -> None:
    shop.git("tag", "v1.4.0")
    assert shop.run("version").stdout == "version=1.4.0\n"
    name = shop.commit("later")[:7]
    assert shop.run("version").stdout == f"version=1.4.0-1-g{name}\n"
    shop.git("tag", "--delete", "v1.4.0")
    count = shop.git("rev-list", "--count", "HEAD").strip()
    assert shop.run("version").stdout == f"version=0.1.0-{count}-g{name}\n"


def test_what_production_runs_is_a_commit(shop: Workshop) -> None:
    text = shop.write_images()
    assert shop.run("served").stdout == shop.git("rev-parse", "HEAD")  # nothing is released yet
    base = head(shop)
    for version, named in (("1.4.0", "v1.4.0"), (f"1.4.0-3-g{base[:7]}", None)):
        if named:
            shop.git("tag", named, base)
        assert (
            shop.run("commit-images", "production", version, base, "-", given=text).returncode == 0
        )
        assert shop.run("served", "production").stdout == f"{base}\n"
    shop.run("commit-images", "production", "9.9.9", base, "-", given=text)
    unknown = shop.run("served", "production")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "production runs 9.9.9, and no commit here has this name" in unknown.stderr


def test_what_runs_is_named_once_and_by_digest(shop: Workshop) -> None:
    images = shop.run("images", "staging").stdout.splitlines()
    assert images == sorted(set(images))
    assert any("postgres" in image for image in images)
    assert [image for image in images if "@sha256:" not in image or "0" * 64 in image] == []
    shop.write_images()
    assert shop.run("commit-images", "staging", "1.4.0", head(shop)).returncode == 0
    ours = {f"{name}@{digest}" for name, digest in NEW.items()}
    assert set(shop.run("images", "staging").stdout.splitlines()) == {*images, *ours}


def test_images_are_handed_on_line_by_line(shop: Workshop) -> None:
    text = shop.write_images()
    output = shop.folder / "output"
    assert shop.run("hand-on", GITHUB_OUTPUT=str(output)).returncode == 0
    assert output.read_text() == f"images<<END\n{text}END\n"


TRIVY = """echo "$*" >>"$(dirname "$0")/calls"
[[ $1 != convert ]] || { echo "a table"; exit; }
while (($# > 1)); do [[ $1 == --output ]] && echo '{}' >"$2"; shift; done
[[ $1 != bad:* ]]
"""


def test_one_bad_image_fails_the_scan_and_all_are_scanned(shop: Workshop) -> None:
    trivy = shop.command("trivy", TRIVY)
    summary = shop.folder / "summary"
    told = {"TRIVY": trivy, "GITHUB_STEP_SUMMARY": str(summary)}
    assert shop.run("trivy", "image", "good:1", "good:2", **told).returncode == 0
    assert shop.run("trivy", "image", "bad:1", "good:3", **told).returncode == 1
    assert shop.run("trivy", "code", **told).returncode == 0
    calls = (shop.folder / "calls").read_text().split()
    skipped = {calls[at + 1] for at, each in enumerate(calls) if each == "--skip-dirs"}
    assert skipped == {"**/.venv*", ".run", "deploy/secrets", "reports"}
    assert summary.read_text().count("a table") == 5
    assert (shop.reports / "trivy-good-3.json").exists()
    assert shop.run("trivy", "image", **told).returncode == 2


def test_actionlint_sees_a_copy_that_it_can_read(shop: Workshop) -> None:
    lint = shop.command("lint", "! grep -rn 'uses: [$]/' .github && grep -rq 'uses: [.]/' .github")
    assert shop.run("actionlint", ACTIONLINT=lint).returncode == 0
    broken = shop.command("broken", "exit 3")
    assert shop.run("actionlint", ACTIONLINT=broken).returncode == 3


def test_the_state_of_a_cluster_that_is_gone_fails_nothing(shop: Workshop) -> None:
    kubectl = shop.command("kubectl", 'echo "$*"; exit 1')
    done = shop.run("cluster-state", "techcommerce", "monitoring", KUBECTL=kubectl)
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.splitlines()] == [
        *["techcommerce"] * 2,
        *["monitoring"] * 2,
    ]
