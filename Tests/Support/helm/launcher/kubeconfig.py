"""The part of kubeconfig loading that the launcher needs itself: the namespace, and the flags that override a file."""

import base64
import os
import pathlib

import yaml


def files(flags):
    """The kubeconfig files in the order in which they count."""
    if flags.get("kubeconfig"):
        return [flags["kubeconfig"]]
    listed = [part for part in os.environ.get("KUBECONFIG", "").split(":") if part]
    return listed or [str(pathlib.Path.home() / ".kube" / "config")]


def load(flags):
    """The files merged: the first file that names a thing wins. Files that do not exist count as empty."""
    merged = {"apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "users": []}
    for name in files(flags):
        path = pathlib.Path(name)
        if not path.is_file():
            continue
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        merged.setdefault("current-context", document.get("current-context") or None)
        if merged["current-context"] is None:
            del merged["current-context"]
        for kind in ("clusters", "contexts", "users"):
            known = {entry["name"] for entry in merged[kind]}
            for entry in document.get(kind) or []:
                if entry["name"] not in known:
                    merged[kind].append(absolute(entry, path.resolve().parent))
    return merged


def absolute(entry, folder):
    """Paths in a kubeconfig are relative to its own folder."""
    result = {}
    for key, value in entry.items():
        if isinstance(value, dict):
            value = absolute(value, folder)
        elif key in ("certificate-authority", "client-certificate", "client-key", "tokenFile") and value:
            value = str(folder / value)
        result[key] = value
    return result


def named(entries, name, part):
    for entry in entries:
        if entry["name"] == name:
            return entry.get(part) or {}
    return {}


def setting(flags, flag, variable):
    return flags.get(flag) or os.environ.get(variable) or None


def context_name(flags):
    return setting(flags, "kube-context", "HELM_KUBECONTEXT")


def namespace(flags):
    """`--namespace`, HELM_NAMESPACE, the namespace of the context, `default`."""
    chosen = setting(flags, "namespace", "HELM_NAMESPACE")
    if chosen:
        return chosen
    config = load(flags)
    name = context_name(flags) or config.get("current-context")
    return named(config["contexts"], name, "context").get("namespace") or "default"


OVERRIDES = (
    ("kube-apiserver", "HELM_KUBEAPISERVER", "cluster", "server"),
    ("kube-ca-file", "HELM_KUBECAFILE", "cluster", "certificate-authority"),
    ("kube-tls-server-name", "HELM_KUBETLS_SERVER_NAME", "cluster", "tls-server-name"),
    ("kube-token", "HELM_KUBETOKEN", "user", "token"),
    ("kube-as-user", "HELM_KUBEASUSER", "user", "as"),
)


def overridden(flags):
    """The text of a kubeconfig with the `--kube-…` flags applied; None where the files may be read as they are."""
    changes = {"cluster": {}, "user": {}}
    for flag, variable, part, key in OVERRIDES:
        value = setting(flags, flag, variable)
        if value:
            changes[part][key] = value
    if flags.get("kube-as-group"):
        changes["user"]["as-groups"] = flags["kube-as-group"]
    if setting(flags, "kube-insecure-skip-tls-verify", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY") in (True, "true"):
        changes["cluster"]["insecure-skip-tls-verify"] = True
    if not changes["cluster"] and not changes["user"]:
        return None
    config = load(flags)
    name = context_name(flags) or config.get("current-context")
    context = named(config["contexts"], name, "context")
    cluster = {**named(config["clusters"], context.get("cluster"), "cluster"), **changes["cluster"]}
    if "certificate-authority" in changes["cluster"]:
        cluster.pop("certificate-authority-data", None)
    if cluster.get("insecure-skip-tls-verify"):
        cluster.pop("certificate-authority-data", None)
        cluster.pop("certificate-authority", None)
    user = {**named(config["users"], context.get("user"), "user"), **changes["user"]}
    one = {
        "apiVersion": "v1", "kind": "Config", "current-context": "launcher",
        "clusters": [{"name": "launcher", "cluster": cluster}],
        "contexts": [{"name": "launcher", "context": {**context, "cluster": "launcher", "user": "launcher"}}],
        "users": [{"name": "launcher", "user": user}],
    }
    return yaml.safe_dump(encodable(one), sort_keys=False)


def encodable(value):
    if isinstance(value, dict):
        return {key: encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encodable(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
