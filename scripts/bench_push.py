"""The rows of scripts/bench about pushes: images from archives into Debian's docker-registry, against skopeo by itself.

Each run has images of its own, of random bytes: nothing of them is in the registry, and nothing compresses.
"""

import hashlib
import io
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

PUSH_ROUNDS = 3
ONE = [160_000_000, 120_000_000, 80_000_000, 40_000_000]
EACH_OF_THREE = [20_000_000, 10_000_000]
NAMES = {
    "managementAgent": "mlops-management-agent", "trackingAgent": "mlops-tracking-agent",
    "predictionServer": "datarobot-portable-prediction-api",
}


def archive(path, reference, sizes):
    """What docker save writes, with layers of so many bytes."""
    layers = []
    with tarfile.open(path, "w") as image:

        def add(name, content):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            image.addfile(info, io.BytesIO(content))

        for size in sizes:
            layer = io.BytesIO()
            with tarfile.open(fileobj=layer, mode="w") as files:
                info = tarfile.TarInfo("data")
                info.size = size
                files.addfile(info, io.BytesIO(os.urandom(size)))
            content = layer.getvalue()
            layers.append(hashlib.sha256(content).hexdigest())
            add(f"{layers[-1]}.tar", content)
        config = json.dumps({
            "architecture": "amd64", "os": "linux", "config": {},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in layers]},
        }).encode()
        digest = hashlib.sha256(config).hexdigest()
        add(f"{digest}.json", config)
        manifest = [{"Config": f"{digest}.json", "RepoTags": [reference], "Layers": [f"{name}.tar" for name in layers]}]
        add("manifest.json", json.dumps(manifest).encode())


class Registry:
    """A registry on a free port, over plain http."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{probe.getsockname()[1]}"
        settings = folder / "registry.yml"
        settings.write_text(
            "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
            f"storage: {{filesystem: {{rootdirectory: {folder}/storage}}}}\nhttp: {{addr: {self.host}}}\n", encoding="utf-8")
        self.log = open(folder / "registry.log", "wb")
        self.process = subprocess.Popen(["docker-registry", "serve", str(settings)], stdout=self.log, stderr=self.log)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(self.host.split(":")[1]))) == 0:
                    return
            time.sleep(0.05)
        sys.exit("docker-registry does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def answers(folder, host, archives, tags):
    """Answers for these archives; an image without one lies in another registry, which is none of our business."""
    images = "".join(
        f"  {key}: {host if key in tags else 'other.example.com'}/datarobot/{name}:{tags.get(key, '1.0.0')}\n"
        for key, name in NAMES.items())
    (folder / "answers.yaml").write_text(
        "apiVersion: mlops-setup/v1\nkind: Answers\n"
        "cluster: {context: bench, namespace: bench}\n"
        f"registry: {{provider: generic, server: \"{host}\", scheme: http, login: password, username: push, password: {{env: P}}}}\n"
        "datarobot: {endpoint: \"http://127.0.0.1:9\", apiToken: {env: P}, predictionEnvironment: 65f0a1b2c3d4e5f60718293a}\n"
        "ingress: {className: mlops, outfacingUrl: \"https://models.example.com/deployments/\"}\n"
        f"chart: {{path: {chart()}, release: bosun}}\n"
        f"images:\n{images}  archives: {json.dumps([str(path) for path in archives])}\n  engine: skopeo\n", encoding="utf-8")
    (folder / "kubeconfig").write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: bench\nclusters: [{name: bench, cluster: {server: 'http://127.0.0.1:9'}}]\n"
        "users: [{name: bench, user: {token: none}}]\ncontexts: [{name: bench, context: {cluster: bench, user: bench}}]\n",
        encoding="utf-8")


def chart():
    return pathlib.Path(__file__).parent.parent / "Resources/chart/datarobot-management-agent"


def timed(command, environment):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return time.perf_counter() - start


def times(program, folder, registry, sizes, keys):
    """Seconds of ours and of skopeo's for the same number of images, one after the other; the least of each."""
    ours, theirs = [], []
    for number in range(PUSH_ROUNDS):
        environment = {"HOME": str(folder), "KUBECONFIG": str(folder / "kubeconfig"), "P": "unused"}

        def images(side):
            paths = []
            for key in keys:
                path = folder / f"{key}-{side}.tar"
                archive(path, f"datarobot/{NAMES[key]}:1.{side}.{number}", sizes)
                paths.append(path)
            return paths

        paths = images(0)
        answers(folder, registry.host, paths, {key: f"1.0.{number}" for key in keys})
        ours.append(timed([program, "images", "--answers", str(folder / "answers.yaml")], environment))
        paths = images(1)
        theirs.append(sum(
            timed(["skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", f"docker-archive:{path}",
                   f"docker://{registry.host}/datarobot/{NAMES[key]}:1.1.{number}"], environment)
            for key, path in zip(keys, paths)))
    return min(ours), min(theirs)


def lines(program, verdict):
    """The lines of the report."""
    if not shutil.which("skopeo") or not shutil.which("docker-registry"):
        return ["", "Pushes were not measured: skopeo or docker-registry is not here."]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        registry = Registry(folder)
        try:
            one = times(program, folder, registry, ONE, ["predictionServer"])
            three = times(program, folder, registry, EACH_OF_THREE, list(NAMES))
        finally:
            registry.stop()
    size = sum(ONE) / 1e6
    return [
        "", f"Pushes into docker-registry on loopback; the least of {PUSH_ROUNDS} runs of each, in turn.", "",
        "| What | mlops-setup | skopeo by itself | ratio | target | |", "|---|---|---|---|---|---|",
        f"| throughput of one image of {size:.0f} MB | {size / one[0]:.0f} MB/s | {size / one[1]:.0f} MB/s | "
        f"{one[1] / one[0]:.2f} | at least 0.90 | {verdict(one[1] / one[0] >= 0.9)} |",
        f"| three images of {sum(EACH_OF_THREE) / 1e6:.0f} MB at once, against one after the other | {three[0]:.2f} s | "
        f"{three[1]:.2f} s | {three[0] / three[1]:.2f} | below 1 | {verdict(three[0] < three[1])} |",
    ]
