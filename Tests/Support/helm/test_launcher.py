"""Checks of the stand-in itself: its flags, its values, its kubeconfig. scripts/test runs them."""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from launcher import commands, flags, kubeconfig, repository, values  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CHART = ROOT / "Resources" / "chart" / "datarobot-management-agent"


def run(*arguments, major=4):
    """(exit code, stdout, stderr) of one command line, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = commands.run(list(arguments), major)
    return code, out.getvalue(), err.getvalue()


class FlagsTest(unittest.TestCase):
    def test_flags_stand_anywhere_and_take_either_form(self):
        parsed, positional = flags.parse(
            "upgrade", ["bosun", "--install", ".", "-n", "a", "-fx.yaml", "-f=y.yaml", "--timeout=5m0s", "--set", "a=1,b=2"], 4)
        self.assertEqual(positional, ["bosun", "."])
        self.assertEqual(parsed, {
            "install": True, "namespace": "a", "values": ["x.yaml", "y.yaml"], "timeout": 300.0, "set": ["a=1,b=2"]})

    def test_two_dashes_end_the_flags(self):
        self.assertEqual(flags.parse("upgrade", ["a", "--", "-b"], 4)[1], ["a", "-b"])

    def test_flags_of_the_other_major_are_unknown(self):
        cases = [
            (3, ["--rollback-on-failure"], "unknown flag: --rollback-on-failure"),
            (3, ["--server-side=true"], "unknown flag: --server-side"),
            (3, ["--force-conflicts"], "unknown flag: --force-conflicts"),
            (3, ["--wait=watcher"], 'invalid argument "watcher" for "--wait" flag: strconv.ParseBool: parsing "watcher": invalid syntax'),
            (4, ["--recreate-pods"], "unknown flag: --recreate-pods"),
            (4, ["--nope"], "unknown flag: --nope"),
            (4, ["-Z"], "unknown shorthand flag: 'Z' in -Z"),
        ]
        for major, arguments, message in cases:
            with self.subTest(message):
                self.assertEqual(run("upgrade", "a", "b", *arguments, major=major), (1, "", f"Error: {message}\n"))

    def test_all_belongs_to_the_list_of_helm_3(self):
        self.assertEqual(run("list", "--all", major=4), (1, "", "Error: unknown flag: --all\n"))
        self.assertEqual(flags.parse("list", ["-a"], 3)[0], {"all": True})

    def test_wait_takes_its_value_behind_an_equals_sign_only(self):
        self.assertEqual(flags.parse("upgrade", ["a", "b", "--wait"], 4)[0], {"wait": "watcher"})
        self.assertEqual(flags.parse("upgrade", ["a", "b", "--wait=legacy"], 4)[0], {"wait": "legacy"})
        self.assertEqual(flags.parse("upgrade", ["a", "b", "--wait=true"], 4)[0], {"wait": "watcher"})
        self.assertEqual(flags.parse("upgrade", ["a", "b", "--wait"], 3)[0], {"wait": True})
        with self.assertRaisesRegex(flags.UsageError, "requires 2 arguments"):
            flags.parse("upgrade", ["a", "b", "--wait", "legacy"], 4)

    def test_dry_run_means_client_where_nothing_follows(self):
        for arguments, meaning in ((["--dry-run"], "client"), (["--dry-run=server"], "server"), (["--dry-run=none"], "none")):
            self.assertEqual(flags.parse("upgrade", ["a", "b", *arguments], 4)[0]["dry-run"], meaning)

    def test_arguments_are_counted(self):
        self.assertEqual(run("upgrade", "a"), (
            1, "", 'Error: "helm upgrade" requires 2 arguments\n\nUsage:  helm upgrade [RELEASE] [CHART] [flags]\n'))
        self.assertEqual(run("upgrade", "a", "b", "--values"), (1, "", "Error: flag needs an argument: --values\n"))

    def test_unknown_commands_are_refused(self):
        code, _, error = run("instal")
        self.assertEqual((code, error.splitlines()[0]), (1, 'Error: unknown command "instal" for "helm"'))

    def test_global_flags_may_stand_before_the_command(self):
        self.assertEqual(
            flags.pick_command(["--kube-context", "c", "-n", "list", "get", "values", "r"]),
            ("get values", ["--kube-context", "c", "-n", "list", "r"]))

    def test_durations_are_those_of_go(self):
        self.assertEqual(flags.duration("1h2m3.5s"), 3723.5)
        self.assertEqual(flags.duration("150ms"), 0.15)
        for text in ("5", "", "5x", "m5"):
            with self.subTest(text), self.assertRaises(ValueError):
                flags.duration(text)

    def test_what_the_engine_cannot_do_is_refused_aloud(self):
        code, _, error = run("upgrade", "a", "b", "--post-renderer", "x")
        self.assertEqual((code, error), (1, "Error: the Helm engine of the tests has no --post-renderer\n"))


class ValuesTest(unittest.TestCase):
    def gather(self, **given):
        return values.gather({key.replace("_", "-"): value for key, value in given.items()}, io.StringIO(""))

    def test_set_makes_types_lists_and_paths(self):
        self.assertEqual(
            self.gather(set=["a.b=1,c=true,d=null,e=01,f={x,2},g[1].h=z,i\\.j/k=v\\,w", "l="]),
            {"a": {"b": 1}, "c": True, "d": None, "e": "01", "f": ["x", 2], "g": [None, {"h": "z"}], "i.j/k": "v,w", "l": ""})

    def test_set_string_and_set_literal_keep_text(self):
        self.assertEqual(self.gather(set_string=["a=605,b=true"], set_literal=["c=x,y=z"]), {"a": "605", "b": "true", "c": "x,y=z"})

    def test_set_json_takes_a_value_or_a_whole_mapping(self):
        self.assertEqual(self.gather(set_json=['a=[1,{"b":2}]', '{"c": null}']), {"a": [1, {"b": 2}], "c": None})

    def test_later_files_win_and_set_wins_over_files(self):
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for index, text in enumerate(("a: {b: 1, c: 2}\nd: [1]\n", "a: {c: 3}\nd: [2]\n", "")):
                names.append(f"{folder}/{index}.yaml")
                pathlib.Path(names[-1]).write_text(text)
            self.assertEqual(self.gather(values=names, set=["a.b=9"]), {"a": {"b": 9, "c": 3}, "d": [2]})

    def test_yaml_is_read_as_helm_reads_it(self):
        self.assertEqual(
            values.load("a: on\nb: 12:30\nc: 2020-01-01\nd: 1e3\ne: 010\nf: '1'\ng: .5\nh: 1_000\ni: 51m\n", "x"),
            {"a": True, "b": "12:30", "c": "2020-01-01", "d": 1000.0, "e": 8, "f": "1", "g": 0.5, "h": 1000, "i": "51m"})

    def test_broken_files_are_named(self):
        for text, message in (("a: [", "failed to parse x: error converting YAML to JSON"), ("- a", "failed to parse x: error unmarshaling")):
            with self.subTest(text), self.assertRaisesRegex(values.ValuesError, message):
                values.load(text, "x")
        with self.assertRaisesRegex(values.ValuesError, "open /nonexistent: no such file"):
            self.gather(values=["/nonexistent"])


class KubeconfigTest(unittest.TestCase):
    TEXT = """
current-context: one
clusters: [{name: c, cluster: {server: https://a, certificate-authority: ca.pem}}]
contexts:
- {name: one, context: {cluster: c, user: u, namespace: from-one}}
- {name: two, context: {cluster: c, user: u, namespace: from-two}}
users: [{name: u, user: {token: t}}]
"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "config"
        self.path.write_text(self.TEXT)
        saved = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(saved)))
        for name in list(os.environ):
            if name.startswith("HELM_") or name == "KUBECONFIG":
                del os.environ[name]

    def test_the_namespace_is_that_of_flag_environment_context(self):
        os.environ["KUBECONFIG"] = f"/nonexistent:{self.path}"
        self.assertEqual(kubeconfig.namespace({}), "from-one")
        self.assertEqual(kubeconfig.namespace({"kube-context": "two"}), "from-two")
        os.environ["HELM_KUBECONTEXT"] = "two"
        self.assertEqual(kubeconfig.namespace({}), "from-two")
        os.environ["HELM_NAMESPACE"] = "from-environment"
        self.assertEqual(kubeconfig.namespace({}), "from-environment")
        self.assertEqual(kubeconfig.namespace({"namespace": "from-flag"}), "from-flag")
        self.assertEqual(kubeconfig.namespace({"kubeconfig": "/nonexistent", "namespace": ""}), "from-environment")

    def test_flags_override_the_file(self):
        self.assertIsNone(kubeconfig.overridden({"kubeconfig": str(self.path)}))
        import yaml

        text = kubeconfig.overridden({"kubeconfig": str(self.path), "kube-apiserver": "https://b", "kube-as-user": "eve"})
        document = yaml.safe_load(text)
        self.assertEqual(document["clusters"][0]["cluster"], {"server": "https://b", "certificate-authority": str(self.path.parent / "ca.pem")})
        self.assertEqual(document["users"][0]["user"], {"token": "t", "as": "eve"})


class EngineTest(unittest.TestCase):
    """The real library, without a cluster; each in a process of its own, as the library lives once in a process."""

    def helm(self, *arguments, name="helm", **environment):
        done = subprocess.run(
            [str(HERE / name), *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, "KUBECONFIG": "/nonexistent", **environment}, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_the_version_is_the_engines_or_that_of_helm_3(self):
        code, out, _ = self.helm("version", "--template", "{{.Version}}")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^v4\.\d+\.\d+$")
        self.assertEqual(self.helm("version", "--template", "{{.Version}}", name="helm3"), (0, "v3.21.4", ""))
        self.assertEqual(self.helm("version", "--short", MLOPS_TEST_HELM_MAJOR="3")[1], "v3.21.4+g0000000\n")
        self.assertIn("can't evaluate field KubeClientVersion", self.helm("version", "--template", "{{.KubeClientVersion}}", name="helm3")[2])

    def test_a_chart_is_rendered_without_a_cluster(self):
        code, out, error = self.helm(
            "template", "bosun", str(CHART), "--namespace", "ns", "--set", "managementAgent.tag=1.2.3", "-s", "templates/deployment.yaml")
        self.assertEqual((code, error), (0, ""))
        self.assertTrue(out.startswith("---\n# Source: datarobot-management-agent/templates/deployment.yaml\n"), out[:200])
        self.assertIn("name: bosun-datarobot-management-agent\n  namespace: ns\n", out)
        self.assertIn('mlops-management-agent:1.2.3"', out)

    def test_every_example_of_both_charts_renders(self):
        charts = [CHART, ROOT / "Tests" / "Fixtures" / "charts" / "alpha" / "datarobot-management-agent"]
        for chart in charts:
            for overlay in [None, *sorted((chart / "examples").iterdir())]:
                with self.subTest(chart=chart, overlay=overlay):
                    code, out, error = self.helm("template", "bosun", str(chart), *(["-f", str(overlay)] if overlay else []))
                    self.assertEqual((code, error), (0, ""))
                    self.assertIn("kind: Deployment", out)

    def test_the_schema_of_a_chart_is_enforced(self):
        code, _, error = self.helm("template", "bosun", str(CHART), "--set", "imageBuilder.ppsImage=a:latest")
        self.assertEqual(code, 1)
        self.assertIn("'/imageBuilder/ppsImage'", error)

    def test_default_values_are_shown_as_they_are_written(self):
        self.assertEqual(self.helm("show", "values", str(CHART)), (0, (CHART / "values.yaml").read_text(), ""))

    def test_a_cluster_that_is_not_there_is_an_error(self):
        code, out, error = self.helm("upgrade", "--install", "bosun", str(CHART))
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(error, r"^Error: (?i:kubernetes) cluster unreachable: ")


class RepositoryTest(unittest.TestCase):
    def test_a_chart_is_found_in_an_index(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "index.yaml").write_text(
                "entries: {a: [{version: 2.0.0, urls: [a-2.tgz]}, {version: 1.0.0, urls: ['https://x/a-1.tgz']}]}\n")
            address = pathlib.Path(folder).as_uri()
            self.assertEqual(repository.archive(address, "a"), f"{address}/a-2.tgz")
            self.assertEqual(repository.archive(address, "a", "1.0.0"), "https://x/a-1.tgz")
            with self.assertRaisesRegex(repository.RepositoryError, 'chart "b" not found'):
                repository.archive(address, "b")


if __name__ == "__main__":
    unittest.main()
