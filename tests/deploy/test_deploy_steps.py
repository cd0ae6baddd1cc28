"""deploy.sh fails at each of its steps, one list, and leaves the shop as it was; who signed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.deploy import fake_cosign
from tests.deploy.script_trial import (
    BACK,
    CRASH,
    IMAGE,
    IMAGES,
    MIGRATION,
    OLD,
    RENDERED,
    ROOT,
    UNDO_ALL,
    WORKER,
    Trial,
    manifest,
)

TOLD = ("staging", "--yes", "--context", "kind", "--backup", "--timeout", "1")


@dataclass(frozen=True)
class Failure:
    """What goes wrong at a step, and the words about it."""

    why: str
    arguments: tuple[str, ...] = TOLD
    plan: dict[str, Any] = field(default_factory=dict)
    smoke: str = ""
    before: Callable[[Trial], None] = lambda trial: None


def dirty(trial: Trial) -> None:
    images = trial.folder / "deploy/kubernetes/overlays/staging/images/kustomization.yaml"
    images.write_text(f"{IMAGES}# changed\n")


def unsigned(trial: Trial) -> None:
    (trial.folder / "signatures").unlink()


REFUSED = {
    "read_arguments": Failure("there is no option --force", (*TOLD, "--force")),
    "choose_overlay": Failure("there is no overlay 'stagin'", ("stagin", *TOLD[1:])),
    "choose_context": Failure("there is no context 'other'", ("staging", "--context", "other")),
    "refuse_dirty_images": Failure("the images of staging are not committed", before=dirty),
    "render": Failure("staging cannot be rendered", plan={"broken": "kustomize"}),
    "refuse_what_argo_cd_applies": Failure(
        "Argo CD applies", plan={"tracked": ["staging:apps/Deployment:techcommerce/storefront"]}
    ),
    "refuse_unsigned_images": Failure(f"{WORKER} is not signed by", before=unsigned),
    "refuse_missing_secrets": Failure("cannot be read", plan={"broken": "annotate"}),
    "refuse_doubles": Failure(
        "the cluster does not answer", plan={"broken": "deployments,services"}
    ),
    "show_diff": Failure("the cluster cannot say what would change", plan={"diff": 2}),
    "confirm": Failure("nobody can be asked here", ("staging", "--context", "kind")),
    "note_revisions": Failure(
        "the cluster does not answer", plan={"broken": "controllerrevisions"}
    ),
}
STOPPED = {
    "backup": Failure("cronjobs.batch", plan={"no_cronjob": True}),
}
UNDONE = {
    "apply foundation": Failure(
        "foundation: error: NetworkPolicy is invalid",
        plan={"apply": {"foundation": "error: NetworkPolicy is invalid"}},
    ),
    'wait_for "${statefulsets[@]}"': Failure(
        'postgres: its image cannot be pulled: no image "shop:broken"',
        plan={"trouble": {"postgres": "image"}},
    ),
    "run_jobs migrations": Failure(
        "migrate-1: failed: Job has reached the backoff limit; "
        "its last words: DuplicateColumn: colour",
        plan=MIGRATION,
    ),
    "run_jobs chores": Failure(
        "seed-demo: failed: Job has reached the backoff limit; its last words: no products",
        plan={"trouble": {"seed-demo": "failed"}, "last_words": "no products"},
    ),
    "apply workloads": Failure(
        'apply: Deployment "storefront" is invalid: spec.selector',
        plan={"apply": {"workloads": 'Deployment "storefront" is invalid: spec.selector'}},
    ),
    'wait_for "${statefulsets[@]}" "${deployments[@]}"': Failure(
        "order-worker: crashes again and again; its last words: ImproperlyConfigured: no REDIS_URL",
        plan=CRASH,
    ),
    "order": Failure(
        "smoke test: placing the order: 503 /checkout/place/ says: Back in a moment",
        smoke="placing the order: 503 /checkout/place/ says: Back in a moment",
    ),
}
HARMLESS = {
    "prune_configuration": Failure("shop-olderolder stays", plan={"broken": "delete configmap"}),
}
UNABLE_TO_FAIL = ("((BASH", "trap ", "step ")


def steps() -> list[str]:
    """The lines of main in deploy.sh, without what they do when they fail."""
    text = (ROOT / "deploy" / "scripts" / "deploy.sh").read_text()
    body = text.partition("\nmain() {\n")[2].partition("\n}\n")[0]
    lines = [line.strip().partition(" || ")[0].removesuffix(' "$@"') for line in body.splitlines()]
    return [line for line in lines if not line.startswith(UNABLE_TO_FAIL)]


def test_the_list_has_every_step_in_order() -> None:
    assert [*REFUSED, *STOPPED, *UNDONE, *HARMLESS] == steps()


def fail(trial: Trial, failure: Failure) -> tuple[int, str, str]:
    trial.commit()
    trial.world(workloads=OLD, plan=failure.plan, configmaps=["shop-olderolder"])
    if failure.smoke:
        trial.smoke(failure.smoke)
    failure.before(trial)
    done = trial.deploy(*failure.arguments)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("step", REFUSED)
def test_a_step_that_refuses_touches_nothing(trial: Trial, step: str) -> None:
    code, _, error = fail(trial, REFUSED[step])
    last = [line for line in error.splitlines() if line.startswith("Refused: ")][-1]
    assert (code, trial.steps()) == (2, [])
    assert REFUSED[step].why in last


@pytest.mark.parametrize("step", STOPPED)
def test_a_step_that_stops_changes_nothing(trial: Trial, step: str) -> None:
    code, _, error = fail(trial, STOPPED[step])
    assert (code, trial.undone()) == (1, [])
    assert STOPPED[step].why in error
    assert error.endswith("Nothing was changed.\n")
    assert not any(line.startswith("apply") for line in trial.steps())


@pytest.mark.parametrize("step", UNDONE)
def test_a_step_that_fails_undoes_every_workload(trial: Trial, step: str) -> None:
    code, _, error = fail(trial, UNDONE[step])
    assert (code, error) == (1, f"Failed: {UNDONE[step].why}. {BACK}\n")
    assert trial.undone() == UNDO_ALL
    ordered = [line for line in trial.steps() if line.startswith("smoke")]
    assert ordered == ["smoke http://shop.test"] * (2 if step == "order" else 1)


@pytest.mark.parametrize("step", HARMLESS)
def test_a_step_after_the_order_cannot_fail_the_deploy(trial: Trial, step: str) -> None:
    code, out, error = fail(trial, HARMLESS[step])
    assert (code, trial.undone()) == (0, [])
    assert HARMLESS[step].why in out
    assert out.endswith("The shop sells: http://shop.test\n"), error


def test_every_image_of_ours_is_verified_by_digest(trial: Trial) -> None:
    trial.overlay("staging", RENDERED + manifest("Job", "late", "spec: {image: redis:7}\n"))
    trial.commit()
    assert trial.deploy(*TOLD).returncode == 0
    asked = [line for line in trial.calls() if line.startswith("cosign verify")]
    who = f"--certificate-identity {fake_cosign.IDENTITY} "
    who += f"--certificate-oidc-issuer {fake_cosign.ISSUER}"
    assert asked == [f"cosign verify {who} {image}" for image in (WORKER, IMAGE)]


def test_local_asks_nobody_for_signatures(trial: Trial) -> None:
    unsigned(trial)
    assert trial.deploy("local", "--yes").returncode == 0
    assert not any(line.startswith("cosign") for line in trial.calls())


def refused(trial: Trial, **variables: str) -> str:
    trial.commit()
    done = trial.deploy(*TOLD, **variables)
    assert (done.returncode, trial.steps()) == (2, [])
    return done.stderr


def test_who_else_has_signed_does_not_count(trial: Trial) -> None:
    unsigned(trial)
    fake_cosign.sign(trial.folder, IMAGE, WORKER, identity=f"{fake_cosign.IDENTITY}-not")
    error = refused(trial)
    assert f"{WORKER} is not signed by {fake_cosign.IDENTITY} (Error: none of the expected" in error
    assert "put it into\n    deploy/kubernetes/overlays/staging/images/signatures.env" in error


def test_a_shop_that_signs_nothing_says_so_in_git(trial: Trial) -> None:
    trial.signed_by(trial.overlay("staging"), "none")
    unsigned(trial)
    trial.commit()
    done = trial.deploy(*TOLD, COSIGN="/nowhere/cosign")
    assert (done.returncode, done.stderr) == (0, "")
    assert "The images are not checked: " in done.stdout
    assert "images/signatures.env says IDENTITY=none" in done.stdout


def test_silence_about_signatures_is_refused(trial: Trial) -> None:
    file = trial.overlay("staging") / "images" / "signatures.env"
    file.unlink()
    assert "nobody says who signs the images of staging" in refused(trial)


def test_an_image_without_digest_is_signed_by_nobody(trial: Trial) -> None:
    trial.overlay("staging", RENDERED.replace(IMAGE, "registry.test/storefront:latest"))
    assert "registry.test/storefront:latest has no digest" in refused(trial)


def test_without_cosign_nothing_passes(trial: Trial) -> None:
    error = refused(trial, COSIGN="/nowhere/cosign")
    assert "/nowhere/cosign does not work, and the images of staging must be signed" in error
