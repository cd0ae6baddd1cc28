"""Gatekeeper's ConstraintTemplates, written from the ValidatingAdmissionPolicies.

The rules are the same text: what a policy calls variables and validations is the source of
Gatekeeper's engine for CEL.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from deploy.local.folder import ROOT

POLICY = ROOT / "deploy" / "kubernetes" / "policy"
PARAMETERS = "expression: params.metadata.?annotations.orValue({})"
RULES = "\n  variables:\n"

TEMPLATE = """\
# Written by `make manifests` from ../../policies/{file}.
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: {name}
spec:
  crd:
    spec:
      names: {{kind: {kind}}}
{schema}  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: K8sNativeValidation
          source:
            failurePolicy: Fail
            variables:
{rules}"""

SCHEMA = """\
      validation:
        openAPIV3Schema:
          type: object
          properties:
            registries: {type: string}
            digests: {type: string}
"""


def templates() -> Iterator[tuple[Path, str]]:
    """Each template's file and its content."""
    for policy in sorted((POLICY / "policies").glob("*.yaml")):
        content = policy.read_text()
        if "kind: ValidatingAdmissionPolicy\n" not in content:
            continue
        kind = "Techcommerce" + policy.stem.title().replace("-", "")
        rules = content.split(RULES)[1].replace(PARAMETERS, "expression: variables.params")
        yield (
            POLICY / "gatekeeper" / "templates" / policy.name,
            TEMPLATE.format(
                file=policy.name,
                name=kind.lower(),
                kind=kind,
                schema=SCHEMA if PARAMETERS in content else "",
                rules=textwrap.indent(rules, " " * 10, lambda line: True),
            ),
        )
