"""The rows of scripts/bench: each compares a command of mlops-setup with the one an administrator would use otherwise.

The commands of a row run in turn, on one machine: the ratio is what counts, not the milliseconds. Of several runs the
least is taken, which is the one that other programs disturbed least.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

import bench_push

ROUNDS = 15
# What a preflight may end with: its checks passed, failed or are unknown; other codes are errors.
PREFLIGHT = (0, 3, 4, 5)
# What a preflight of the prepared clusters must have seen.
MUST_PASS = ("cluster.reachable", "cluster.credentials", "nodes.fit", "permissions.install")
PROTOBUF = "Accept: application/vnd.kubernetes.protobuf"
MEMORY_TARGET = 64 * 1024 * 1024
# The questions of a preflight without answers, as kubectl is asked them.
QUESTIONS = [
    ["get", "--raw", "/version"],
    ["auth", "whoami"],
    ["get", "nodes", "-o", "json"],
    ["get", "ingressclasses", "-o", "json"],
    ["get", "namespace", "datarobot-mlops", "--ignore-not-found", "-o", "json"],
] + [
    ["auth", "can-i", verb, resource] + (["--namespace", "datarobot-mlops"] if resource != "namespaces" else [])
    for verb, resource in [
        ("get", "namespaces"), ("create", "namespaces"), ("get", "secrets"), ("create", "secrets"),
        ("patch", "secrets"), ("delete", "secrets"), ("create", "configmaps"), ("create", "serviceaccounts"),
        ("create", "roles.rbac.authorization.k8s.io"), ("create", "rolebindings.rbac.authorization.k8s.io"),
        ("get", "deployments.apps"), ("create", "deployments.apps"), ("patch", "deployments.apps"),
        ("list", "pods"), ("watch", "pods"),
    ]
]


@dataclasses.dataclass
class Row:
    """`name` says what is measured; `ours` and `theirs` are lists of command lines, `target` what our time may be of
    theirs at most, `codes` how ours may end."""

    name: str
    ours: list
    theirs: list
    compared: str
    target: float
    codes: tuple = (0,)
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Usage:
    """Seconds of wall and CPU time, and the peak of resident memory in bytes."""

    wall: float
    cpu: float
    memory: int


def run(command, environment, codes=(0,)):
    """One run. The CPU time is that of the process and of the children it waited for."""
    null = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ | environment, file_actions=null)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in codes:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def total(commands, environment, codes=(0,)):
    """All commands, one after the other."""
    runs = [run(command, environment, codes) for command in commands]
    return Usage(sum(r.wall for r in runs), sum(r.cpu for r in runs), max(r.memory for r in runs))


def least(usages):
    """The least of each."""
    return Usage(*(min(getattr(u, field.name) for u in usages) for field in dataclasses.fields(Usage)))


def measure(row):
    """Ours and theirs, taken in turn after one run of each to warm up caches."""
    total(row.ours, row.environment, row.codes), total(row.theirs, row.environment)
    pairs = []
    for _ in range(ROUNDS if len(row.theirs) == 1 else ROUNDS // 3):
        pairs.append((total(row.ours, row.environment, row.codes), total(row.theirs, row.environment)))
    return least([ours for ours, _ in pairs]), least([theirs for _, theirs in pairs])


def rows(program, folder):
    """What is measured. Add a row here."""
    large = (folder / "large.url").read_text(encoding="utf-8")
    fetch = ["curl", "-sSf", "--cacert", str(folder / "ca.crt"), "-H", PROTOBUF, "-o", os.devnull, f"{large}/api/v1/nodes"]
    return [
        Row("start and say the version", [[program, "--version"]], [["kubectl", "version", "--client"]],
            "`kubectl version --client`", 1 / 5),
        Row("preflight of a cluster of 3 nodes", [[program, "preflight"]], [["kubectl", *q] for q in QUESTIONS],
            f"{len(QUESTIONS)} kubectl processes (below)", 1 / 40, PREFLIGHT, at(folder, "small")),
        Row("preflight of 5,000 nodes, 50 images each", [[program, "preflight"]], [fetch],
            "`curl` of the node list in protobuf", 3, PREFLIGHT, at(folder, "large")),
    ]


def at(folder, cluster):
    """The environment for a cluster: its kubeconfig, and a home whose caches are this measurement's."""
    return {"KUBECONFIG": str(folder / f"{cluster}.kubeconfig"), "HOME": str(folder)}


def prove(program, folder):
    """Ends where a preflight does not see one of the clusters: what fails early is fast."""
    for cluster in ("small", "crowded", "large"):
        command = [program, "preflight", "--format", "json"]
        done = subprocess.run(command, capture_output=True, check=False, env=os.environ | at(folder, cluster))
        if done.returncode not in PREFLIGHT:
            sys.exit(f"the preflight of the {cluster} cluster ended with {done.returncode}: {done.stderr.decode()}")
        found = {check["id"]: check["status"] for check in json.loads(done.stdout)["checks"]}
        unseen = [name for name in MUST_PASS if found.get(name) != "pass"]
        if unseen:
            sys.exit(f"the preflight of the {cluster} cluster did not pass {', '.join(unseen)}: {found}")


def requests(program, folder, cluster):
    """How many requests a preflight makes, and over how many connections."""
    log = folder / cluster / "requests.log"
    before = len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0
    run([program, "preflight"], at(folder, cluster), PREFLIGHT)
    time.sleep(0.2)
    lines = log.read_text(encoding="utf-8").splitlines()[before:]
    return len(lines), len({line.split()[-1] for line in lines})


@contextlib.contextmanager
def clusters():
    """The clusters of bench_cluster.py, served while the block runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # Started by root, nginx reads as another user. There is no secret in it.
        folder.chmod(0o755)
        script = pathlib.Path(__file__).with_name("bench_cluster.py")
        subprocess.run([sys.executable, "-B", str(script), name], check=True)
        nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        log = open(folder / "nginx.log", "wb")
        server = subprocess.Popen([nginx, "-p", name, "-e", f"{name}/error.log", "-c", f"{name}/nginx.conf"], stderr=log)
        try:
            for _ in range(100):
                if (folder / "nginx.pid").exists() or server.poll() is not None:
                    break
                time.sleep(0.05)
            if server.poll() is not None:
                sys.exit(f"nginx does not start: {(folder / 'nginx.log').read_text(encoding='utf-8')}")
            yield folder
        finally:
            server.terminate()
            server.wait()
            log.close()


def machine():
    """One line: processor, cores, memory, system."""
    model = platform.machine()
    info = pathlib.Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    release = pathlib.Path("/etc/os-release")
    system = platform.system()
    if release.exists():
        fields = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
        system = fields.get("PRETTY_NAME", system).strip('"')
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores, {memory:.0f} GB, {system}, Linux {platform.release()}"


def verdict(is_met):
    return "met" if is_met else "**not met**"


def ratio(number):
    return f"1/{1 / number:.0f}" if number < 0.15 else f"{number:.2f}"


def milliseconds(usage):
    return f"{usage.wall * 1000:.1f} / {usage.cpu * 1000:.1f} ms"


def table(program, folder):
    """The lines of the report."""
    lines = [
        f"Measured on {machine()}; the least of {ROUNDS} runs ({ROUNDS // 3} of the row with {len(QUESTIONS)} processes), in turn.",
        "Times are wall / CPU. The clusters are prepared answers behind nginx with TLS and HTTP/2 on loopback.",
        "",
        "| What | mlops-setup | compared with | its time | ratio | target | |",
        "|---|---|---|---|---|---|---|",
    ]
    peaks = {}
    for row in rows(program, folder):
        if not shutil.which(row.theirs[0][0]):
            lines.append(f"| {row.name} | | {row.compared} | not here | | | |")
            continue
        ours, theirs = measure(row)
        peaks[row.name] = ours.memory
        wall, cpu = ours.wall / theirs.wall, ours.cpu / theirs.cpu
        lines.append(
            f"| {row.name} | {milliseconds(ours)} | {row.compared} | {milliseconds(theirs)} | {ratio(wall)} / {ratio(cpu)} | "
            f"{ratio(row.target)} | {verdict(max(wall, cpu) <= row.target)} |")
    lines += ["", "| What | measured | target | |", "|---|---|---|---|"]
    for name, peak in peaks.items():
        is_large = "5,000" in name
        lines.append(f"| peak memory: {name} | {peak / 2**20:.0f} MB | {'64 MB' if is_large else ''} | "
                     f"{verdict(peak <= MEMORY_TARGET) if is_large else ''} |")
    few, many = requests(program, folder, "small"), requests(program, folder, "crowded")
    lines.append(f"| requests of a preflight with 60 pods, with 150,000 pods | {few[0]}, {many[0]} | equal | "
                 f"{verdict(few[0] == many[0])} |")
    lines.append(f"| connections for these | {few[1]}, {many[1]} | | |")
    lines.append(f"| size of the program | {pathlib.Path(program).stat().st_size / 1e6:.1f} MB | | |")
    lines += bench_push.lines(program, verdict)
    lines += ["", "The kubectl processes:", ""] + [f"- `kubectl {' '.join(question)}`" for question in QUESTIONS]
    return lines


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with clusters() as folder:
        prove(program, folder)
        text = "\n".join(table(program, folder)) + "\n"
    sys.stdout.write(text)
    if len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
