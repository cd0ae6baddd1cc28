"""What the first document of this project fixes, row by row: it holds, or docs/deploy.md says why.

A test has the name of its row. DIFFERENT lists what was decided otherwise: the row of "Where it
differs from the first document" that gives the reason.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.deploy.manifests import OVERLAYS, ROOT, SPACES, named, of_kind, overlay, workload
from tests.deploy.test_schema import OLDEST
from tests.deploy.test_sizes import mebibytes, millicores

PUBLIC = ("staging", "production")
DOCS = (ROOT / "docs" / "deploy.md").read_text()
DIFFERENT = (
    "frontend and services",
    "memory",
    "CPU on one machine",
    "UID 1001",
    "namespaces",
    "ports of staging",
    "Kubernetes 1.27",
    "ingress add-on",
    "dashboard for the cluster",
    "Jest, npm audit, Safety",
    "Docker Hub",
)


def table(heading: str) -> dict[str, str]:
    """The rows of the table below a heading of docs/deploy.md, by their first column."""
    _, _, rest = DOCS.partition(f"\n{heading}\n")
    section = re.split(r"\n#+ ", rest)[0]
    rows = (line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| "))
    return {cells[0].strip(): " | ".join(cells[1:]) for cells in rows}


def requests_of(name: str, of: str) -> tuple[int, int]:
    asked = workload(name, of=of).container["resources"]["requests"]
    return millicores(asked["cpu"]), mebibytes(asked["memory"])


def node_port(service: str, of: str) -> int:
    return int(named(overlay(of), "Service")[service]["spec"]["ports"][0]["nodePort"])


@pytest.mark.parametrize("row", DIFFERENT)
def test_what_differs_has_its_reason(row: str) -> None:
    rows = table("## Where it differs from the first document")
    (reason,) = (text for name, text in rows.items() if name.startswith(row))
    assert len(reason.split()) > 8


def test_nothing_differs_that_no_row_of_this_file_names() -> None:
    rows = table("## Where it differs from the first document").keys() - {"the document", "---"}
    assert {row for row in rows if not row.startswith(DIFFERENT)} == set()


def has_health_checks(name: str, of: str) -> bool:
    return {"startupProbe", "livenessProbe", "readinessProbe"} <= workload(
        name, of=of
    ).container.keys()


@pytest.mark.parametrize("of", PUBLIC)
def test_frontend(of: str) -> None:
    """2 replicas, no autoscaling, 100m / 128Mi, health checks, NodePort 30000."""
    assert workload("storefront", of=of).spec["replicas"] == 2
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]
        for each in of_kind(overlay(of), "HorizontalPodAutoscaler")
    }
    assert "storefront" not in scaled
    assert has_health_checks("storefront", of)
    cpu, memory = requests_of("storefront", of)
    assert (cpu, memory) == (100, 256)  # row "memory"
    assert node_port("storefront", "production") == node_port("storefront", "local") == 30000


@pytest.mark.parametrize("of", PUBLIC)
def test_product_api(of: str) -> None:
    """2 to 10 replicas at CPU 70 %, 100m / 128Mi, health checks."""
    (scaler,) = of_kind(overlay(of), "HorizontalPodAutoscaler")
    spec = scaler["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 10)
    assert spec["metrics"][0]["containerResource"]["target"]["averageUtilization"] == 70
    assert has_health_checks("product-service", of)
    assert requests_of("product-service", of) == (100, 256)  # row "memory"


@pytest.mark.parametrize("of", PUBLIC)
def test_order_api(of: str) -> None:
    """2 replicas, 100m / 128Mi, health checks."""
    assert workload("order-service", of=of).spec["replicas"] == 2
    assert has_health_checks("order-service", of)
    assert requests_of("order-service", of) == (100, 192)  # row "memory"


@pytest.mark.parametrize("of", PUBLIC)
def test_prometheus(of: str) -> None:
    """1 replica, 500m / 512Mi, port 9090, 2.45 or later."""
    pod = workload("prometheus", of=of)
    assert pod.spec["replicas"] == 1
    assert requests_of("prometheus", of) == (500, 512)
    assert pod.ports == {"http": 9090}
    assert version(pod.container["image"]) >= (2, 45)


@pytest.mark.parametrize("of", PUBLIC)
def test_grafana(of: str) -> None:
    """1 replica, 250m / 256Mi, port 3000, NodePort 30030, user admin, 10.0 or later."""
    pod = workload("grafana", of=of)
    assert pod.spec["replicas"] == 1
    assert requests_of("grafana", of) == (250, 256)
    assert pod.ports == {"http": 3000}
    assert version(pod.container["image"]) >= (10, 0)
    assert "GF_SECURITY_ADMIN_USER" not in pod.environment  # Grafana's own is admin
    assert "GF_SECURITY_ADMIN_PASSWORD__FILE" in pod.environment
    assert node_port("grafana", "production") == node_port("grafana", "local") == 30030


def version(image: str) -> tuple[int, int]:
    found = re.search(r":v?(\d+)\.(\d+)", image)
    assert found, image
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("of", PUBLIC)
def test_alerting(of: str) -> None:
    """Alertmanager, 10 or more rules."""
    assert workload("alertmanager", of=of).spec["replicas"] == 1
    rules = [
        text
        for name, each in named(overlay(of), "ConfigMap").items()
        if name.startswith("prometheus-rules-")
        for text in each["data"].values()
    ]
    assert sum(text.count("- alert:") for text in rules) >= 10


def test_namespaces() -> None:
    """techcommerce and monitoring."""
    assert SPACES["local"] == ("techcommerce", "monitoring")
    for of in PUBLIC:
        assert SPACES[of] == (f"techcommerce-{of}", f"monitoring-{of}")  # row "namespaces"


def test_containers() -> None:
    """Multi-stage images, non-root UID 1001, tags SHA and latest, registry by one variable."""
    stages = re.findall(r"^FROM ", (ROOT / "deploy" / "Dockerfile").read_text(), re.M)
    assert len(stages) > 2
    assert "USER 1001:1001" in (ROOT / "deploy" / "Dockerfile").read_text()
    build = (ROOT / "deploy" / "scripts" / "ci" / "build.sh").read_text()
    assert "$image:$revision" in build
    assert "$image:latest" in build
    assert "REGISTRY" in build


@pytest.mark.parametrize("of", OVERLAYS)
def test_kubernetes(of: str) -> None:
    """Deployments, Services, ConfigMaps, Secrets, HPA, policies, RBAC for services and pipeline."""
    kinds = {each["kind"] for each in overlay(of)}
    assert kinds >= {
        *("Deployment", "Service", "ConfigMap", "HorizontalPodAutoscaler", "NetworkPolicy"),
        *("ServiceAccount", "Role", "RoleBinding"),
    }
    assert OLDEST == "1.30"  # row "Kubernetes 1.27"
    assert {secret for secret, _ in workload("storefront", of=of).secrets} == {"storefront"}


def test_kubernetes_on_minikube() -> None:
    """minikube with metrics-server; row "ingress add-on" for the other."""
    assert "minikube addons enable metrics-server" in DOCS


def test_environments() -> None:
    """Kustomize base, staging, production."""
    folder = ROOT / "deploy" / "kubernetes"
    for name in ("base", "overlays/staging", "overlays/production"):
        assert (folder / name / "kustomization.yaml").is_file()


def jobs(workflow: str) -> dict[str, Any]:
    text = (ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text()
    found: dict[str, Any] = yaml.safe_load(text)["jobs"]
    return found


def runs(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_pipeline_tests_and_scans_before_it_builds() -> None:
    """push -> test -> security scan -> build and push."""
    ci, release = jobs("ci"), jobs("release")
    assert "make test" in runs(ci["test"])
    assert "test" in ci["scan"]["needs"]
    for script in ("audit.sh", "secrets.sh", "trivy.sh"):
        assert script in runs(ci["scan"])
    assert release["ci"]["uses"].endswith("/ci.yml")
    assert release["build"]["needs"] == "ci"
    assert "build.sh" in runs(release["build"])
    assert "--push" in runs(release["build"])


def test_pipeline_deploys_staging_then_production_after_an_approval() -> None:
    """deploy staging + smoke tests -> manual approval -> deploy production."""
    release, deploy = jobs("release"), jobs("deploy")
    assert release["staging"]["needs"] == "build"
    assert set(release["production"]["needs"]) == {"build", "staging"}
    for of in PUBLIC:
        assert release[of]["uses"].endswith("/deploy.yml")
        assert release[of]["with"]["overlay"] == of
    assert "inputs.overlay" in deploy["deploy"]["environment"]  # production's has reviewers
    assert "deploy-overlay.sh" in runs(deploy["deploy"])
    script = (ROOT / "deploy" / "scripts" / "ci" / "deploy-overlay.sh").read_text()
    assert "deploy.sh" in script


def test_pipeline_rolls_out_backs_up_and_goes_back() -> None:
    """Rolling update, backup, automatic rollback: deploy.sh, whose own tests play each failure."""
    for name in ("storefront", "product-service", "order-service"):
        strategy = workload(name, of="production").spec["strategy"]
        assert strategy["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    script = (ROOT / "deploy" / "scripts" / "deploy.sh").read_text()
    for step in ("backup ||", "order || give_up", "undo"):
        assert step in script


def test_security() -> None:
    """Secrets, no credentials in code, image scanning, scoped tokens."""
    assert not [each for of in OVERLAYS for each in of_kind(overlay(of), "Secret")]
    assert "trivy.sh image" in runs(jobs("ci")["build"])
    for workflow in ("ci", "release", "deploy", "scheduled"):
        text = (ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text()
        assert yaml.safe_load(text)["permissions"] == {}
        assert all("permissions" in job for job in jobs(workflow).values())


def test_security_signed_commits() -> None:
    """The commits of the pipeline are signed; people's are the repository's setting."""
    assert "SIGNING_KEY" in (ROOT / ".github" / "workflows" / "deploy.yml").read_text()


TROUBLES = {
    "dial tcp [::1]:8080": ("kubectl config", "minikube start"),
    "CrashLoopBackOff": ("describe pod", "logs"),
    "rollout status": ("get events", "rollout undo"),
    "ErrImagePull": ("docker pull", "docker-registry"),
    "minikube": ("minikube service list",),
}


@pytest.mark.parametrize("symptom", TROUBLES)
def test_troubleshooting(symptom: str) -> None:
    rows = table("## When something is wrong")
    (cure,) = (text for name, text in rows.items() if symptom in name)
    for command in TROUBLES[symptom]:
        assert command in cure


FUTURE = {
    "Gatekeeper policies": "deploy/kubernetes/policy",
    "GitOps": "deploy/argocd",
    "managed Kubernetes": "deploy/terraform/eks",
    "image signing": "deploy/scripts/ci/sign.sh",
    "integration tests": "tests/e2e",
    "Alertmanager notifications": "monitoring/alertmanager/alertmanager.yml",
    "caching": ".github/actions/setup",
}


@pytest.mark.parametrize("improvement", FUTURE)
def test_future_improvements_are_here(improvement: str) -> None:
    assert (ROOT / FUTURE[improvement]).exists()


def test_future_improvements_self_hosted_runners() -> None:
    """One variable names the runner."""
    for workflow in ("ci", "release", "scheduled"):
        for job in jobs(workflow).values():
            assert "uses" in job or "vars.RUNNER" in str(job["runs-on"])
