"""What every pod is allowed, how it is asked for its health, and how it ends."""

from __future__ import annotations

import pytest

from tests.deploy.manifests import OVERLAYS, Workload, named, of_kind, overlay, workloads

PODS = {f"{of}-{each.name}": each for of in OVERLAYS for each in workloads(overlay(of))}
ALL = [pytest.param(each, id=name) for name, each in PODS.items()]
RUNNING = [pytest.param(each, id=name) for name, each in PODS.items() if each.runs_on]
OF_BEFORE = {"postgres", "redis-broker", "backup"}


@pytest.mark.parametrize("of", OVERLAYS)
def test_the_namespace_enforces_the_restricted_standard(of: str) -> None:
    for space in of_kind(overlay(of), "Namespace"):
        assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("pod", ALL)
def test_no_pod_has_a_right_that_it_does_not_need(pod: Workload) -> None:
    context, own = pod.pod["securityContext"], pod.container["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] > 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod.pod["automountServiceAccountToken"] is False
    assert pod.pod["enableServiceLinks"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.pod.keys()
    assert not any("hostPath" in volume for volume in pod.pod.get("volumes", ()))


@pytest.mark.parametrize("pod", ALL)
def test_every_pod_runs_as_1001_but_who_owns_a_volume_of_before(pod: Workload) -> None:
    """Its files belong to the image's own user, which no pod may change: the manifest says so."""
    context = pod.pod["securityContext"]
    own = 999 if pod.app in OF_BEFORE else 1001
    assert (context["runAsUser"], context["runAsGroup"]) == (own, own)


@pytest.mark.parametrize("of", OVERLAYS)
def test_each_workload_has_an_account_of_its_own(of: str) -> None:
    accounts = {(each.app, each.pod["serviceAccountName"]) for each in workloads(overlay(of))}
    assert {app for app, account in accounts if app != account} == set()
    for name, account in named(overlay(of), "ServiceAccount").items():
        assert account["automountServiceAccountToken"] is False, name


@pytest.mark.parametrize("pod", RUNNING)
def test_every_running_pod_has_the_three_probes(pod: Workload) -> None:
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= pod.container.keys()


@pytest.mark.parametrize("pod", RUNNING)
def test_life_is_asked_where_no_worker_can_be_in_the_way(pod: Workload) -> None:
    """Port 9100 is served by the main process, and its answer asks no database."""
    if pod.component in {"web", "worker"}:
        asked = pod.container["livenessProbe"]["httpGet"]
        assert asked == {"path": "/health/live", "port": "metrics"}
        assert pod.ports["metrics"] == 9100


@pytest.mark.parametrize("pod", RUNNING)
def test_web_pods_are_ready_by_themselves_and_started_by_their_database(pod: Workload) -> None:
    if pod.component == "web":
        asked = {
            name: pod.container[name]["httpGet"]["path"]
            for name in ("startupProbe", "readinessProbe")
        }
        assert asked == {"startupProbe": "/health/startup", "readinessProbe": "/health/ready"}


@pytest.mark.parametrize("pod", RUNNING)
def test_workers_have_time_to_start(pod: Workload) -> None:
    if pod.component == "worker":
        probe = pod.container["startupProbe"]
        assert probe["httpGet"] == {"path": "/health/live", "port": "metrics"}
        assert probe["periodSeconds"] * probe["failureThreshold"] >= 60


@pytest.mark.parametrize("pod", RUNNING)
def test_web_pods_leave_before_they_end(pod: Workload) -> None:
    """10 s to be taken out of every list, 25 s for what has begun, and 10 s in hand."""
    if pod.component == "web":
        assert pod.container["lifecycle"] == {"preStop": {"sleep": {"seconds": 10}}}
        assert pod.pod["terminationGracePeriodSeconds"] == 45


@pytest.mark.parametrize("pod", RUNNING)
def test_workers_end_what_they_have_begun(pod: Workload) -> None:
    """A mail is interrupted after 45 s and killed after 50 s; SIGTERM itself waits for it."""
    if pod.component == "worker":
        assert pod.pod["terminationGracePeriodSeconds"] == 60
    if pod.name == "order-worker":
        assert "REMAP_SIGTERM" not in pod.environment
        assert "--without-gossip" in pod.container["command"]


@pytest.mark.parametrize("pod", RUNNING)
def test_a_new_pod_serves_before_an_old_one_goes(pod: Workload) -> None:
    if pod.component in {"web", "worker"}:
        assert pod.spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        keys = {each["topologyKey"] for each in pod.pod["topologySpreadConstraints"]}
        assert keys == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        for each in pod.pod["topologySpreadConstraints"]:
            assert each["whenUnsatisfiable"] == "ScheduleAnyway"


@pytest.mark.parametrize("of", OVERLAYS)
def test_a_claimed_volume_has_one_writer(of: str) -> None:
    for each in workloads(overlay(of)):
        if each.kind == "Deployment" and any(
            "persistentVolumeClaim" in volume for volume in each.pod.get("volumes", ())
        ):
            assert each.spec["strategy"] == {"type": "Recreate"}, each.name
            assert each.spec["replicas"] == 1, each.name


@pytest.mark.parametrize("of", OVERLAYS)
def test_every_running_pod_may_be_evicted_one_at_a_time(of: str) -> None:
    budgets = named(overlay(of), "PodDisruptionBudget")
    assert budgets.keys() == {each.name for each in workloads(overlay(of)) if each.runs_on}
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1, name
        assert "minAvailable" not in budget["spec"], name


@pytest.mark.parametrize("pod", RUNNING)
def test_counting_processes_have_a_folder_in_memory(pod: Workload) -> None:
    if pod.component in {"web", "worker"}:
        folder = pod.environment["PROMETHEUS_MULTIPROC_DIR"]
        (name,) = (
            each["name"] for each in pod.container["volumeMounts"] if each["mountPath"] == folder
        )
        (volume,) = (each for each in pod.pod["volumes"] if each["name"] == name)
        assert volume["emptyDir"]["medium"] == "Memory"
