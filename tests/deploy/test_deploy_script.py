"""deploy.sh over a kubectl that plays a cluster: its order, backups, configuration, namespaces."""

from __future__ import annotations

from tests.deploy.script_trial import BACK, CRASH, OLD, UNDO_ALL, WATCHED, Trial, applied


def test_success_goes_step_by_step(trial: Trial) -> None:
    done = trial.deploy("local", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert trial.steps() == [
        "apply access",
        "apply foundation",
        "delete --ignore-not-found job/migrate-1",
        "apply migrations",
        "delete --ignore-not-found job/seed-demo",
        "apply chores",
        "apply workloads",
        "smoke http://shop.test",
    ]
    assert applied(done) == [  # what pods stand on first, the autoscaler with its Deployment
        *("namespace/techcommerce", "role/deployer"),
        *("configmap/shop-abcdefghi2", "statefulset/postgres"),
        *("job/migrate-1", "job/seed-demo"),
        *("deployment/storefront", "deployment/order-worker", "horizontalpodautoscaler/storefront"),
    ]
    assert "+  image: shop:2" in done.stdout
    assert "order TC-1 confirmed" in done.stdout
    assert done.stdout.rstrip().endswith("The shop sells: http://shop.test")


def test_first_deploy_has_nothing_to_compare_or_back_up(trial: Trial) -> None:
    trial.world()
    done = trial.deploy("local", "--yes", "--backup")
    assert done.returncode == 0
    assert "Nothing runs in techcommerce yet: 9 objects to make" in done.stdout
    assert not any(line.startswith(("diff", "create")) for line in trial.calls())


def test_a_folder_goes_the_same_way(trial: Trial) -> None:
    folder = trial.overlay("../../../elsewhere/trial")
    done = trial.deploy(str(folder), "--yes", SHOP_URL="http://127.0.0.1:30000")
    assert done.returncode == 0
    assert trial.steps()[-1] == "smoke http://127.0.0.1:30000"


def test_the_order_that_proves_it_can_be_chosen(trial: Trial) -> None:
    chosen = {"SMOKE_PAYMENT": "tok_own_card", "SMOKE_PRODUCT": "/p/test-article/"}
    assert trial.deploy("local", "--yes", **chosen).returncode == 0
    smoke = "smoke http://shop.test --payment tok_own_card --product /p/test-article/"
    assert trial.steps()[-1] == smoke


def test_who_may_not_change_rights_leaves_them_alone(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"is_administrator": False})
    assert trial.deploy("local", "--yes").returncode == 0
    assert "apply access" not in trial.steps()


def test_production_is_backed_up_first(trial: Trial) -> None:
    trial.commit()
    assert trial.deploy("production", "--yes", "--context", "kind").returncode == 0
    first, second = trial.steps()[:2]
    assert first.startswith("create job backup-")
    assert first.endswith(" --from=cronjob/backup")
    assert second == "apply access"


def test_without_a_backup_nothing_is_changed(trial: Trial) -> None:
    plan = {"trouble": {"backup": "failed"}, "last_words": "pg_dump: error: no space left"}
    trial.world(workloads=OLD, plan=plan)
    done = trial.deploy("local", "--yes", "--backup")
    why = "Job has reached the backoff limit; its last words: pg_dump: error: no space left"
    assert done.returncode == 1
    assert done.stderr.startswith("Failed: backup: ")
    assert done.stderr.endswith(f"failed: {why}. Nothing was changed.\n")
    assert [line for line in trial.steps() if not line.startswith("create job")] == []


def test_old_configuration_is_pruned_after_success_alone(trial: Trial) -> None:
    names = ["shop-abcdefghi2", "shop-olderolder", "release"]
    trial.world(workloads=OLD, configmaps=names, plan=CRASH)
    assert trial.deploy("local", "--yes").returncode == 1
    assert not any("configmap" in line for line in trial.steps())
    trial.world(workloads=OLD, configmaps=names)
    assert trial.deploy("local", "--yes").returncode == 0
    assert trial.steps()[-1] == "delete configmap/shop-olderolder"


WATCHER = "monitoring/deployment/prometheus"


def test_a_deploy_goes_through_every_namespace_of_its_overlay(trial: Trial) -> None:
    trial.overlay("local", WATCHED)
    trial.world(workloads=OLD | {WATCHER: {"revision": 2, "trouble": None}})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "deployment/prometheus" in applied(done)
    assert "What changes in monitoring techcommerce" in done.stdout
    assert "monitoring/deployment/prometheus 2" in done.stdout


def test_what_fails_in_another_namespace_undoes_every_workload(trial: Trial) -> None:
    trial.overlay("local", WATCHED)
    known = OLD | {WATCHER: {"revision": 2, "trouble": None}}
    trial.world(
        workloads=known, plan={"trouble": {"prometheus": "crash"}, "last_words": "no rules"}
    )
    done = trial.deploy("local", "--yes")
    why = "prometheus: crashes again and again; its last words: no rules"
    assert (done.returncode, done.stderr) == (1, f"Failed: {why}. {BACK}\n")
    undone = [line for line in trial.calls() if "rollout undo" in line]
    there = "--namespace monitoring rollout undo deployment/prometheus --to-revision 2"
    assert sorted(undone) == sorted([*UNDO_ALL, there])


def test_what_is_new_in_another_namespace_goes_away_again(trial: Trial) -> None:
    trial.overlay("local", WATCHED)
    trial.world(workloads=OLD, plan=CRASH)
    assert trial.deploy("local", "--yes").stderr.endswith(f"{BACK}\n")
    gone = "--namespace monitoring delete --ignore-not-found deployment/prometheus"
    assert gone in trial.calls()


def test_what_changes_leaves_out_the_copy_of_what_was_applied(trial: Trial) -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    shown = [
        *("   annotations:", f"-    {key}: |", '-      {"kind":"Deployment"}'),
        *(f"+    {key}: |", f'+      {{"kind":"Deployment","x":"{"y" * 9000}"}}'),
        *("     deployment.kubernetes.io/revision: '7'", "-  image: shop:1", "+  image: shop:2"),
    ]
    trial.world(workloads=OLD, plan={"shown": "\n".join(shown)})
    done = trial.deploy("local", "--yes")
    assert done.returncode == 0
    assert "last-applied" not in done.stdout
    assert '"kind"' not in done.stdout
    for line in ("   annotations:", shown[5], *shown[6:]):
        assert f"{line}\n" in done.stdout
