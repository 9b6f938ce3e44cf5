"""Values files and `--set`, merged in Helm's order."""

import json
import pathlib
import re

import yaml


class ValuesError(Exception):
    """What Helm would print after `Error: `."""


class Loader(yaml.SafeLoader):
    """YAML 1.1 as Helm's parser reads it: no dates, no base-60 numbers, `1e3` is a number."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, expression) for tag, expression in rules if not tag.endswith((":timestamp", ":int", ":float", ":value"))]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*)$"), list("-+0123456789"))
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"),
    list("-+.0123456789"))


def float_of(loader, node):
    text = loader.construct_scalar(node).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


Loader.add_constructor("tag:yaml.org,2002:float", float_of)


def load(text, name):
    """The mapping that a values file holds; an empty file is an empty mapping."""
    try:
        document = yaml.load(text, Loader)  # noqa: S506, the loader above is a safe one
    except yaml.YAMLError as error:
        raise ValuesError(f"failed to parse {name}: error converting YAML to JSON: yaml: {one_line(error)}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ValuesError(f"failed to parse {name}: error unmarshaling JSON: json: cannot unmarshal into Go value of type map[string]interface {{}}")
    return document


def one_line(error):
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}: {problem}" if mark else problem


def merge(base, over):
    """`over` laid on `base`: mappings merge, everything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result


def gather(flags, stdin):
    """The values that the flags of one command amount to."""
    result = {}
    for name in flags.get("values", []):
        if name == "-":
            text = stdin.read()
        else:
            try:
                text = pathlib.Path(name).read_text(encoding="utf-8")
            except OSError as error:
                raise ValuesError(f"open {name}: {error.strerror.lower()}") from error
        result = merge(result, load(text, name))
    for text in flags.get("set-json", []):
        if text.lstrip().startswith("{"):
            result = merge(result, json_of(text, text))
        else:
            key, _, value = text.partition("=")
            put(result, path_of(key, "--set-json"), json_of(value, text))
    for text in flags.get("set", []):
        for path, value in assignments(text, "--set"):
            put(result, path, [scalar(v) for v in value] if isinstance(value, list) else scalar(value))
    for text in flags.get("set-string", []):
        for path, value in assignments(text, "--set-string"):
            put(result, path, value)
    for text in flags.get("set-file", []):
        for path, name in assignments(text, "--set-file"):
            try:
                put(result, path, pathlib.Path(name).read_text(encoding="utf-8"))
            except OSError as error:
                raise ValuesError(f"failed parsing --set-file data: open {name}: {error.strerror.lower()}") from error
    for text in flags.get("set-literal", []):
        key, _, value = text.partition("=")
        put(result, path_of(key, "--set-literal"), value)
    return result


def json_of(text, shown):
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValuesError(f"failed parsing --set-json data {shown}: {error}") from error


def scalar(text):
    """A value of `--set`: null, a bool, a decimal integer, else a string."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if text == "null":
        return None
    if text == "0" or re.fullmatch(r"-?[1-9]\d{0,17}", text):
        return int(text)
    return text


def split(text, separator):
    """Parts between separators that no backslash guards and no braces hold."""
    parts, current, depth, index = [], "", 0, 0
    while index < len(text):
        letter = text[index]
        if letter == "\\" and index + 1 < len(text):
            current += text[index:index + 2]
            index += 2
            continue
        depth += (letter == "{") - (letter == "}")
        if letter == separator and depth <= 0:
            parts.append(current)
            current = ""
        else:
            current += letter
        index += 1
    return parts + [current]


def unescape(text):
    return re.sub(r"\\(.)", r"\1", text, flags=re.S)


def assignments(text, flag):
    """The (path, value) pairs of `a.b=1,c={x,y}`; values stay text."""
    for part in split(text, ","):
        if not part:
            continue
        key, equals, value = part.partition("=")
        if not equals:
            raise ValuesError(f"failed parsing {flag} data: key \"{key}\" has no value")
        if value.startswith("{") and value.endswith("}"):
            inner = value[1:-1]
            yield path_of(key, flag), [unescape(item) for item in split(inner, ",")] if inner else []
        else:
            yield path_of(key, flag), unescape(value)


def path_of(key, flag):
    """`a.b[0].c` as ["a", "b", 0, "c"]; `\\.` is a dot in a name."""
    path = []
    for part in split(key, "."):
        name, *indices = re.split(r"\[", part)
        if name:
            path.append(unescape(name))
        for index in indices:
            if not re.fullmatch(r"\d+\]", index):
                raise ValuesError(f"failed parsing {flag} data: error parsing index: {index}")
            path.append(int(index[:-1]))
    return path


def put(tree, path, value):
    """Sets `value` at `path`, making mappings and lists on the way."""
    node = tree
    for here, following in zip(path, [*path[1:], None]):
        if isinstance(here, int):
            node.extend([None] * (here + 1 - len(node)))
        if following is None:
            node[here] = value
            return
        existing = node[here] if isinstance(here, int) else node.get(here)
        if not isinstance(existing, list if isinstance(following, int) else dict):
            existing = [] if isinstance(following, int) else {}
            node[here] = existing
        node = existing
