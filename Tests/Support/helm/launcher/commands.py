"""What each command of the stand-in does with the engine."""

import json
import math
import os
import re
import subprocess
import sys

import yaml

from . import amnesiac, engine, flags as command_line, kubeconfig, repository, values

HELM_3_VERSION = "v3.21.4"
# What the engine's own client library speaks, and so what `helm template` renders for.
DEFAULT_KUBE_VERSION = "v1.37.0"


class Failure(Exception):
    """Ends the command with `Error: …` and exit code 1."""


def run(arguments, major):
    """One command line, from its words to its exit code."""
    try:
        name, rest = command_line.pick_command(arguments)
        if not name or name in command_line.GROUPS:
            print("The Kubernetes package manager\n\nUsage:\n  helm [command]\n")
            return 0
        flags, positional = command_line.parse(name, rest, major)
        if flags.get("help"):
            print(f"Usage:\n  {command_line.COMMANDS[name][2]}")
            return 0
        refused = command_line.unsupported(name, flags)
        if refused:
            raise Failure(f"the Helm engine of the tests has no --{refused[0]}")
        return HANDLERS[name](flags, positional, major) or 0
    except (command_line.UsageError, values.ValuesError, Failure, repository.RepositoryError) as error:
        print(f"Error: {error}", file=sys.stderr)
    except engine.EngineError as error:
        print(f"Error: {wording(str(error))}", file=sys.stderr)
    return 1


def wording(message):
    """The engine's message as the command words it."""
    message = message.replace("\n\n", "\n").strip()
    for prefix in ("install failed: ", "could not read release history: "):
        message = message.removeprefix(prefix)
    for verb in ("status", "list", "get values", "history", "uninstall", "rollback", "show values", "show chart"):
        message = message.removeprefix(f"{verb} failed: ")
    if message.startswith("upgrade failed: "):
        message = message.removeprefix("upgrade failed: ").removeprefix("could not read release history: ")
        if "cluster unreachable" not in message:
            message = "UPGRADE FAILED: " + message
    return message


def open_engine(flags):
    """The engine, for the cluster and namespace that flags, environment and kubeconfig name."""
    options = {}
    if flags.get("plain-http"):
        options["plain_http"] = True
    if flags.get("insecure-skip-tls-verify"):
        options["insecure_skip_tls_verify"] = True
    text = kubeconfig.overridden(flags)
    if text is not None:
        return engine.Engine(kubeconfig.namespace(flags), text, None, options)
    return engine.Engine(
        kubeconfig.namespace(flags), flags.get("kubeconfig"), kubeconfig.context_name(flags), options)


def chart_path(chart, flags):
    """`--repo` names a repository by its address: the chart becomes the address of its archive."""
    if flags.get("repo"):
        return repository.archive(flags["repo"], chart, flags.get("version"))
    return chart


def print_version(flags, _, major):
    version = HELM_3_VERSION if major == 3 else engine.version()
    if flags.get("template"):
        fields = {"Version": version, "GitCommit": "0" * 40, "GitTreeState": "clean", "GoVersion": "go1.25"}
        if major == 4:
            fields["KubeClientVersion"] = ".".join(DEFAULT_KUBE_VERSION.split(".")[:2])

        def field(match):
            if match[1] not in fields:
                raise Failure(
                    f'template: _:1:2: executing "_" at <.{match[1]}>: '
                    f"can't evaluate field {match[1]} in type version.BuildInfo")
            return fields[match[1]]

        sys.stdout.write(re.sub(r"\{\{\s*\.(\w+)\s*\}\}", field, flags["template"]))
    elif flags.get("short"):
        print(version + "+g0000000")
    else:
        extra = "" if major == 3 else f', KubeClientVersion:"{DEFAULT_KUBE_VERSION.rpartition(".")[0]}"'
        print(
            f'version.BuildInfo{{Version:"{version}", GitCommit:"{"0" * 40}", GitTreeState:"clean", '
            f'GoVersion:"go1.25"{extra}}}')


def release_options(flags, major):
    """The engine's options for install and upgrade."""
    wait = flags.get("wait")
    roll_back = bool(flags.get("atomic") or flags.get("rollback-on-failure"))
    if flags.get("atomic") and major == 4:
        print("Flag --atomic has been deprecated, use --rollback-on-failure instead", file=sys.stderr)
    options = {
        "create_namespace": bool(flags.get("create-namespace")),
        "wait": wait in (True, "watcher", "legacy") or (roll_back and wait is None),
        "timeout_seconds": math.ceil(flags.get("timeout", 300)),
        "wait_for_jobs": bool(flags.get("wait-for-jobs")),
        "force_conflicts": bool(flags.get("force-conflicts")),
        # Helm validates against the cluster's OpenAPI document, which simulated clusters do not publish.
        "disable_openapi_validation": True,
        "skip_schema_validation": bool(flags.get("skip-schema-validation")),
        "rollback_on_failure": roll_back,
        "take_ownership": bool(flags.get("take-ownership")),
    }
    return options


def server_side(flags, major, installs):
    """Helm 3 never applies on the server; Helm 4 does unless told otherwise, and on upgrade goes on as it began."""
    if major == 3:
        return "false"
    choice = flags.get("server-side") or ("true" if installs else "auto")
    if choice not in ("true", "false", "auto"):
        raise Failure(f'invalid/unknown release server-side apply method: {choice}')
    return "true" if installs and choice != "false" else choice


def exists(helm, release):
    try:
        history = json.loads(helm.call("history", release)) or []
    except engine.EngineError as error:
        if error.code == engine.RELEASE_NOT_FOUND:
            return False
        raise
    return any((entry.get("info") or entry).get("status") != "uninstalled" for entry in history)


def upgrade(flags, positional, major):
    release, chart = positional
    if flags.get("wait") == "legacy":
        print("WARNING: the Helm engine of the tests waits by watching, not by polling", file=sys.stderr)
    text = json.dumps(values.gather(flags, sys.stdin))
    chart = chart_path(chart, flags)
    rehearsal = flags.get("dry-run", "none")
    if rehearsal == "none":
        helm, child = open_engine(flags), None
    else:
        helm, child = rehearsing_engine(flags)
    try:
        installs = not exists(helm, release)
        if installs and not flags.get("install"):
            raise Failure(f'UPGRADE FAILED: "{release}" has no deployed releases')
        options = {
            **release_options(flags, major),
            "install": bool(flags.get("install")),
            "max_history": flags.get("history-max", int(os.environ.get("HELM_MAX_HISTORY") or 10)),
            "server_side_apply": server_side(flags, major, installs),
            "cleanup_on_fail": bool(flags.get("cleanup-on-fail")),
            "reset_values": bool(flags.get("reset-values")),
            "reuse_values": bool(flags.get("reuse-values")),
        }
        if rehearsal != "none":
            options.update(wait=False, rollback_on_failure=False)
        if installs and flags.get("output", "table") == "table":
            print(f'Release "{release}" does not exist. Installing it now.')
        result = json.loads(
            helm.call("upgrade", release, chart, text, flags.get("version") or "", json.dumps(options)))
    finally:
        if child:
            child.terminate()
            child.wait()
    if rehearsal != "none":
        result["info"].update(status="pending-install" if installs else "pending-upgrade", description="Dry run complete")
    show_release(result, flags, f'Release "{release}" has been upgraded. Happy Helming!' if not installs else None)


def install(flags, positional, major):
    release, chart = positional
    if flags.get("dry-run", "none") != "none":
        raise Failure("the Helm engine of the tests rehearses by `upgrade --install --dry-run` only")
    text = json.dumps(values.gather(flags, sys.stdin))
    options = {**release_options(flags, major), "server_side_apply": server_side(flags, major, True)}
    try:
        result = open_engine(flags).call(
            "install", release, chart_path(chart, flags), text, flags.get("version") or "", json.dumps(options))
    except engine.EngineError as error:
        raise Failure("INSTALLATION FAILED: " + wording(str(error))) from error
    show_release(json.loads(result), flags, None)


def rehearsing_engine(flags):
    """An engine that reads the real cluster, through kubectl's proxy, and whose writes go nowhere."""
    command = ["kubectl", "proxy", "--port=0", "--address=127.0.0.1"]
    if flags.get("kubeconfig"):
        command.append("--kubeconfig=" + flags["kubeconfig"])
    if kubeconfig.context_name(flags):
        command.append("--context=" + kubeconfig.context_name(flags))
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    address = re.search(r"127\.0\.0\.1:\d+", child.stdout.readline())
    if not address:
        raise Failure(f"kubectl proxy: {child.communicate()[1].strip()}")
    return engine.Engine(kubeconfig.namespace(flags), amnesiac.start(DEFAULT_KUBE_VERSION, "http://" + address[0])), child


def template(flags, positional, major):
    release, chart = positional if len(positional) == 2 else ("release-name", positional[0])
    text = json.dumps(values.gather(flags, sys.stdin))
    child = None
    for version in flags.get("api-versions", []):
        parts = version.split("/")
        has_kind = parts[-1][:1].isupper()
        kinds = amnesiac.KINDS.setdefault("/".join(parts[:-1] if has_kind else parts), [])
        if has_kind and not any(parts[-1] == kind for _, kind, _ in kinds):
            kinds.append((parts[-1].lower() + "s", parts[-1], True))
    if flags.get("validate") or flags.get("dry-run") == "server":
        helm, child = rehearsing_engine(flags)
    else:
        version = "v" + (flags.get("kube-version") or DEFAULT_KUBE_VERSION).lstrip("v")
        helm = engine.Engine(kubeconfig.namespace(flags), amnesiac.start(version))
    options = {**release_options(flags, major), "wait": False, "rollback_on_failure": False, "server_side_apply": "true"}
    try:
        result = json.loads(
            helm.call("install", release, chart_path(chart, flags), text, flags.get("version") or "", json.dumps(options)))
    finally:
        if child:
            child.terminate()
            child.wait()
    manifest = result.get("manifest", "").strip() + "\n"
    for hook in result.get("hooks") or []:
        manifest += f"---\n# Source: {hook['path']}\n{hook['manifest']}\n"
    wanted = flags.get("show-only", [])
    if wanted:
        manifest = only(manifest, wanted)
    sys.stdout.write(manifest)


def only(manifest, wanted):
    """The documents that came from the wanted template files."""
    documents = ["---" + part for part in re.split(r"(?m)^---", manifest)[1:]]
    kept = []
    for name in wanted:
        found = [d for d in documents if re.search(rf"(?m)^# Source: [^/\n]+/{re.escape(name)}$", d)]
        if not found:
            raise Failure(f"could not find template {name} in chart")
        kept += found
    return "".join(document.rstrip("\n") + "\n" for document in kept)


def show_release(release, flags, first_line):
    output = flags.get("output", "table")
    if output == "json":
        print(json.dumps(release, separators=(",", ":")))
        return
    if output == "yaml":
        sys.stdout.write(yaml.safe_dump(release))
        return
    if first_line:
        print(first_line)
    info = release.get("info", {})
    print(f"NAME: {release['name']}")
    print(f"LAST DEPLOYED: {info.get('last_deployed', '')}")
    print(f"NAMESPACE: {release.get('namespace', '')}")
    print(f"STATUS: {info.get('status', '')}")
    print(f"REVISION: {release.get('version', '')}")
    if flags.get("dry-run", "none") != "none":
        print("HOOKS:\nMANIFEST:")
        sys.stdout.write(release.get("manifest", ""))
    else:
        print("TEST SUITE: None")
    if info.get("notes"):
        print(f"NOTES:\n{info['notes'].strip()}")


def uninstall(flags, positional, major):
    helm = open_engine(flags)
    wait = flags.get("wait") in (True, "watcher", "legacy")
    for release in positional:
        try:
            helm.call("uninstall", release, int(wait), math.ceil(flags.get("timeout", 300)))
        except engine.EngineError as error:
            if error.code == engine.RELEASE_NOT_FOUND and flags.get("ignore-not-found"):
                continue
            raise
        print(f'release "{release}" uninstalled')


def list_releases(flags, _, major):
    shown = dict(flags)
    if flags.get("all-namespaces"):
        raise Failure("the Helm engine of the tests lists one namespace")
    helm = open_engine(shown)
    states = {state for state in command_line.STATES if flags.get(state)}
    if not states and major == 3 and not flags.get("all"):
        states = {"deployed", "failed"}
    rows = []
    for release in json.loads(helm.call("list", 1)) or []:
        info = release.get("info", {})
        status = info.get("status", "unknown")
        if states and (status if not status.startswith("pending") else "pending") not in states:
            continue
        if flags.get("filter") and not re.search(flags["filter"], release["name"]):
            continue
        metadata = (release.get("chart") or {}).get("metadata", {})
        rows.append({
            "name": release["name"],
            "namespace": release.get("namespace", ""),
            "revision": str(release.get("version", "")),
            "updated": info.get("last_deployed", ""),
            "status": status,
            "chart": f"{metadata.get('name')}-{metadata.get('version')}",
            "app_version": metadata.get("appVersion", ""),
        })
    rows.sort(key=lambda row: row["name"], reverse=bool(flags.get("reverse")))
    rows = rows[flags.get("offset", 0):][:flags.get("max", 256) or None]
    table(rows, flags, ["name", "namespace", "revision", "updated", "status", "chart", "app_version"])


def table(rows, flags, columns):
    output = flags.get("output", "table")
    if flags.get("short"):
        if output == "json":
            print(json.dumps([row["name"] for row in rows]))
        else:
            for row in rows:
                print(row["name"])
    elif output == "json":
        print(json.dumps(rows, separators=(",", ":")))
    elif output == "yaml":
        sys.stdout.write(yaml.safe_dump(rows, sort_keys=False))
    else:
        lines = [[column.upper().replace("_", " ") for column in columns]]
        lines += [[str(row[column]) for column in columns] for row in rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
        for line in lines[1 if flags.get("no-headers") else 0:]:
            print("\t".join(cell.ljust(width) for cell, width in zip(line, widths)))


def status(flags, positional, major):
    release = json.loads(open_engine(flags).call("status", positional[0]))
    release.pop("chart", None)
    show_release(release, flags, None)


def history(flags, positional, major):
    rows = []
    for release in json.loads(open_engine(flags).call("history", positional[0])) or []:
        info, metadata = release.get("info", {}), (release.get("chart") or {}).get("metadata", {})
        rows.append({
            "revision": release.get("version"), "updated": info.get("last_deployed", ""), "status": info.get("status", ""),
            "chart": f"{metadata.get('name')}-{metadata.get('version')}", "app_version": metadata.get("appVersion", ""),
            "description": info.get("description", ""),
        })
    rows.sort(key=lambda row: row["revision"])
    table(rows[-flags.get("max", 256):], flags, ["revision", "updated", "status", "chart", "app_version", "description"])


def rollback(flags, positional, major):
    revision = int(positional[1]) if len(positional) == 2 else 0
    open_engine(flags).call("rollback", positional[0], revision)
    print("Rollback was a success! Happy Helming!")


def get_values(flags, positional, major):
    document = json.loads(open_engine(flags).call("get_values", positional[0], int(bool(flags.get("all"))))) or {}
    if flags.get("output") == "json":
        print(json.dumps(document, separators=(",", ":")))
    else:
        if flags.get("output", "table") == "table":
            print("COMPUTED VALUES:" if flags.get("all") else "USER-SUPPLIED VALUES:")
        sys.stdout.write(yaml.safe_dump(document) if document else "null\n")


def get_manifest(flags, positional, major):
    print(json.loads(open_engine(flags).call("status", positional[0])).get("manifest", ""))


def get_notes(flags, positional, major):
    print("NOTES:\n" + json.loads(open_engine(flags).call("status", positional[0])).get("info", {}).get("notes", ""))


def show(what):
    def handler(flags, positional, major):
        # No cluster is asked; the library opens a configuration all the same.
        text = engine.Engine("default", amnesiac.NOWHERE).call("show_" + what, chart_path(positional[0], flags))
        sys.stdout.write(text.rstrip("\n") + "\n")

    return handler


def repo_add(flags, positional, major):
    options = {key.replace("-", "_"): flags[key] for key in ("insecure-skip-tls-verify",) if flags.get(key)}
    engine.Engine("default", amnesiac.NOWHERE).call_without_result(
        "repo_add", *positional, flags.get("username"), flags.get("password"), json.dumps(options))
    print(f'"{positional[0]}" has been added to your repositories')


def repo_update(flags, positional, major):
    helm = engine.Engine("default", amnesiac.NOWHERE)
    names = positional or [entry["name"] for entry in json.loads(helm.call("repo_list")) or []]
    if not names:
        raise Failure("no repositories found. You must add one before updating")
    for name in names:
        helm.call_without_result("repo_update", name)
    print("Update Complete. ⎈Happy Helming!⎈")


def repo_list(flags, positional, major):
    rows = json.loads(engine.Engine("default", amnesiac.NOWHERE).call("repo_list")) or []
    if not rows:
        raise Failure("no repositories to show")
    table([{"name": row.get("name"), "url": row.get("url")} for row in rows], flags, ["name", "url"])


def repo_remove(flags, positional, major):
    for name in positional:
        engine.Engine("default", amnesiac.NOWHERE).call_without_result("repo_remove", name)
        print(f'"{name}" has been removed from your repositories')


HANDLERS = {
    "version": print_version, "upgrade": upgrade, "install": install, "template": template, "uninstall": uninstall,
    "list": list_releases, "status": status, "history": history, "rollback": rollback, "get values": get_values,
    "get manifest": get_manifest, "get notes": get_notes, "show values": show("values"), "show chart": show("chart"),
    "repo add": repo_add, "repo update": repo_update, "repo list": repo_list, "repo remove": repo_remove,
}
