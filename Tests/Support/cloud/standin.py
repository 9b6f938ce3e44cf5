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


class Option:
    """One option of a command, from its line in a table:

    `--yes/-y` is a switch, `--name/-n=` takes a value, `=#` a whole number, `=a|b` one of these, `=?true|false` one of
    these or none, `=+` one value or more and may be repeated, `=,` values between commas. `!` at the end: it is required.
    """

    def __init__(self, text):
        self.required = text.endswith("!")
        names, equals, kind = text.rstrip("!").partition("=")
        self.names = names.split("/")
        self.key = self.names[0].lstrip("-")
        self.takes = bool(equals)
        self.optional = kind.startswith("?")
        self.many = kind == "+"
        self.number = kind == "#"
        self.commas = kind == ","
        self.choices = [] if kind in ("", "+", "#", ",") else kind.lstrip("?").split("|")

    @property
    def title(self):
        return "/".join(self.names)


def options(text):
    """The options of a table: words between blanks."""
    return [Option(word) for word in text.split()]


def parse(words, known, complain):
    """The values by option, and the words that are no options.

    `complain(kind, option, value)` ends the program with its own words; kinds: value, choice, number, required, and
    unknown, whose value is the list of all words that were not understood.
    """
    by_name = {name: option for option in known for name in option.names}
    values, rest, unknown = {}, [], []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        name, equals, value = word.partition("=")
        option = by_name.get(name)
        if option is None and not word.startswith("--") and word[:2] in by_name and by_name[word[:2]].takes:
            option, equals, value = by_name[word[:2]], "=", word[2:]
        if option is None or (equals and not option.takes):
            unknown.append(word)
            continue
        if not option.takes:
            values[option.key] = True
            continue
        found = [value] if equals else []
        while not equals and index < len(words) and not words[index].startswith("--") and (
                not words[index].startswith("-") or words[index] == "-" or words[index][:2] not in by_name):
            found.append(words[index])
            index += 1
            if not option.many:
                break
        if not found:
            if option.optional:
                values[option.key] = option.choices[0]
                continue
            complain("value", option, None)
        for value in found:
            if option.choices and value not in option.choices:
                complain("choice", option, value)
            if option.number and not re.fullmatch(r"-?\d+", value):
                complain("number", option, value)
        if option.many:
            values.setdefault(option.key, []).append(found)
        elif option.commas:
            values.setdefault(option.key, []).extend(found[0].split(","))
        else:
            values[option.key] = int(found[0]) if option.number else found[0]
    missing = [option for option in known if option.required and option.key not in values]
    if missing:
        complain("required", missing, None)
    if unknown:
        complain("unknown", None, unknown)
    return values, rest


def field(value, path):
    """The value at a plain path of names, `a.b`, `[0].c`; None where a name is not there. ValueError: no plain path."""
    step = r"(?:\[(-?\d+)\]|\.?([A-Za-z_][A-Za-z0-9_]*)|\.?\"([^\"]+)\")"
    if not re.fullmatch(f"{step}+", path):
        raise ValueError(path)
    for index, name, quoted in re.findall(step, path):
        if index:
            value = value[int(index)] if isinstance(value, list) and -len(value) <= int(index) < len(value) else None
        else:
            value = value.get(name or quoted) if isinstance(value, dict) else None
    return value
