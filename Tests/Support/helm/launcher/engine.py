"""Helm's library behind a C interface, driven by ctypes."""

import ctypes
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[4]
RELEASE_NOT_FOUND = -2


class EngineError(Exception):
    """What the library answered instead of a result."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def folder():
    """Where scripts/prerequisites unpacked the library, unless MLOPS_SETUP_HELM_ENGINE says another place."""
    return pathlib.Path(os.environ.get("MLOPS_SETUP_HELM_ENGINE") or ROOT / ".build" / "helm-engine")


def version():
    """The version of Helm that the library was linked from, for instance `v4.3.0`."""
    return (folder() / "VERSION").read_text().strip()


def name_process(name):
    """Makes argv[0] of this process `name`: Helm signs the fields it owns with the base name of its argv[0].

    The library copies argv when it is loaded, so this comes first. Linux only, and only a shorter name fits.
    """
    with open("/proc/self/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    start = int(fields[45])  # arg_start, field 48 of proc(5)
    with open("/proc/self/cmdline", "rb") as file:
        current = file.read().split(b"\0")[0]
    if start and len(name) <= len(current):
        ctypes.memmove(start, name.encode() + b"\0", len(name) + 1)


class Engine:
    """One configuration of the library: a namespace in a cluster."""

    def __init__(self, namespace, kubeconfig=None, context=None, options=None):
        """`kubeconfig` is a path, or the text of one; None leaves the search to the library."""
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
        library = folder() / "helm_sdkpy" / "_lib" / f"linux-{machine}" / "libhelm_sdkpy.so"
        if not library.exists():
            raise EngineError(1, f"the Helm engine is not at {library}: run scripts/prerequisites test")
        name_process("helm")
        self.library = ctypes.CDLL(str(library))
        self.library.helm_sdkpy_last_error.restype = ctypes.c_char_p
        self.library.helm_sdkpy_free.argtypes = [ctypes.c_void_p]
        self.handle = ctypes.c_ulonglong()
        self.check(
            self.library.helm_sdkpy_config_create(
                namespace.encode(), encoded(kubeconfig), encoded(context),
                json.dumps(options or {}).encode(), ctypes.byref(self.handle)))

    def check(self, code):
        if code != 0:
            message = self.library.helm_sdkpy_last_error() or b"unknown error"
            raise EngineError(code, message.decode("utf-8", "replace"))

    def call(self, name, *arguments):
        """Calls `helm_sdkpy_NAME` and returns the text of its result."""
        result = ctypes.c_void_p()
        converted = [encoded(a) if a is None or isinstance(a, str) else ctypes.c_int(a) for a in arguments]
        self.check(getattr(self.library, "helm_sdkpy_" + name)(self.handle, *converted, ctypes.byref(result)))
        if not result.value:
            return ""
        text = ctypes.string_at(result.value).decode("utf-8", "replace")
        self.library.helm_sdkpy_free(result)
        return text

    def call_without_result(self, name, *arguments):
        """Calls `helm_sdkpy_NAME`, which answers with a code alone."""
        self.check(getattr(self.library, "helm_sdkpy_" + name)(self.handle, *[encoded(a) for a in arguments]))


def encoded(text):
    return None if text is None else text.encode()
