"""scripts/python.sh with a python3 that makes environments without a network, or fails to."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve()
# Of "python3 -m venv FOLDER" it makes a bin/python whose pip fails where the file "offline" is, and that tells its requirements.
PYTHON = """#!/bin/sh
mkdir -p "$3/bin"
printf '#!/bin/sh\\n[ ! -e {root}/offline ] || {{ echo ERROR: no network; exit 1; }}\\ncat {root}/pins > "$(dirname "$0")/installed"\\n' > "$3/bin/python"
chmod +x "$3/bin/python"
"""


class Python(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        for folder in ("scripts", "tools"):
            (self.root / folder).mkdir()
        shutil.copy(SCRIPT, self.root / "scripts")
        for name, body in (("python3", PYTHON.format(root=self.root)), ("sleep", "#!/bin/sh\n")):
            (self.root / "tools" / name).write_text(body)
            (self.root / "tools" / name).chmod(0o755)
        self.pins, self.offline = self.root / "pins", self.root / "offline"
        self.installed = self.root / "build/python/some/bin/installed"
        self.pins.write_text("numpy==1\n")

    def run_script(self, *words):
        environment = {**os.environ, "PATH": f"{self.root}/tools:{os.environ['PATH']}"}
        result = subprocess.run(["bash", self.root / "scripts/python.sh", *map(str, words)], env=environment, text=True, timeout=60,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout

    def test_makes_an_environment_once_for_its_pins(self):
        self.assertEqual(self.run_script("some", self.pins), (0, f"python: making build/python/some from {self.pins}\n"))
        self.assertEqual(self.run_script("some", self.pins), (0, ""))
        self.pins.write_text("numpy==2\n")
        self.assertEqual(self.run_script("some", self.pins)[0], 0)
        self.assertEqual(self.installed.read_text(), "numpy==2\n")
        self.assertEqual([path.name for path in (self.root / "build/python").iterdir()], ["some"])

    def test_keeps_the_old_one_where_the_new_pins_cannot_be_had(self):
        self.run_script("some", self.pins)
        self.pins.write_text("numpy==2\n")
        self.offline.touch()
        for _ in range(2):
            status, output = self.run_script("some", self.pins)
            self.assertEqual(status, 1, output)
            self.assertIn("the one with other pins stays", output)
            self.assertEqual(self.installed.read_text(), "numpy==1\n")
        self.pins.write_text("numpy==1\n")
        self.assertEqual(self.run_script("some", self.pins), (0, ""))

    def test_leaves_nothing_where_there_was_nothing(self):
        self.offline.touch()
        status, output = self.run_script("some", self.pins)
        self.assertEqual(status, 1, output)
        self.assertIn("ERROR: no network", output)
        self.assertIn("what needs it will be skipped", output)
        self.assertFalse((self.root / "build/python/some").exists())

    def test_refuses_other_words(self):
        for words in ((), ("some",), ("some", self.pins, "more"), ("../some", self.pins), ("", self.pins)):
            status, output = self.run_script(*words)
            self.assertEqual((status, output), (2, "usage: scripts/python.sh NAME REQUIREMENTS\n"))
        self.assertEqual(self.run_script("some", "absent.txt"), (2, "python: expected a file of requirements, got absent.txt\n"))


if __name__ == "__main__":
    unittest.main()
