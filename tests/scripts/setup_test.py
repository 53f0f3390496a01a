"""scripts/setup.sh where everything is there, and where tools are missing: its PATH holds only what a test puts there."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve()
BARE = ("bash", "cat", "env", "grep", "id", "mktemp", "rm", "sort", "tr", "uname")


class Setup(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.path = pathlib.Path(temporary.name)
        self.add(*BARE)

    def add(self, *commands):
        for command in commands:
            (self.path / command).symlink_to(shutil.which(command))

    def write(self, command, body):
        (self.path / command).write_text(f"#!/bin/sh\n{body}\n")
        (self.path / command).chmod(0o755)

    def run_script(self, *sets):
        result = subprocess.run([self.path / "bash", SCRIPT, *sets], env={"PATH": str(self.path)}, text=True, timeout=60,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout

    def test_touches_no_network_where_everything_is_present(self):
        self.add("g++", "cmake", "ninja")
        self.write("apt-get", "echo apt-get was called")
        status, output = self.run_script("build")
        self.assertEqual((status, output), (0, "setup: every package of build is present\n"))

    def test_lists_what_is_missing_where_nothing_can_install(self):
        self.add("g++")
        status, output = self.run_script("build")
        self.assertEqual(status, 1)
        self.assertIn("setup: missing packages: cmake ninja-build \n", output)
        self.assertIn("there is no apt-get here", output)
        self.assertIn("still missing, and could not be installed: cmake ninja-build", output)

    def test_names_what_is_missing_before_it_installs_just_that(self):
        self.add("g++", "cmake")
        log = self.path / "log"
        self.write("sudo", 'exec "$@"')
        self.write("apt-get", f'echo "$*" >> {log}; case "$*" in *install*) printf "#!/bin/sh\\n" > {self.path}/ninja; chmod +x {self.path}/ninja;; esac')
        self.add("chmod", "sh")
        status, output = self.run_script("build")
        self.assertEqual(status, 0, output)
        self.assertLess(output.index("missing packages: ninja-build"), output.index("installing them"))
        update, install = log.read_text().splitlines()
        self.assertTrue(update.endswith("update"), update)
        self.assertTrue(install.endswith("install -y --no-install-recommends ninja-build"), install)

    def test_lists_what_is_still_missing_where_installing_fails(self):
        self.add("g++", "cmake")
        self.write("sudo", 'exec "$@"')
        self.write("apt-get", "echo 'E: Temporary failure resolving'; exit 100")
        status, output = self.run_script("build")
        self.assertEqual(status, 1)
        self.assertIn("E: Temporary failure resolving", output)
        self.assertIn("could not be installed: ninja-build", output)

    def test_builds_without_what_the_onnx_component_needs(self):
        self.add("g++", "cmake", "ninja")
        self.assertEqual(self.run_script("build")[0], 0)
        status, output = self.run_script("onnx")
        self.assertEqual(status, 1)
        self.assertIn("protobuf-compiler", output)

    def test_refuses_a_set_that_it_does_not_know(self):
        status, output = self.run_script("everything")
        self.assertEqual(status, 1)
        self.assertIn("expected build, onnx, download, test, full, benchmark, peers or libtorch, got everything", output)


if __name__ == "__main__":
    unittest.main()
