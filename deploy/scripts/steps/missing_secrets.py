"""Prints what the manifests ask of Secrets and the namespace does not have, one thing a line.

    kubectl annotate --local -f all.yaml ... -o json | missing_secrets.py KNOWN [NAMESPACE]

KNOWN holds a line for each Secret that is there: its name and its keys. The manifests of NAMESPACE
are looked at, or all. A line of the output is "Secret" and a name, or "key", its name, "of", and
the Secret, or several with "or" between.

Asked for are volumes, variables and image pulls of each pod, of whatever kind makes it, and each
file below the mount of a Secret that a variable names. What is optional is not asked for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Item = dict[str, Any]
Wanted = tuple[str, frozenset[str]]  # a key ("" for the Secret itself), and who may have it


def main(known_file: str, namespace: str = "") -> int:
    objects = [
        each
        for each in parse(sys.stdin.read())
        if namespace in {"", each["metadata"].get("namespace")}
    ]
    lines = Path(known_file).read_text(encoding="utf-8").splitlines()
    known = {name: set(keys) for name, *keys in map(str.split, lines) if name}
    known.update(written_here(objects))
    made = set(made_here(objects))
    wanted = {each for pod in pods(objects) for each in of_pod(pod, objects)}
    for key, holders in sorted(wanted, key=lambda each: (sorted(each[1]), each[0])):
        there = [known[name] for name in holders if name in known]
        if holders & made or (there and (not key or any(key in keys for keys in there))):
            continue
        if not key:
            print("Secret", *holders)
        elif there:  # a Secret that is not there is named by itself
            print("key", key, "of", " or ".join(sorted(holders)))
    return 0


def parse(text: str) -> Iterator[Item]:
    """kubectl prints one object after the other, or a List."""
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        found, at = decoder.raw_decode(text, at)
        yield from found["items"] if found["kind"].endswith("List") else (found,)


def made_here(objects: list[Item]) -> Iterator[str]:
    """Secrets that come with the manifests, or by an operator that reads one of them."""
    for each in objects:
        spec = each.get("spec", {})
        if each["kind"] in {"Secret", "SealedSecret"}:
            yield each["metadata"]["name"]
        elif each["kind"] == "ExternalSecret" and "dataFrom" in spec:  # whatever the store has
            yield target_of(each)
        elif each["kind"] == "Certificate":
            yield spec["secretName"]


def written_here(objects: list[Item]) -> Iterator[tuple[str, set[str]]]:
    """Secrets that an ExternalSecret lists key by key, so that a missing one is seen."""
    for each in objects:
        if each["kind"] == "ExternalSecret":
            yield target_of(each), {key["secretKey"] for key in each["spec"].get("data", ())}


def target_of(external: Item) -> str:
    name = external["metadata"]["name"]
    return str(external["spec"].get("target", {}).get("name", name))


def pods(objects: list[Item]) -> Iterator[Item]:
    """The specification of each pod: of a Pod, its template, or that of a CronJob's Jobs."""
    for each in objects:
        spec = each.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {})
        if each["kind"] == "Pod" or template.get("spec"):
            yield spec if each["kind"] == "Pod" else template["spec"]
        elif each["kind"] == "ServiceAccount":
            yield {"imagePullSecrets": each.get("imagePullSecrets", [])}


def of_pod(pod: Item, objects: list[Item]) -> Iterator[Wanted]:
    mounted: dict[str, list[Item]] = {}
    for volume in pod.get("volumes", ()):
        for secret in secrets_of(volume):
            yield from of_reference(secret)
            if not secret.get("optional"):
                mounted.setdefault(volume["name"], []).append(secret)
    for reference in pod.get("imagePullSecrets") or ():
        yield from of_reference(reference)
    for container in (*pod.get("initContainers", ()), *pod.get("containers", ())):
        yield from of_container(container)
        yield from of_files(container, mounted, objects)


def secrets_of(volume: Item) -> Iterator[Item]:
    """Its references to Secrets, each with a name."""
    for part in (volume, *volume.get("projected", {}).get("sources", ())):
        if secret := part.get("secret"):
            yield {**secret, "name": secret.get("secretName") or secret["name"]}


def of_reference(reference: Item) -> Iterator[Wanted]:
    """Of a part that names a Secret, and perhaps a key or some."""
    if reference.get("optional"):
        return
    holder = frozenset({reference["name"]})
    yield "", holder
    keys = [each["key"] for each in reference.get("items", ())]
    for key in (*keys, *([reference["key"]] if "key" in reference else ())):
        yield key, holder


def of_container(container: Item) -> Iterator[Wanted]:
    keys = (each.get("valueFrom", {}).get("secretKeyRef") for each in container.get("env", ()))
    whole = (each.get("secretRef") for each in container.get("envFrom", ()))
    for reference in filter(None, (*keys, *whole)):
        yield from of_reference(reference)


def of_files(
    container: Item, mounted: dict[str, list[Item]], objects: list[Item]
) -> Iterator[Wanted]:
    """Files of a Secret that variables of this container name, or the mount by its subPath.

    A ConfigMap is shared: what one pod has no use for stands in a Secret of another.
    """
    own = {each["value"] for each in container.get("env", ()) if "value" in each}
    for mount in container.get("volumeMounts", ()):
        secrets = mounted.get(mount["name"])
        if not secrets:
            continue
        if "subPath" in mount:
            yield from of_file(mount["subPath"], secrets)
            continue
        folder = mount["mountPath"].rstrip("/") + "/"
        for path in own:
            if path.startswith(folder):
                yield from of_file(path.removeprefix(folder), secrets)
        for path in shared_paths(container, objects):
            if path.startswith(folder):
                yield from of_file(path.removeprefix(folder), all_mounted_at(folder, objects))


def of_file(path: str, secrets: list[Item]) -> Iterator[Wanted]:
    """Its key has its name, unless an item makes it: the item's key is asked for already."""
    made = [item["path"] for secret in secrets for item in secret.get("items", ())]
    if not any(each == path or each.startswith(f"{path}/") for each in made):
        yield path, frozenset(secret["name"] for secret in secrets)


def shared_paths(container: Item, objects: list[Item]) -> Iterator[str]:
    names = {each.get("configMapRef", {}).get("name") for each in container.get("envFrom", ())}
    for each in objects:
        if each["kind"] == "ConfigMap" and each["metadata"]["name"] in names:
            yield from (value for value in each.get("data", {}).values() if "\n" not in value)


def all_mounted_at(folder: str, objects: list[Item]) -> list[Item]:
    """The Secrets of all pods that have some at this folder."""
    found: list[Item] = []
    for pod in pods(objects):
        containers = (*pod.get("initContainers", ()), *pod.get("containers", ()))
        mounts = [mount for each in containers for mount in each.get("volumeMounts", ())]
        here = {each["name"] for each in mounts if each["mountPath"].rstrip("/") + "/" == folder}
        for volume in pod.get("volumes", ()):
            if volume["name"] in here:
                found += secrets_of(volume)
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
