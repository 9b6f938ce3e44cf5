"""Checks of the scripts that the checks stand on. scripts/test runs them."""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def house_rules():
    path = str(ROOT / "scripts" / "house-rules")
    loader = importlib.machinery.SourceFileLoader("house_rules", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("house_rules", loader))
    loader.exec_module(module)
    return module


class HouseRulesTest(unittest.TestCase):
    def problems(self, text):
        return [(number, problem.split(":")[0]) for number, problem in house_rules().of_source(text)]

    def test_what_breaks_a_rule_is_found_on_its_line(self):
        cases = {
            "import Foundation": "import FoundationEssentials, not Foundation",
            "public import FoundationNetworking": "import FoundationEssentials, not FoundationNetworking",
            "@preconcurrency import Foundation": "import FoundationEssentials, not Foundation",
            "let a = try! b()": "try!",
            "let a = b!": "a forced unwrap or cast",
            "let a = b()!.c": "a forced unwrap or cast",
            "let a = b[0]!": "a forced unwrap or cast",
            "let a = b as! C": "a forced unwrap or cast",
            "var a: B!": "a forced unwrap or cast",
            "let a = try? b()": "try? drops an error",
            "final class A: @unchecked Sendable {}": "@unchecked Sendable",
        }
        for line, problem in cases.items():
            with self.subTest(line):
                self.assertEqual(self.problems("\n" + line + "\n"), [(2, problem)])

    def test_what_breaks_none_is_left_alone(self):
        for text in (
            "import FoundationEssentials",
            "import struct Foundation.Data",
            "if !a, a != b, !c.isEmpty {}",
            'let a = "Hello!" + "b!" + """\n  try! c!\n  """',
            "// try! this at home!\nlet a = 1  // b!",
            "/* a! */ let b = 1",
            "let a = try? b()  // nothing to say if it is gone",
            "// Nothing to say if it is gone.\nlet a = try? b()",
            "/// Owned by the loop's thread.\npublic final class A: @unchecked Sendable {}",
            "/// Guarded by the lock.\n@available(macOS 15, *)\nfinal class A: @unchecked Sendable {}",
            'let a = "\\("b"!)"',
        ):
            with self.subTest(text):
                self.assertEqual(self.problems(text + "\n"), [])


class PrerequisitesTest(unittest.TestCase):
    """scripts/prerequisites with an apt-get that installs nothing."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.log = self.folder / "log"
        self.policy = self.folder / "policy-rc.d"
        self.command("apt-get", f'printf "%s policy=%s\\n" "$*" "$(tail -n 1 {self.policy} 2>/dev/null)" >>{self.log}')
        self.command("sudo", '[ "$1" = -n ] && shift; exec "$@"')
        self.command("swift", "")

    def command(self, name, body):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def run_script(self):
        return subprocess.run(
            [str(ROOT / "scripts" / "prerequisites"), "build"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
            cwd="/", check=False,
            env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "MLOPS_SETUP_POLICY_RC_D": str(self.policy)})

    def test_where_nothing_is_missing_nothing_happens(self):
        self.command("dpkg-query", "printf installed")
        done = self.run_script()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertFalse(self.log.exists())

    def test_what_is_missing_is_installed_and_starts_no_service(self):
        self.command("dpkg-query", 'case "$*" in *ncurses*) exit 1 ;; esac; printf installed')
        done = self.run_script()
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertEqual(self.log.read_text().splitlines(), [
            "update -q policy=exit 101", "install -y -q --no-install-recommends libncurses-dev policy=exit 101"])
        self.assertFalse(self.policy.exists())

    def test_a_failed_install_leaves_no_policy_behind(self):
        self.command("dpkg-query", "exit 1")
        self.command("apt-get", "exit 100")
        self.assertNotEqual(self.run_script().returncode, 0)
        self.assertFalse(self.policy.exists())

    def test_a_policy_that_was_there_stays(self):
        self.policy.write_text("#!/bin/sh\nexit 101\n")
        self.command("dpkg-query", "exit 1")
        self.assertEqual(self.run_script().returncode, 0)
        self.assertTrue(self.policy.exists())


if __name__ == "__main__":
    unittest.main()
