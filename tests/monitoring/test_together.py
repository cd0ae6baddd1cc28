"""What the parts of monitoring/ say of each other, and what the cluster is given of them."""

from __future__ import annotations

import re

import yaml

from tests.deploy.manifests import KUBERNETES
from tests.monitoring.files import (
    MONITORING,
    PROMETHEUS,
    alerts,
    dashboards,
    metric_names,
    queries,
    recorded,
)


def test_every_alert_names_a_dashboard_that_exists() -> None:
    uids = {dashboard["uid"] for dashboard in dashboards().values()}
    named = {name: rule["annotations"]["dashboard_uid"] for name, rule in alerts().items()}
    assert {name: uid for name, uid in named.items() if uid not in uids} == {}


def test_whatever_is_recorded_is_used() -> None:
    users = [rule["expr"] for rule in alerts().values()]
    users += [query.expr for query in queries()]
    users += recorded().values()
    used = set().union(*map(metric_names, users))
    assert recorded().keys() - used == set()


def test_the_cluster_gets_every_rule_and_dashboard() -> None:
    content = yaml.safe_load((MONITORING / "kustomization.yaml").read_text())
    listed = {
        MONITORING / file.rpartition("=")[2]
        for generated in content["configMapGenerator"]
        for file in generated["files"]
    }
    rules_and_dashboards = {
        *(PROMETHEUS / "rules").glob("*.yml"),
        *(MONITORING / "grafana" / "dashboards").glob("*.json"),
    }
    assert rules_and_dashboards - listed == set()
    assert [file for file in listed if not file.exists()] == []


def test_the_cluster_has_a_name_for_each_workload_that_is_watched() -> None:
    config = yaml.safe_load((PROMETHEUS / "cluster.yml").read_text())
    [asked] = config["scrape_configs"][0]["dns_sd_configs"]
    services = {
        each["metadata"]["name"]: each["spec"]
        for each in yaml.safe_load_all((KUBERNETES / "base" / "metrics.yaml").read_text())
    }
    assert services.keys() == set(asked["names"])
    [relabelled] = config["scrape_configs"][0]["relabel_configs"]
    for name, spec in services.items():
        workload = spec["selector"]["app.kubernetes.io/name"]
        found = re.fullmatch(relabelled["regex"], f"{name}.techcommerce.svc.cluster.local.")
        assert found, name
        assert found[1] == workload
        assert f'absent(up{{job="{workload}"}})' in alerts()["ServiceTargetsMissing"]["expr"]
