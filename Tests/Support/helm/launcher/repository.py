"""`--repo URL`: a chart found by its name in a repository's index."""

import urllib.error
import urllib.parse
import urllib.request

import yaml


class RepositoryError(Exception):
    """What Helm would print after `Error: `."""


def archive(address, chart, version=None):
    """The address of the chart's archive: of that version, or of the first one the index lists."""
    base = address.rstrip("/") + "/"
    try:
        with urllib.request.urlopen(base + "index.yaml", timeout=30) as answer:  # noqa: S310
            index = yaml.safe_load(answer.read()) or {}
    except (urllib.error.URLError, OSError, yaml.YAMLError) as error:
        raise RepositoryError(
            f'looks like "{address}" is not a valid chart repository or cannot be reached: {error}') from error
    for entry in (index.get("entries") or {}).get(chart, []):
        if version in (None, "", entry.get("version")):
            return urllib.parse.urljoin(base, entry["urls"][0])
    wanted = f' version "{version}"' if version else ""
    raise RepositoryError(f'chart "{chart}"{wanted} not found in {address} repository')
