"""What deploy.sh refuses before it touches anything."""

from __future__ import annotations

import pytest

from tests.deploy.script_trial import OLD, RENDERED, WATCHED, Trial, manifest
from tests.effort import third


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "there is no overlay ''; there are: local production staging"),
        (("locl",), "there is no overlay 'locl'; there are: local production staging"),
        (("local", "staging"), "one overlay at a time, not local and staging"),
        (("local", "--force"), "there is no option --force (see --help)"),
        (("local", "--context"), "--context lacks its value (see --help)"),
        (("local", "--timeout", "soon"), "--timeout is a number of seconds"),
        (("local", "--context", "prod"), "there is no context 'prod'; known are: kind"),
        (("local",), "nobody can be asked here; say --yes"),
        (("staging", "--yes"), "say which cluster with --context; known are: kind"),
    ],
)
def test_refuses_what_is_in_doubt(trial: Trial, arguments: tuple[str, ...], why: str) -> None:
    done = trial.deploy(*arguments)
    assert (done.returncode, done.stderr) == (2, f"Refused: {why}\n")
    assert trial.steps() == []


def test_several_clusters_are_told_apart_by_name(trial: Trial) -> None:
    trial.world(contexts=["kind", "prod"], workloads=OLD)
    done = trial.deploy("local", "--yes")
    assert done.stderr == "Refused: say which cluster with --context; known are: kind prod\n"
    assert trial.deploy("local", "--yes", KUBE_CONTEXT="kind").returncode == 0


def test_images_of_a_shop_in_use_stand_in_git(trial: Trial) -> None:
    told = ("staging", "--yes", "--context", "kind")
    assert "staging is deployed from a git repository" in trial.deploy(*told).stderr
    trial.commit()
    assert trial.deploy(*told).returncode == 0
    images = trial.overlay("staging") / "images" / "kustomization.yaml"
    images.write_text("images: [{name: techcommerce/storefront, digest: sha256:1}]\n")
    done = trial.deploy(*told)
    assert done.returncode == 2
    assert "the images of staging are not committed" in done.stderr


WAYS = ("production/", "./production", "local/../production", "absolute")


@pytest.mark.parametrize("way", third(WAYS))
def test_production_is_guarded_by_whatever_path_it_is_named(trial: Trial, way: str) -> None:
    folder = str(trial.overlay("production")) if way == "absolute" else way
    done = trial.deploy(folder, "--yes")
    assert done.stderr == "Refused: say which cluster with --context; known are: kind\n"
    told = (folder, "--yes", "--context", "kind")
    assert "production is deployed from a git repository" in trial.deploy(*told).stderr
    trial.commit()
    assert trial.deploy(*told).returncode == 0
    assert trial.steps()[0].startswith("create job backup-")


@pytest.mark.parametrize("of", ["staging", "production"])
def test_a_part_of_an_overlay_goes_round_no_guard(trial: Trial, of: str) -> None:
    part = trial.overlay(f"{of}/shop")
    done = trial.deploy(str(part), "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr == (f"Refused: {of}/shop is a part of an overlay; deploy {of} as a whole\n")


def test_a_cluster_that_does_not_answer_is_not_an_empty_one(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"broken": "get deployments -o name"})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr.endswith("Refused: the cluster does not answer\n")


def test_refuses_an_overlay_without_a_release(trial: Trial) -> None:
    image = f"spec:\n  image: shop@sha256:{'0' * 64}\n"
    trial.overlay("local", RENDERED + manifest("Deployment", "unreleased", image))
    done = trial.deploy("local", "--yes")
    assert done.stderr == "Refused: local has no released images yet\n"


def test_refuses_what_argo_cd_applies(trial: Trial) -> None:
    """Two that correct each other's work would never come to rest."""
    where = "apps/Deployment:techcommerce/storefront"
    trial.world(workloads=OLD, plan={"tracked": [f"techcommerce-staging:{where}"]})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    first, *_, last = done.stderr.splitlines()
    assert first == (
        "Refused: Argo CD applies techcommerce, as its application techcommerce-staging: "
        "release there, by a commit."
    )
    assert last.endswith("deployments,statefulsets --all argocd.argoproj.io/tracking-id-")


def test_refuses_a_folder_of_argo_cd(trial: Trial) -> None:
    hook = "  annotations:\n    argocd.argoproj.io/hook: PostSync\n"
    folder = trial.overlay("../../../argocd/staging", RENDERED + manifest("Job", "smoke", hook))
    done = trial.deploy(str(folder), "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr == (
        f"Refused: {folder} is what Argo CD applies; "
        "deploy.sh takes the overlay that it is made of\n"
    )


def test_nothing_watches_a_shop_twice(trial: Trial) -> None:
    """A shop of before has its monitoring beside it, and Grafana's port is taken."""
    trial.overlay("local", WATCHED)
    trial.world(workloads=OLD | {"deployment/prometheus": {"revision": 1, "trouble": None}})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr.startswith("Refused: techcommerce still has prometheus, for which ")
    last = done.stderr.splitlines()[-1].strip()
    kinds = "deployment,service,pdb,networkpolicy,serviceaccount,pvc,secret"
    assert last == f"{kinds} prometheus"


def test_one_shop_at_a_time(trial: Trial) -> None:
    two = RENDERED + manifest("Deployment", "storefront", space="elsewhere")
    trial.overlay("local", two)
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert "one shop at a time" in done.stderr
