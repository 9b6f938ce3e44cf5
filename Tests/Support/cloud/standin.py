"""What the stand-ins for cloud programs share: the log of calls and the state that a test seeds.

`MLOPS_SETUP_CLOUD_LOG` names the log: one JSON object a call, on a line. `MLOPS_SETUP_CLOUD_STATE` names the state, a JSON
object with one entry a program. Both are written under a lock, so that calls may run side by side.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import select
import sys
import time

LOG = "MLOPS_SETUP_CLOUD_LOG"
STATE = "MLOPS_SETUP_CLOUD_STATE"
# Values are never logged: a name is enough to see what a child was given.
TOLD = re.compile(r"^(AWS|AZURE|ARM|CLOUDSDK|GOOGLE|EKSCTL|KUBECONFIG|HTTPS?_PROXY|NO_PROXY)|TOKEN|PASSWORD|SECRET|_KEY$", re.I)


def read_stdin(patience=1.0):
    """What stands on stdin; None: a terminal, or nothing that ends within `patience` seconds."""
    if sys.stdin is None or sys.stdin.closed or os.isatty(0):
        return None
    content, end = b"", time.monotonic() + patience
    while True:
        ready, _, _ = select.select([0], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return content or None
        piece = os.read(0, 65536)
        if not piece:
            return content or None
        content += piece


def log_call(program, argv):
    """Appends a call to the log and returns what stood on stdin."""
    content = read_stdin()
    if path := os.environ.get(LOG):
        record = {
            "program": program, "argv": argv,
            "stdin": hashlib.sha256(content).hexdigest() if content else None,
            "environment": sorted(name for name in os.environ if TOLD.search(name) and name not in (LOG, STATE)),
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, (json.dumps(record) + "\n").encode())
        finally:
            os.close(descriptor)
    return content


@contextlib.contextmanager
def state(program):
    """The program's part of the state; what was changed in it is written when the block ends, also by SystemExit."""
    path = os.environ.get(STATE)
    if not path:
        sys.exit(f"the stand-in for {program} needs {STATE}")
    with open(path + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(path, encoding="utf-8") as file:
            whole = json.load(file)
        before = json.dumps(whole)
        try:
            yield whole.setdefault(program, {})
        finally:
            if json.dumps(whole) != before:
                with open(path + ".new", "w", encoding="utf-8") as file:
                    json.dump(whole, file, indent=1)
                os.replace(path + ".new", path)
