"""Helm's command line: which flags each command of Helm 3 and Helm 4 knows, parsed as pflag parses them.

Read from pkg/cmd (Helm 4) and cmd/helm (Helm 3) of helm/helm. A flag that the other major does not know is an
unknown flag here too: that is what the callers' handling of both majors is tested against.
"""

import dataclasses
import re

BOTH = (3, 4)


class UsageError(Exception):
    """What Helm would print after `Error: `."""


@dataclasses.dataclass(frozen=True)
class Flag:
    """`kind`: bool, string, list (repeatable, commas split), array (repeatable, whole), int, duration, wait, dry-run."""

    name: str
    kind: str = "string"
    short: str = ""
    majors: tuple = BOTH
    # Flags that change nothing the engine does may be taken and left; the others are refused aloud.
    supported: bool = True


def flag_table(*rows):
    return {row.name: row for row in rows}


GLOBAL = flag_table(
    Flag("namespace", short="n"), Flag("kubeconfig"), Flag("kube-context"), Flag("kube-token"),
    Flag("kube-as-user"), Flag("kube-as-group", "array"), Flag("kube-apiserver"), Flag("kube-ca-file"),
    Flag("kube-tls-server-name"), Flag("kube-insecure-skip-tls-verify", "bool"), Flag("debug", "bool"),
    Flag("registry-config"), Flag("repository-config"), Flag("repository-cache"), Flag("content-cache", majors=(4,)),
    Flag("burst-limit", "int"), Flag("qps", "float"), Flag("color", majors=(4,)), Flag("colour", majors=(4,)),
    Flag("help", "bool", short="h"),
)

CHART_PATH = flag_table(
    Flag("version"), Flag("repo"), Flag("devel", "bool"), Flag("plain-http", "bool"),
    Flag("insecure-skip-tls-verify", "bool"), Flag("username", supported=False), Flag("password", supported=False),
    Flag("ca-file", supported=False), Flag("cert-file", supported=False), Flag("key-file", supported=False),
    Flag("keyring"), Flag("verify", "bool", supported=False), Flag("pass-credentials", "bool", supported=False),
)

VALUES = flag_table(
    Flag("values", "list", short="f"), Flag("set", "array"), Flag("set-string", "array"), Flag("set-file", "array"),
    Flag("set-json", "array"), Flag("set-literal", "array"),
)

OUTPUT = flag_table(Flag("output", short="o"))

APPLY = flag_table(
    Flag("create-namespace", "bool"), Flag("dry-run", "dry-run"), Flag("hide-secret", "bool"), Flag("no-hooks", "bool"),
    Flag("disable-openapi-validation", "bool"), Flag("skip-crds", "bool"), Flag("timeout", "duration"),
    Flag("wait", "wait"), Flag("wait-for-jobs", "bool"), Flag("atomic", "bool"),
    Flag("rollback-on-failure", "bool", majors=(4,)), Flag("description"), Flag("labels", "list", short="l"),
    Flag("dependency-update", "bool"), Flag("enable-dns", "bool"), Flag("take-ownership", "bool"),
    Flag("skip-schema-validation", "bool"), Flag("render-subchart-notes", "bool"),
    Flag("force", "bool", supported=False), Flag("force-replace", "bool", majors=(4,), supported=False),
    Flag("force-conflicts", "bool", majors=(4,)), Flag("server-side", majors=(4,)),
    Flag("post-renderer", supported=False), Flag("post-renderer-args", "list", supported=False),
)

UPGRADE = flag_table(
    Flag("install", "bool", short="i"), Flag("history-max", "int"), Flag("cleanup-on-fail", "bool"),
    Flag("reset-values", "bool"), Flag("reuse-values", "bool"),
    Flag("reset-then-reuse-values", "bool", supported=False), Flag("recreate-pods", "bool", majors=(3,), supported=False),
)

INSTALL = flag_table(
    Flag("replace", "bool", supported=False), Flag("generate-name", "bool", short="g", supported=False),
    Flag("name-template", supported=False),
)

TEMPLATE = flag_table(
    Flag("kube-version"), Flag("api-versions", "list", short="a"), Flag("show-only", "array", short="s"),
    Flag("include-crds", "bool"), Flag("skip-tests", "bool"), Flag("validate", "bool"), Flag("is-upgrade", "bool"),
    Flag("output-dir", supported=False), Flag("release-name", "bool"),
)

UNINSTALL = flag_table(
    Flag("ignore-not-found", "bool"), Flag("wait", "wait"), Flag("timeout", "duration"), Flag("cascade"),
    Flag("keep-history", "bool", supported=False), Flag("no-hooks", "bool"), Flag("description"),
    Flag("dry-run", "bool", supported=False),
)

STATES = ("deployed", "failed", "pending", "superseded", "uninstalled", "uninstalling")

LIST = flag_table(
    *[Flag(state, "bool") for state in STATES], Flag("all", "bool", short="a", majors=(3,)),
    Flag("all-namespaces", "bool", short="A"), Flag("short", "bool", short="q"), Flag("date", "bool", short="d"),
    Flag("reverse", "bool", short="r"), Flag("max", "int", short="m"), Flag("offset", "int"),
    Flag("filter", short="f"), Flag("selector", short="l", supported=False), Flag("time-format"),
    Flag("no-headers", "bool", majors=(4,)),
)

# command -> (its flags, how many arguments it takes, how it names itself in usage)
COMMANDS = {
    "version": (flag_table(Flag("template"), Flag("short", "bool"), Flag("client", "bool", short="c")), (0, 0), "helm version [flags]"),
    "upgrade": ({**APPLY, **UPGRADE, **CHART_PATH, **VALUES, **OUTPUT}, (2, 2), "helm upgrade [RELEASE] [CHART] [flags]"),
    "install": ({**APPLY, **INSTALL, **CHART_PATH, **VALUES, **OUTPUT}, (2, 2), "helm install [NAME] [CHART] [flags]"),
    "template": ({**APPLY, **TEMPLATE, **CHART_PATH, **VALUES}, (1, 2), "helm template [NAME] [CHART] [flags]"),
    "uninstall": (UNINSTALL, (1, None), "helm uninstall RELEASE_NAME [...] [flags]"),
    "list": ({**LIST, **OUTPUT}, (0, 0), "helm list [flags]"),
    "status": (
        {**OUTPUT, **flag_table(
            Flag("revision", "int", supported=False), Flag("show-desc", "bool", majors=(3,)),
            Flag("show-resources", "bool", majors=(3,), supported=False))},
        (1, 1), "helm status RELEASE_NAME [flags]"),
    "history": ({**OUTPUT, **flag_table(Flag("max", "int"))}, (1, 1), "helm history RELEASE_NAME [flags]"),
    "rollback": (
        flag_table(
            Flag("timeout", "duration"), Flag("wait", "wait"), Flag("wait-for-jobs", "bool"), Flag("history-max", "int"),
            Flag("cleanup-on-fail", "bool"), Flag("no-hooks", "bool"), Flag("force", "bool", supported=False)),
        (1, 2), "helm rollback <RELEASE> [REVISION] [flags]"),
    "get values": (
        {**OUTPUT, **flag_table(Flag("all", "bool", short="a"), Flag("revision", "int", supported=False))},
        (1, 1), "helm get values RELEASE_NAME [flags]"),
    "get manifest": (flag_table(Flag("revision", "int", supported=False)), (1, 1), "helm get manifest RELEASE_NAME [flags]"),
    "get notes": (flag_table(Flag("revision", "int", supported=False)), (1, 1), "helm get notes RELEASE_NAME [flags]"),
    "show values": ({**CHART_PATH, **flag_table(Flag("jsonpath", supported=False))}, (1, 1), "helm show values [CHART] [flags]"),
    "show chart": (CHART_PATH, (1, 1), "helm show chart [CHART] [flags]"),
    "repo add": (
        flag_table(
            Flag("force-update", "bool"), Flag("username"), Flag("password"), Flag("ca-file"), Flag("cert-file"),
            Flag("key-file"), Flag("insecure-skip-tls-verify", "bool"), Flag("pass-credentials", "bool"),
            Flag("timeout", "duration"), Flag("no-update", "bool"), Flag("allow-deprecated-repos", "bool")),
        (2, 2), "helm repo add [NAME] [URL] [flags]"),
    "repo update": (flag_table(Flag("fail-on-repo-update-fail", "bool", majors=(3,)), Flag("timeout", "duration")), (0, None), "helm repo update [REPO1 [REPO2 ...]] [flags]"),
    "repo list": (OUTPUT, (0, 0), "helm repo list [flags]"),
    "repo remove": ({}, (1, None), "helm repo remove [REPO1 [REPO2 ...]] [flags]"),
}

ALIASES = {
    "ls": "list", "delete": "uninstall", "del": "uninstall", "un": "uninstall", "hist": "history",
    "inspect": "show",
}
GROUPS = {name.split()[0] for name in COMMANDS if " " in name}


def pick_command(arguments):
    """Splits off the command's words, wherever global flags stand before them: (name, the arguments that are left)."""
    rest, words, index = [], [], 0
    while index < len(arguments):
        argument = arguments[index]
        if argument == "--" or (words and words[-1] not in GROUPS):
            break
        if argument.startswith("-") and argument != "-":
            rest.append(argument)
            name = argument[2:] if argument.startswith("--") else ""
            takes_value = (name in GLOBAL and GLOBAL[name].kind != "bool") or argument == "-n"
            if takes_value and index + 1 < len(arguments):
                index += 1
                rest.append(arguments[index])
        else:
            word = ALIASES.get(argument, argument)
            if len(words) == 1 and " ".join([*words, word]) not in COMMANDS:
                raise UsageError(f'unknown command "{argument}" for "helm {words[0]}"')
            words.append(word)
        index += 1
    name = " ".join(words)
    if not words:
        return "", rest
    if name not in COMMANDS and words[0] not in GROUPS:
        raise UsageError(f"unknown command \"{words[0]}\" for \"helm\"\nRun 'helm --help' for usage.")
    return name, rest + arguments[index:]


def parse(name, arguments, major):
    """Flags and arguments of the command `name`: ({flag: value}, [argument]). Raises UsageError as Helm would."""
    own, (least, most), usage = COMMANDS[name]
    table = {key: flag for key, flag in {**GLOBAL, **own}.items() if major in flag.majors}
    shorts = {flag.short: flag for flag in table.values() if flag.short}
    # A command's own short flag hides the global one of the same letter.
    shorts.update({flag.short: flag for flag in own.values() if flag.short and major in flag.majors})
    values, positional, queue = {}, [], list(arguments)
    while queue:
        argument = queue.pop(0)
        if argument == "--":
            positional += queue
            break
        if argument.startswith("--"):
            key, equals, text = argument[2:].partition("=")
            flag = table.get(key)
            if flag is None:
                raise UsageError(f"unknown flag: --{key}")
            if not equals:
                text = implied(flag, major)
                if text is None:
                    if not queue:
                        raise UsageError(f"flag needs an argument: --{key}")
                    text = queue.pop(0)
            store(values, flag, text, major, f"--{key}")
        elif argument.startswith("-") and len(argument) > 1:
            letters = argument[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                flag = shorts.get(letter)
                if flag is None:
                    raise UsageError(f"unknown shorthand flag: '{letter}' in {argument}")
                if letters.startswith("="):
                    text, letters = letters[1:], ""
                else:
                    text = implied(flag, major)
                    if text is None and letters:
                        text, letters = letters, ""
                    elif text is None:
                        if not queue:
                            raise UsageError(f"flag needs an argument: '{letter}' in {argument}")
                        text = queue.pop(0)
                store(values, flag, text, major, f"-{letter}, --{flag.name}")
        else:
            positional.append(argument)
    if "help" not in values:
        check_count(name, positional, least, most, usage)
    return values, positional


def implied(flag, major):
    """What the flag means when nothing follows it; None where a value must follow."""
    if flag.kind == "bool":
        return "true"
    if flag.kind == "wait":
        return "true" if major == 3 else "watcher"
    if flag.kind == "dry-run":
        return "client" if major == 3 else "unchanged"
    return None


def store(values, flag, text, major, shown):
    try:
        value = typed(flag, text, major)
    except ValueError as error:
        raise UsageError(f'invalid argument "{text}" for "{shown}" flag: {error}') from error
    if flag.kind in ("list", "array"):
        values.setdefault(flag.name, []).extend(value)
    else:
        values[flag.name] = value


def typed(flag, text, major):
    if flag.kind == "bool" or (flag.kind == "wait" and major == 3):
        return boolean(text)
    if flag.kind == "wait":
        strategies = {"true": "watcher", "false": "hookOnly"}
        value = strategies.get(text, text)
        if value not in ("watcher", "hookOnly", "legacy"):
            raise ValueError("invalid wait input \"%s\". Valid inputs are %s, %s, and %s" % (text, "watcher", "hookOnly", "legacy"))
        return value
    if flag.kind == "dry-run":
        return dry_run(text)
    if flag.kind == "int":
        try:
            return int(text, 0)
        except ValueError:
            raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
    if flag.kind == "float":
        return float(text)
    if flag.kind == "duration":
        return duration(text)
    if flag.kind == "list":
        return text.split(",") if text else []
    if flag.kind == "array":
        return [text]
    return text


def boolean(text):
    """As Go's strconv.ParseBool."""
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def dry_run(text):
    """One of none, client, server."""
    if text in ("", "none", "false", "False"):
        return "none"
    if text in ("client", "unchanged", "true", "True"):
        return "client"
    if text == "server":
        return "server"
    raise ValueError('unsupported value. Must be one of "none", "client" or "server"')


UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def duration(text):
    """Seconds of a Go duration such as `5m0s`."""
    if text in ("0", "+0", "-0"):
        return 0.0
    parts = re.findall(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text.lstrip("+-"):
        missing = re.fullmatch(r"[+-]?[\d.]+", text)
        raise ValueError(f'time: {"missing unit in" if missing else "invalid"} duration "{text}"')
    total = sum(float(number) * UNITS[unit] for number, unit in parts)
    return -total if text.startswith("-") else total


def check_count(name, positional, least, most, usage):
    count = len(positional)
    if count < least or (most is not None and count > most):
        if most == 0:
            raise UsageError(f'"helm {name}" accepts no arguments\n\nUsage:  {usage}')
        bound = "at least " if most != least else ""
        noun = "argument" if least == 1 else "arguments"
        raise UsageError(f'"helm {name}" requires {bound}{least} {noun}\n\nUsage:  {usage}')


def unsupported(name, values):
    """The given flags that the engine cannot honour."""
    table = {**GLOBAL, **COMMANDS[name][0]}
    return [key for key in values if not table[key].supported]
