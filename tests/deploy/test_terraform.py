"""The files for EKS: names lead somewhere, rights are narrow, and what is kept is encrypted."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.deploy.manifests import KUBERNETES, ROOT, named, overlay, workloads
from tests.deploy.terraform import blocks, code, files, resources

SERVICES = {"storefront", "product-service", "order-service"}
IMAGES = {*SERVICES, "sandbox"}


def test_every_reference_leads_to_a_declaration_and_every_declaration_is_used() -> None:
    declared = {
        *(f"var.{name}" for (name,), _ in blocks("variable")),
        *(f"local.{name}" for _, block in blocks("locals") for name in block),
        *(f"{kind}.{name}" for (kind, name), _ in blocks("resource")),
        *(f"data.{kind}.{name}" for (kind, name), _ in blocks("data")),
    }
    pattern = r"(?<![\w.])(var\.\w+|local\.\w+|data\.\w+\.\w+|aws_\w+\.\w+)"
    used = set(re.findall(pattern, code()))
    assert used - declared == set()
    of_values = {each for each in declared if each.startswith(("var.", "local.", "data."))}
    assert of_values - used == set()


def test_every_variable_and_output_says_what_it_is() -> None:
    for (name,), block in blocks("variable"):
        assert {"type", "description"} <= set(block), name
    for (name,), block in blocks("output"):
        assert {"value", "description"} <= set(block), name


def test_no_password_has_a_default_or_reaches_the_state() -> None:
    secret = [
        (name, block)
        for (name,), block in blocks("variable")
        if re.search("password|secret|token", name) and block["type"] != "number"
    ]
    assert [name for name, _ in secret] == ["redis_passwords"]
    for _, block in secret:
        assert "default" not in block
        assert block["ephemeral"] is block["sensitive"] is True
    stored = re.findall(
        r"^\s*(\w*password\w*|secret_string\w*|auth_token)\s+=", code(), re.MULTILINE
    )
    assert set(stored) == {"passwords_wo", "passwords_wo_version", "manage_master_user_password"}


def test_a_provider_and_a_backend_are_pinned_and_encrypted() -> None:
    ((_, terraform),) = blocks("terraform")
    (providers,) = terraform["required_providers"]
    assert set(providers) - {"__is_block__"} == {"aws"}
    assert re.fullmatch(r"~> \d+\.\d+", providers["aws"]["version"])
    (backend,) = terraform["backend"]
    assert backend["s3"]["encrypt"] is True
    assert backend["s3"]["use_lockfile"] is True


def test_the_database_is_encrypted_closed_and_can_be_set_back() -> None:
    database = resources("aws_db_instance")["this"]
    assert database["engine"] == "postgres"
    wanted = {"storage_encrypted", "multi_az", "deletion_protection", "manage_master_user_password"}
    assert {name for name in wanted if database[name] is not True} == set()
    assert database["publicly_accessible"] is database["skip_final_snapshot"] is False
    assert database["backup_retention_period"] == "${var.backup_days}"
    parameters = resources("aws_db_parameter_group")["this"]["parameter"]
    assert {each["name"]: each["value"] for each in parameters}["rds.force_ssl"] == "1"


def test_the_broker_refuses_when_it_is_full_and_the_cache_forgets() -> None:
    (servers,) = (block["redis"] for _, block in blocks("locals") if "redis" in block)
    assert {name: each["policy"] for name, each in servers.items()} == {
        "broker": "noeviction",
        "cache": "allkeys-lru",
    }
    server = resources("aws_elasticache_replication_group")["this"]
    assert server["for_each"] == "${local.redis}"
    assert server["transit_encryption_enabled"] is server["at_rest_encryption_enabled"] is True
    assert server["transit_encryption_mode"] == "required"
    (parameter,) = resources("aws_elasticache_parameter_group")["this"]["parameter"]
    assert parameter["name"] == "maxmemory-policy"
    assert "-@admin" in resources("aws_elasticache_user")["this"]["access_string"].split()


@pytest.mark.parametrize(("group", "port"), [("database", 5432), ("redis", 6379)])
def test_what_is_rented_is_reached_from_the_cluster_alone(group: str, port: int) -> None:
    rules = resources("aws_vpc_security_group_ingress_rule")
    rule = rules[group]
    assert set(rules) == {"database", "redis"}
    assert (rule["from_port"], rule["to_port"]) == (port, port)
    assert rule["referenced_security_group_id"].startswith("${aws_eks_cluster.this.")
    assert "cidr_ipv4" not in rule


def test_network_policies_are_enforced_and_cpu_is_measured() -> None:
    addons = resources("aws_eks_addon")
    assert "enableNetworkPolicy" in addons["network"]["configuration_values"]
    assert "metrics-server" in addons["on_nodes"]["for_each"]
    assert "${aws_eks_addon.network}" in resources("aws_eks_node_group")["this"]["depends_on"]


def test_a_pod_reaches_no_credentials_of_its_node() -> None:
    (options,) = resources("aws_launch_template")["node"]["metadata_options"]
    assert (options["http_tokens"], options["http_put_response_hop_limit"]) == ("required", 1)


def test_github_s_jobs_are_named_exactly() -> None:
    """A wildcard in the subject would let every branch, or every repository, in."""
    trust = resources("aws_iam_role")["github"]["assume_role_policy"]
    assert "StringEquals" in trust
    assert "StringLike" not in trust
    assert "*" not in trust
    (jobs,) = (block["github_jobs"] for _, block in blocks("locals") if "github_jobs" in block)
    assert jobs == {
        "push": "environment:registry",
        "staging": "environment:staging",
        "production": "environment:production",
    }
    environments = {subject.partition(":")[2] for subject in jobs.values()}
    release = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    assert environments == {
        release["build"]["environment"],
        *(release[name]["with"]["overlay"] for name in ("staging", "production")),
    }


def test_a_deploy_may_find_the_cluster_and_read_images_and_a_build_push_them() -> None:
    rights = resources("aws_iam_role_policy")
    assert set(re.findall(r"\w+:[A-Z]\w+", rights["github_deploy"]["policy"])) == {
        "eks:DescribeCluster",
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    }
    assert set(re.findall(r"(\w+):[A-Z]\w+", rights["github_push"]["policy"])) == {"ecr"}


def test_rights_are_for_named_things() -> None:
    """But for what can't be narrower: a login at the registry, and a key's own policy."""
    wide = {
        name
        for kind in ("aws_iam_role_policy", "aws_kms_key")
        for name, each in resources(kind).items()
        if re.search(r'Resource\s*=\s*"\*"', each["policy"])
    }
    assert wide == {"github_push", "github_deploy", "this"}
    assert not re.search(r'Action\s*=\s*"\*"', code())


def test_each_image_and_each_secret_of_production_has_its_place() -> None:
    registry = resources("aws_ecr_repository")["this"]
    assert set(re.findall(r'"([\w-]+)"', registry["for_each"])) == IMAGES
    needed = {
        f"{pod.namespace}/{name}"
        for pod in workloads(overlay("production"))
        for name, _ in pod.secrets
    }
    (kept,) = (block["secrets"] for _, block in blocks("locals") if "secrets" in block)
    assert set(re.findall(r'"([\w/-]+)"', kept)) == needed


def test_a_tag_that_a_build_moves_can_be_moved() -> None:
    registry = resources("aws_ecr_repository")["this"]
    assert registry["image_tag_mutability"] == "IMMUTABLE_WITH_EXCLUSION"
    moving = {each["filter"] for each in registry["image_tag_mutability_exclusion_filter"]}
    build = (ROOT / "deploy/scripts/ci/build.sh").read_text()
    assert moving == set(re.findall(r"\$image:([a-z]+)\b", build))
    assert "image-manifest=true,oci-mediatypes=true" in build


def test_its_outputs_are_lines_of_the_production_overlay() -> None:
    text = str(next(block["value"] for (name,), block in blocks("output") if name == "shop_env"))
    own = (KUBERNETES / "overlays/production/shop/shop.env").read_text().splitlines()
    known = {line.partition("=")[0] for line in own}
    suffixes = set(re.findall(r"\$\{upper\(service\)\}(\w+)=", text))
    made = {
        f"{service.replace('-', '_').upper()}{suffix}"
        for service in SERVICES
        for suffix in suffixes
    }
    assert suffixes == {"_DATABASE_URL", "_OWNER_DATABASE_URL"}
    assert made <= known
    assert "PGSSLMODE=require" in text
    assert "PGSSLMODE=require" in own
    policies = named(overlay("production"), "NetworkPolicy")
    assert {"to-managed-postgres", "to-managed-redis"} <= set(policies)


def test_every_file_is_read() -> None:
    assert set(files()) >= {"cluster.tf", "database.tf", "redis.tf", "github.tf", "variables.tf"}
