"""An API server on loopback that knows the built-in kinds and remembers nothing.

The engine has no rendering call of its own, so `helm template` and `--dry-run` install the chart into this
server: every object asked for is absent, every object created is accepted and forgotten. With an upstream, what is
read is read from there.
"""

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A kubeconfig that leads to no cluster, for the commands that need none.
NOWHERE = """apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: 'http://127.0.0.1:9'}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nowhere}}]
users: [{name: nowhere, user: {}}]
"""

# group/version -> (resource, kind, namespaced); verbs do not matter to the engine.
KINDS = {
    "v1": [
        ("configmaps", "ConfigMap", True),
        ("endpoints", "Endpoints", True),
        ("limitranges", "LimitRange", True),
        ("namespaces", "Namespace", False),
        ("nodes", "Node", False),
        ("persistentvolumeclaims", "PersistentVolumeClaim", True),
        ("persistentvolumes", "PersistentVolume", False),
        ("pods", "Pod", True),
        ("resourcequotas", "ResourceQuota", True),
        ("secrets", "Secret", True),
        ("serviceaccounts", "ServiceAccount", True),
        ("services", "Service", True),
    ],
    "admissionregistration.k8s.io/v1": [
        ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False),
        ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False),
    ],
    "apiextensions.k8s.io/v1": [("customresourcedefinitions", "CustomResourceDefinition", False)],
    "apps/v1": [
        ("daemonsets", "DaemonSet", True),
        ("deployments", "Deployment", True),
        ("replicasets", "ReplicaSet", True),
        ("statefulsets", "StatefulSet", True),
    ],
    "autoscaling/v1": [("horizontalpodautoscalers", "HorizontalPodAutoscaler", True)],
    "autoscaling/v2": [("horizontalpodautoscalers", "HorizontalPodAutoscaler", True)],
    "batch/v1": [("cronjobs", "CronJob", True), ("jobs", "Job", True)],
    "networking.k8s.io/v1": [
        ("ingressclasses", "IngressClass", False),
        ("ingresses", "Ingress", True),
        ("networkpolicies", "NetworkPolicy", True),
    ],
    "policy/v1": [("poddisruptionbudgets", "PodDisruptionBudget", True)],
    "rbac.authorization.k8s.io/v1": [
        ("clusterrolebindings", "ClusterRoleBinding", False),
        ("clusterroles", "ClusterRole", False),
        ("rolebindings", "RoleBinding", True),
        ("roles", "Role", True),
    ],
    "scheduling.k8s.io/v1": [("priorityclasses", "PriorityClass", False)],
    "storage.k8s.io/v1": [("storageclasses", "StorageClass", False)],
}


def groups():
    """The group list of `GET /apis`."""
    versions = {}
    for group_version in KINDS:
        if "/" in group_version:
            versions.setdefault(group_version.split("/")[0], []).append(group_version)
    items = []
    for group, of_group in versions.items():
        entries = [{"groupVersion": v, "version": v.split("/")[1]} for v in reversed(of_group)]
        items.append({"name": group, "versions": entries, "preferredVersion": entries[0]})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": items}


def resources(group_version):
    """The resource list of `GET /api/v1` and `GET /apis/GROUP/VERSION`."""
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    items = [
        {"name": name, "singularName": kind.lower(), "kind": kind, "namespaced": namespaced, "verbs": verbs}
        for name, kind, namespaced in KINDS[group_version]
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": items}


def status(code, reason, message):
    """A metav1.Status."""
    return {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    }


class Handler(BaseHTTPRequestHandler):
    """Answers from the table above."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def forward(self, path):
        """Gives on what the upstream answers."""
        request = urllib.request.Request(self.server.upstream + path, headers={"Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                code, kind, body = answer.status, answer.headers.get("Content-Type"), answer.read()
        except urllib.error.HTTPError as error:
            code, kind, body = error.code, error.headers.get("Content-Type"), error.read()
        self.send_response(code)
        self.send_header("Content-Type", kind or "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.server.upstream:
            return self.forward(self.path)
        path = self.path.split("?")[0].rstrip("/")
        parts = path.strip("/").split("/")
        if path == "/version":
            version = self.server.kube_version
            major, minor = version.lstrip("v").split(".")[:2]
            return self.answer(200, {"major": major, "minor": minor, "gitVersion": version, "platform": "linux/amd64"})
        if path == "/api":
            return self.answer(200, {"kind": "APIVersions", "versions": ["v1"]})
        if path == "/apis":
            return self.answer(200, groups())
        for prefix in ("/api/", "/apis/"):
            if path.startswith(prefix) and path[len(prefix):] in KINDS:
                return self.answer(200, resources(path[len(prefix):]))
        if parts[0] in ("api", "apis"):
            rest = parts[2:] if parts[0] == "api" else parts[3:]
            if rest[:1] == ["namespaces"] and len(rest) > 2:
                rest = rest[2:]
            if len(rest) == 1:
                version = parts[1] if parts[0] == "api" else "/".join(parts[1:3])
                for name, kind, _ in KINDS.get(version, []):
                    if name == rest[0]:
                        empty = {"kind": kind + "List", "apiVersion": version, "metadata": {"resourceVersion": "1"}}
                        return self.answer(200, {**empty, "items": []})
            if len(rest) == 2:
                return self.answer(404, status(404, "NotFound", f'{rest[0]} "{rest[1]}" not found'))
        return self.answer(404, status(404, "NotFound", "the server could not find the requested resource"))

    def echo(self, code):
        """Gives the object back in the form it came in: the engine writes its own records as protobuf."""
        body = self.body()
        self.send_response(code)
        self.send_header("Content-Type", self.headers.get("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.echo(201)

    def do_PUT(self):
        self.echo(200)

    def do_PATCH(self):
        body = self.body()
        if "apply-patch" in self.headers.get("Content-Type", ""):
            self.answer(201, json.loads(body))
        else:
            # A patch of an object that exists upstream: the object as it is will do.
            self.forward(self.path.split("?")[0])

    def do_DELETE(self):
        self.body()
        return self.answer(200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})


def start(kube_version, upstream=None):
    """Starts a server on a free port of loopback; returns the kubeconfig that leads to it, as text."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.kube_version = kube_version
    server.upstream = upstream
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Block style: the library takes a kubeconfig's text only if it looks like YAML.
    return "\n".join([
        "apiVersion: v1",
        "kind: Config",
        "current-context: none",
        f"clusters: [{{name: none, cluster: {{server: 'http://127.0.0.1:{server.server_address[1]}'}}}}]",
        "contexts: [{name: none, context: {cluster: none, user: none}}]",
        "users: [{name: none, user: {}}]",
        "",
    ])
