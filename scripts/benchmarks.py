"""The rows of scripts/bench: each compares a command of mlops-setup with the one an administrator would use otherwise.

Both commands of a row run in turn, in one process, on one machine: the ratio is what counts, not the milliseconds.
"""

import dataclasses
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

ROUNDS = 20


@dataclasses.dataclass
class Row:
    """`name` says what is measured; `ours` and `theirs` are command lines."""

    name: str
    ours: list
    theirs: list


def rows(program):
    """What is measured. Add a row here."""
    return [
        Row("start and say the version", [program, "--version"], ["kubectl", "version", "--client"]),
    ]


def seconds(command):
    """Wall time and CPU time of one run."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, used


def measure(row):
    """Medians of (our wall, our CPU, their wall, their CPU), taken in turn after one run of each to warm up."""
    seconds(row.ours), seconds(row.theirs)
    samples = [(*seconds(row.ours), *seconds(row.theirs)) for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*samples)]


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


def main():
    program = sys.argv[1]
    lines = [
        f"Measured on {machine()}; medians of {ROUNDS} runs, in turn.",
        "",
        "| What | mlops-setup | CPU | compared with | its time | its CPU | ratio of times |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows(program):
        if not shutil.which(row.theirs[0]):
            lines.append(f"| {row.name} | | | {row.theirs[0]} is not here | | | |")
            continue
        wall, cpu, their_wall, their_cpu = measure(row)
        lines.append(
            f"| {row.name} | {wall * 1000:.1f} ms | {cpu * 1000:.1f} ms | `{' '.join(row.theirs)}` | "
            f"{their_wall * 1000:.1f} ms | {their_cpu * 1000:.1f} ms | {wall / their_wall:.2f} |")
    size = pathlib.Path(program).stat().st_size / 1e6
    lines += ["", f"The program is one file of {size:.0f} MB."]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
