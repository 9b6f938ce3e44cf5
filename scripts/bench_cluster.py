"""Clusters for scripts/bench: nginx with TLS and HTTP/2 that hands out prepared answers, so that no server is measured.

Usage: bench_cluster.py FOLDER   writes answers, certificates, kubeconfigs and nginx.conf there; starts nothing.

An own process, because the peak memory of a measured child is at least that of the process which starts it.
"""

import json
import pathlib
import socket
import subprocess
import sys

NODES, IMAGES = 5000, 50
PODS = 150_000
# The sizes of the pages that mlops-setup asks for, the first and all others, and kubectl's.
FIRST, MORE = 100, 500
TIME = 1_795_501_767
PROTOBUF = "application/vnd.kubernetes.protobuf"
GROUPS = {
    "apps": ["deployments", "replicasets", "daemonsets"],
    "networking.k8s.io": ["ingresses", "ingressclasses"],
    "rbac.authorization.k8s.io": ["roles", "rolebindings"],
    "authorization.k8s.io": ["selfsubjectaccessreviews"],
    "authentication.k8s.io": ["selfsubjectreviews"],
}
CORE = ["nodes", "namespaces", "pods", "secrets", "configmaps", "serviceaccounts", "services"]
KINDS = {
    "nodes": "Node", "namespaces": "Namespace", "pods": "Pod", "secrets": "Secret", "configmaps": "ConfigMap",
    "serviceaccounts": "ServiceAccount", "services": "Service", "deployments": "Deployment",
    "replicasets": "ReplicaSet", "daemonsets": "DaemonSet", "ingresses": "Ingress", "ingressclasses": "IngressClass",
    "roles": "Role", "rolebindings": "RoleBinding", "selfsubjectaccessreviews": "SelfSubjectAccessReview",
    "selfsubjectreviews": "SelfSubjectReview",
}
CLUSTER_SCOPED = {"nodes", "namespaces", "ingressclasses", "selfsubjectaccessreviews", "selfsubjectreviews"}


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """A field of a protobuf message: bytes, text, a number, or a list of fields."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, list):
        value = b"".join(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(number, key, value):
    return field(number, [field(1, key), field(2, value)])


class Node:
    """A node as a cloud's cluster has them, in both forms. Field numbers: k8s.io/api, core/v1/generated.proto."""

    pool = [
        (
            [
                f"registry.example.com/platform/team-{n % 37}/service-{n}@sha256:{n:064x}",
                f"registry.example.com/platform/team-{n % 37}/service-{n}:v{n % 9}.{n % 23}.{n % 7}",
            ],
            10_000_000 + n * 7919,
        )
        for n in range(400)
    ]
    encoded = [field(8, [field(1, name) for name in names] + [field(2, size)]) for names, size in pool]

    def __init__(self, index, images):
        self.name = f"ip-10-{index // 65536}-{index // 256 % 256}-{index % 256}.eu-central-1.compute.internal"
        self.index = index
        self.images = [(index * 7 + n * 11) % len(self.pool) for n in range(images)]
        self.labels = {
            "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": self.name,
            "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": "m5.xlarge", "beta.kubernetes.io/instance-type": "m5.xlarge",
            "topology.kubernetes.io/region": "eu-central-1", "topology.kubernetes.io/zone": f"eu-central-1{'abc'[index % 3]}",
            "failure-domain.beta.kubernetes.io/region": "eu-central-1",
            "eks.amazonaws.com/nodegroup": f"workers-{index % 12}", "eks.amazonaws.com/capacityType": "ON_DEMAND",
            "k8s.io/cloud-provider-aws": "0123456789abcdef0123456789abcdef",
        }
        self.annotations = {
            "alpha.kubernetes.io/provided-node-ip": "10.0.0.1", "node.alpha.kubernetes.io/ttl": "300",
            "csi.volume.kubernetes.io/nodeid": json.dumps({"ebs.csi.aws.com": f"i-{index:017x}"}),
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
        }
        self.provider = f"aws:///eu-central-1a/i-{index:017x}"
        self.uid = f"{index:08x}-1cf5-4b51-9a35-0d6c1f1b2a3c"
        self.capacity = {"cpu": "4", "ephemeral-storage": "83873772Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0",
                         "memory": f"{15_900_000 + index}Ki", "pods": "58"}
        self.allocatable = {**self.capacity, "cpu": "3920m", "ephemeral-storage": "76224326324",
                            "memory": f"{14_900_000 + index}Ki"}
        self.conditions = [
            ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ]
        self.addresses = [("InternalIP", "10.0.0.1"), ("Hostname", self.name), ("InternalDNS", self.name)]
        self.fields = json.dumps(
            {"f:metadata": {"f:labels": {f"f:{key}": {} for key in self.labels}, "f:annotations": {}},
             "f:status": {"f:conditions": {f'k:{{"type":"{c[0]}"}}': {"f:lastHeartbeatTime": {}} for c in self.conditions}}})

    def protobuf(self):
        time = [field(1, TIME), field(2, 0)]
        metadata = [field(1, self.name), field(2, ""), field(3, ""), field(4, ""), field(5, self.uid),
                    field(6, str(1000 + self.index)), field(7, 0), field(8, time)]
        metadata += [entry(11, *pair) for pair in self.labels.items()]
        metadata += [entry(12, *pair) for pair in self.annotations.items()]
        for manager in ("kubelet", "aws-cloud-controller-manager"):
            metadata.append(field(17, [field(1, manager), field(2, "Update"), field(3, "v1"), field(4, time),
                                       field(6, "FieldsV1"), field(7, [field(1, self.fields)])]))
        spec = [field(1, ""), field(2, ""), field(3, self.provider), field(4, 0)]
        status = [entry(1, key, field(1, text)) for key, text in self.capacity.items()]
        status += [entry(2, key, field(1, text)) for key, text in self.allocatable.items()]
        status.append(field(3, ""))
        for kind, state, reason, message in self.conditions:
            status.append(field(4, [field(1, kind), field(2, state), field(3, time), field(4, time), field(5, reason),
                                    field(6, message)]))
        status += [field(5, [field(1, kind), field(2, address)]) for kind, address in self.addresses]
        status.append(field(7, [field(1, f"ec2{self.index:029x}"), field(2, self.uid), field(3, self.uid),
                                field(4, "5.10.219-208.866.amzn2.x86_64"), field(5, "Amazon Linux 2"),
                                field(6, "containerd://1.7.11"), field(7, "v1.30.2-eks-1552ad0"), field(8, ""),
                                field(9, "linux"), field(10, "amd64")]))
        status += [self.encoded[number] for number in self.images]
        return b"".join([field(1, metadata), field(2, spec), field(3, status)])

    def json(self):
        time = "2026-11-24T06:29:27Z"
        return {
            "metadata": {
                "name": self.name, "uid": self.uid, "resourceVersion": str(1000 + self.index),
                "creationTimestamp": time, "labels": self.labels, "annotations": self.annotations,
                "managedFields": [
                    {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": time,
                     "fieldsType": "FieldsV1", "fieldsV1": json.loads(self.fields)}
                    for manager in ("kubelet", "aws-cloud-controller-manager")]},
            "spec": {"providerID": self.provider},
            "status": {
                "capacity": self.capacity, "allocatable": self.allocatable,
                "conditions": [
                    {"type": kind, "status": state, "lastHeartbeatTime": time, "lastTransitionTime": time,
                     "reason": reason, "message": message} for kind, state, reason, message in self.conditions],
                "addresses": [{"type": kind, "address": address} for kind, address in self.addresses],
                "nodeInfo": {"kernelVersion": "5.10.219", "osImage": "Amazon Linux 2",
                             "containerRuntimeVersion": "containerd://1.7.11", "kubeletVersion": "v1.30.2-eks-1552ad0",
                             "operatingSystem": "linux", "architecture": "amd64"},
                "images": [{"names": self.pool[n][0], "sizeBytes": self.pool[n][1]} for n in self.images]}}


def protobuf_list(items, continuation):
    raw = field(1, [field(1, ""), field(2, "4711"), field(3, continuation)]) + b"".join(field(2, i) for i in items)
    return b"k8s\0" + field(1, [field(1, "v1"), field(2, "NodeList")]) + field(2, raw) + field(3, "") + field(4, "")


def json_list(kind, items, continuation="", version="v1"):
    metadata = {"resourceVersion": "4711"} | ({"continue": continuation} if continuation else {})
    return json.dumps({"kind": kind, "apiVersion": version, "metadata": metadata, "items": items}).encode()


def write_nodes(folder, nodes):
    """One file for each page in each form: nodes-FORM-LIMIT-CONTINUE; what is asked for without a limit is whole."""
    protobuf, plain = [n.protobuf() for n in nodes], [n.json() for n in nodes]
    begins = [(FIRST, 0)] + [(MORE, start) for start in range(FIRST, len(nodes), MORE)]
    begins += [(MORE, start) for start in range(0, len(nodes), MORE)] + [(None, 0)]
    for limit, start in begins:
        end = start + limit if limit else len(nodes)
        token = f"c{end}" if end < len(nodes) else ""
        name = f"{limit or ''}-{f'c{start}' if start else ''}"
        (folder / f"nodes-pb-{name}").write_bytes(protobuf_list(protobuf[start:end], token))
        (folder / f"nodes-json-{name}").write_bytes(json_list("NodeList", plain[start:end], token))


POD = {
    "metadata": {"name": "p", "namespace": "n"},
    "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "i"}]},
    "status": {"phase": "Running"},
}


def write_pods(folder, count):
    """The first page is asked for with or without a limit."""
    for start in range(0, max(count, 1), MORE):
        end = min(start + MORE, count)
        page = json_list("PodList", [POD] * (end - start), f"c{end}" if end < count else "")
        (folder / f"pods-{f'c{start}' if start else ''}").write_bytes(page)


def discovery(resources):
    return [
        {"name": name, "namespaced": name not in CLUSTER_SCOPED, "kind": KINDS[name],
         "singularName": "", "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]}
        for name in resources]


def write_rest(folder):
    def put(path, value):
        file = folder / "rest" / path.lstrip("/")
        file = file / "index" if path in ("/api", "/apis", "/api/v1") or path.count("/") == 3 and path.startswith("/apis") else file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")

    put("/version", {"major": "1", "minor": "30", "gitVersion": "v1.30.2-eks-1552ad0", "platform": "linux/amd64"})
    put("/api", {"kind": "APIVersions", "versions": ["v1"]})
    put("/apis", {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
        {"name": group, "versions": [{"groupVersion": f"{group}/v1", "version": "v1"}],
         "preferredVersion": {"groupVersion": f"{group}/v1", "version": "v1"}} for group in GROUPS]})
    put("/api/v1", {"kind": "APIResourceList", "groupVersion": "v1", "resources": discovery(CORE)})
    for group, names in GROUPS.items():
        put(f"/apis/{group}/v1", {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/v1",
                                  "resources": discovery(names)})
    put("/apis/networking.k8s.io/v1/ingressclasses", {
        "kind": "IngressClassList", "apiVersion": "networking.k8s.io/v1", "metadata": {"resourceVersion": "4711"},
        "items": [{"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
                   "metadata": {"name": "nginx", "labels": {"app.kubernetes.io/name": "ingress-nginx",
                                                            "app.kubernetes.io/version": "1.10.1",
                                                            "helm.sh/chart": "ingress-nginx-4.10.1"}},
                   "spec": {"controller": "k8s.io/ingress-nginx"}}]})


def server(folder, port):
    review = '{"kind":"%s","apiVersion":"%s","metadata":{},"status":%s}'
    access = review % ("SelfSubjectAccessReview", "authorization.k8s.io/v1", '{"allowed":true}')
    who = review % ("SelfSubjectReview", "authentication.k8s.io/v1", '{"userInfo":{"username":"bench"}}')
    missing = '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"not found","code":404}'
    return f"""
  server {{
    listen 127.0.0.1:{port} ssl http2;
    access_log {folder}/requests.log asked;
    root {folder};
    default_type application/json;
    location = /api/v1/nodes {{ rewrite ^ /nodes-$form-$arg_limit-$arg_continue last; }}
    location /nodes-pb- {{ internal; default_type {PROTOBUF}; }}
    location /nodes-json- {{ internal; }}
    location = /api/v1/pods {{
      if ($arg_labelSelector) {{ rewrite ^ /pods-none last; }}
      if ($arg_fieldSelector ~ nodeName) {{ rewrite ^ /pods-node last; }}
      if ($arg_fieldSelector) {{ rewrite ^ /pods-none last; }}
      rewrite ^ /pods-$arg_continue last;
    }}
    location /pods- {{ internal; }}
    location = /apis/authorization.k8s.io/v1/selfsubjectaccessreviews {{ return 201 '{access}'; }}
    location = /apis/authentication.k8s.io/v1/selfsubjectreviews {{ return 201 '{who}'; }}
    location / {{
      root {folder}/rest;
      try_files $uri $uri/index =404;
      error_page 404 = @missing;
    }}
    location @missing {{ return 404 '{missing}'; }}
  }}"""


def certificates(folder):
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=bench CA")
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=bench")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.crt")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for open_socket in sockets:
        open_socket.close()
    return ports


def kubeconfig(folder, port):
    return json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "bench",
        "clusters": [{"name": "bench", "cluster": {
            "server": f"https://127.0.0.1:{port}", "certificate-authority": f"{folder}/ca.crt"}}],
        "users": [{"name": "bench", "user": {"token": "bench-token"}}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}]})


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    certificates(root)
    clusters = {"small": ([Node(n, 10) for n in range(3)], 60), "crowded": ([Node(n, 10) for n in range(3)], PODS),
                "large": ([Node(n, IMAGES) for n in range(NODES)], 60)}
    servers = ""
    for (name, (nodes, pods)), port in zip(clusters.items(), free_ports(len(clusters))):
        folder = root / name
        folder.mkdir()
        write_nodes(folder, nodes)
        write_pods(folder, pods)
        (folder / "pods-none").write_bytes(json_list("PodList", []))
        # A kubelet runs 110 pods at most: what is asked of one node does not grow with the cluster.
        (folder / "pods-node").write_bytes(json_list("PodList", [POD] * min(pods, 30)))
        write_rest(folder)
        (root / f"{name}.kubeconfig").write_text(kubeconfig(root, port), encoding="utf-8")
        (root / f"{name}.url").write_text(f"https://127.0.0.1:{port}", encoding="utf-8")
        servers += server(folder, port)
    (root / "nginx.conf").write_text(f"""
daemon off;
worker_processes 1;
pid {root}/nginx.pid;
error_log {root}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format asked '$request_method $request_uri $status $connection';
  ssl_certificate {root}/server.crt;
  ssl_certificate_key {root}/server.key;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  output_buffers 2 512k;
  keepalive_requests 100000;
  map $http_accept $form {{ default json; "~{PROTOBUF}" pb; }}{servers}
}}
""", encoding="utf-8")


if __name__ == "__main__":
    main()
