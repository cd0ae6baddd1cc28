"""A kubectl over a make-believe cluster: writes down each call and plays a scenario.

    with FakeKubectl(folder) as command: ...     `command` is to be called instead of kubectl

The test's process answers, and the command is a few lines of bash that ask it: a deploy asks some
twenty times, and each start of Python would take longer than the answer. The cluster is in the
folder:
    world.json   contexts; workloads as {name: {"revision", "trouble"}}; jobs as {name: trouble},
                 where a number is that of the looks until it is complete;
                  plan, what goes wrong: {"apply": {stage: message}, "trouble": {name: kind},
                  "broken": a part of the calls that fail, ...}.
                  A name outside of namespace techcommerce has its namespace before it
     calls        one line a call, without --context, and without --namespace techcommerce
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import threading
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import yaml

from tests.deploy.fake_objects import job, workload

World = dict[str, Any]

# Sends the number of its arguments and each of them, ended by NUL; gets the code and the error
# message, ended by NUL, and then the output. It starts no other program.
CLIENT = """#!/bin/bash
[[ " $* " != *" diff "* ]] || cat >/dev/null
exec 3<>/dev/tcp/127.0.0.1/PORT
printf '%s\\0' "$#" "$@" >&3
IFS= read -rd '' code <&3 || { echo "the make-believe cluster failed" >&2; exit 70; }
IFS= read -rd '' error <&3
IFS= read -rd '' output <&3
printf '%s' "$error" >&2
printf '%s' "$output"
exit "$code"
"""
APPLIED = (
    r"^kind: (\w+)\nmetadata:\n(?:  labels:\n(?:    .*\n)*)?  name: (\S+)(?:\n  namespace: (\S+))?"
)
HOME = "techcommerce"


class FakeKubectl:
    """The cluster of one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._server = ThreadingTCPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> Path:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        command = self._folder / "kubectl"
        command.write_text(CLIENT.replace("PORT", str(self._server.server_address[1])))
        command.chmod(0o755)
        return command

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(fake) -> type[StreamRequestHandler]:  # noqa: N805
        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                arguments = [self._text() for _ in range(int(self._text()))]
                code, out, error = fake._answer(arguments)
                self.wfile.write(f"{code}\0{error}\0{out}".encode())

            def _text(self) -> str:
                return b"".join(iter(lambda: self.rfile.read(1), b"\0")).decode()

        return Handler

    def _answer(self, arguments: list[str]) -> tuple[int, str, str]:
        out, error = io.StringIO(), io.StringIO()
        with self._lock, contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = answer(self._folder, arguments)
        return code, out.getvalue(), error.getvalue()


def answer(folder: Path, arguments: list[str]) -> int:
    namespace, arguments = without_options(arguments)
    with (folder / "calls").open("a") as calls:
        elsewhere = f"--namespace {namespace} " if namespace != HOME else ""
        calls.write(elsewhere + " ".join(arguments) + "\n")
    world = json.loads((folder / "world.json").read_text())
    world["namespace"] = namespace
    if world["plan"].get("broken", "\0") in " ".join(arguments):
        print("error: broken on purpose", file=sys.stderr)
        return 1
    verb = {
        "config": contexts,
        "kustomize": kustomize,
        "diff": diff,
        "auth": auth,
        "annotate": as_json,
        "get": get,
        "apply": apply,
        "create": create_job,
        "delete": delete,
        "rollout": undo,
        "logs": logs,
    }[arguments[0]]
    code = verb(world, arguments[1:])
    (folder / "world.json").write_text(json.dumps(world))
    return code


def without_options(arguments: list[str]) -> tuple[str, list[str]]:
    """The namespace, and what comes after the options before the verb."""
    namespace = HOME
    while arguments[0] in {"--context", "--namespace"}:
        namespace = arguments[1] if arguments[0] == "--namespace" else namespace
        arguments = arguments[2:]
    return namespace, arguments


def known_as(namespace: str, name: str) -> str:
    """The key of kind/name in the world."""
    return name if namespace == HOME else f"{namespace}/{name}"


def of_namespace(world: World, kept: str) -> dict[str, Any]:
    """Workloads or jobs of the namespace that is asked, as {kind/name: state}."""
    full = {
        name if name.count("/") > 1 else f"{HOME}/{name}": world[kept][name] for name in world[kept]
    }
    named = (name.partition("/") for name in full)
    return {
        short: full[f"{space}/{short}"] for space, _, short in named if space == world["namespace"]
    }


def contexts(world: World, arguments: list[str]) -> int:
    print("\n".join(world["contexts"]))
    return 0


def kustomize(world: World, arguments: list[str]) -> int:
    print((Path(arguments[-1]) / "rendered.yaml").read_text())
    return 0


def diff(world: World, arguments: list[str]) -> int:
    print(world["plan"].get("shown", "-  image: shop:1\n+  image: shop:2"))
    return int(world["plan"].get("diff", 1))


def as_json(world: World, arguments: list[str]) -> int:
    for each in yaml.safe_load_all(Path(arguments[arguments.index("-f") + 1]).read_text()):
        print(json.dumps(each, indent=4))
    return 0


def secrets(world: World) -> int:
    """Names and keys; None where one may not look."""
    if world["secrets"] is None:
        print("Error from server (Forbidden): secrets is forbidden", file=sys.stderr)
        return 1
    for name, keys in world["secrets"].items():
        space, _, short = name.rpartition("/")
        if (space or HOME) == world["namespace"]:
            print(short, *keys)
    return 0


def tracked(world: World) -> int:
    """What Argo CD wrote on the workloads."""
    print("\n".join(world["plan"].get("tracked", ())))
    return 0


def auth(world: World, arguments: list[str]) -> int:
    return 0 if world["plan"].get("is_administrator", True) else 1


def get(world: World, arguments: list[str]) -> int:
    if arguments[1:] == ["-o", "name"]:
        names = (each.replace("/", ".apps/") for each in of_namespace(world, "workloads"))
        print("\n".join(names))
        return 0
    if arguments[-1].startswith("go-template"):
        return secrets(world) if arguments[0] == "secrets" else tracked(world)
    if arguments[0] == "configmaps":
        kept = world["configmaps"] if world["namespace"] == HOME else ()
        print("\n".join(f"configmap/{name}" for name in kept))
        return 0
    if arguments[-1].startswith("jsonpath"):
        print(world["plan"].get("deadline", ""))
        return 0
    kinds = arguments[0].split(",")
    found = of_namespace(world, "workloads").items()
    items = [item for name, state in found for item in workload(name, state)]
    jobs = of_namespace(world, "jobs")
    items += [item for name, trouble in jobs.items() for item in job(name, trouble)]
    for each in items:
        each["metadata"]["namespace"] = world["namespace"]
    print(json.dumps({"items": [each for each in items if f"{each['kind'].lower()}s" in kinds]}))
    for name, looks in jobs.items():
        if "jobs" in kinds and isinstance(looks, int):
            world["jobs"][known_as(world["namespace"], name)] = looks - 1 or None
    return 0


def apply(world: World, arguments: list[str]) -> int:
    stage, text = Path(arguments[1]).stem, Path(arguments[1]).read_text()
    if stage in world["plan"].get("apply", {}):
        print(world["plan"]["apply"][stage], file=sys.stderr)
        return 1
    trouble = world["plan"].get("trouble", {})
    for kind, name, space in re.findall(APPLIED, text, re.M):
        if kind in {"Deployment", "StatefulSet"}:
            known = known_as(space, f"{kind.lower()}/{name}")
            before = world["workloads"].get(known, {}).get("revision", 0)
            world["workloads"][known] = {"revision": before + 1, "trouble": trouble.get(name)}
        elif kind == "Job":
            world["jobs"][known_as(space, f"job/{name}")] = trouble.get(name)
        print(f"{kind.lower()}/{name} configured")
    return 0


def create_job(world: World, arguments: list[str]) -> int:
    if world["plan"].get("no_cronjob"):
        print('Error from server (NotFound): cronjobs.batch "backup" not found', file=sys.stderr)
        return 1
    world["jobs"][f"job/{arguments[1]}"] = world["plan"].get("trouble", {}).get("backup")
    return 0


def delete(world: World, arguments: list[str]) -> int:
    for name in arguments:
        world["workloads"].pop(known_as(world["namespace"], name), None)
        world["jobs"].pop(known_as(world["namespace"], name), None)
    return 0


def undo(world: World, arguments: list[str]) -> int:
    name, revision = arguments[1], int(arguments[3])
    if name in world["plan"].get("no_undo", ()):
        print("error: unable to find the revision", file=sys.stderr)
        return 1
    world["workloads"][known_as(world["namespace"], name)] = {"revision": revision, "trouble": None}
    return 0


def logs(world: World, arguments: list[str]) -> int:
    print("Traceback ...\n" + world["plan"].get("last_words", "") + "\n")
    return 0
