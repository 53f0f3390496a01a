"""What scripts/mnist.sh trains on: in a copy of the scripts, with a cmake that does nothing and a keras_mnist that prints its flags."""
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

SCRIPTS = pathlib.Path(sys.argv.pop(1)).resolve()
FILES = ("train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


class Handler(SimpleHTTPRequestHandler):
    requests = []

    def do_GET(self):
        self.requests.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


class Mnist(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root, served, tools = (pathlib.Path(temporary.name) / name for name in ("root", "served", "tools"))
        shutil.copytree(SCRIPTS, self.root / "scripts")
        for folder in (served, tools, self.root / "build/release/bin"):
            folder.mkdir(parents=True)
        for name in FILES:
            (served / name).write_bytes(name.encode() * 100)
        self.write_list("")
        self.write_program(tools / "cmake", ":")
        for name in ("apt-get", "sudo"):  # whatever this machine lacks, no test installs it
            self.write_program(tools / name, "exit 1")
        self.write_program(self.root / "build/release/bin/keras_mnist", 'echo "flags: $*"')
        self.environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        self.environment["PATH"] = f"{tools}:{self.environment['PATH']}"
        Handler.requests = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=served))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @staticmethod
    def write_program(path, body):
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def write_list(self, suffix):
        lines = [f"{hashlib.sha256(name.encode() * 100 + suffix.encode()).hexdigest()}  {name}\n" for name in FILES]
        (self.root / "scripts/mnist.sha256").write_text("".join(lines))

    def run_script(self, *flags):
        result = subprocess.run(["bash", self.root / "scripts/mnist.sh", *flags], env=self.environment, text=True, timeout=60,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout

    def test_downloads_once_and_hands_the_flags_on(self):
        data = self.root / "data/mnist"
        for _ in range(2):
            status, output = self.run_script("--data-url", self.url, "--epochs", "2", "--optimizer=sgd")
            self.assertEqual(status, 0, output)
            self.assertIn(f"flags: --data-folder {data} --epochs 2 --optimizer=sgd\n", output)
        self.assertEqual(Handler.requests, [f"/{name}" for name in FILES])
        self.assertEqual({path.name for path in data.iterdir()}, set(FILES))

    def test_says_that_it_trains_on_synthetic_digits_where_no_network_is(self):
        self.server.shutdown()
        self.server.server_close()
        status, output = self.run_script(f"--data-url={self.url}", "--epochs", "2")
        self.assertEqual(status, 0, output)
        self.assertIn("training on synthetic digits instead", output)
        self.assertIn("flags: --synthetic --epochs 2\n", output)

    def test_downloads_nothing_where_the_data_is_given(self):
        for flags in (("--data-folder", "elsewhere"), ("--data-folder=elsewhere",), ("--synthetic",)):
            status, output = self.run_script("--data-url", self.url, *flags)
            self.assertEqual(status, 0, output)
            self.assertIn(f"flags: {' '.join(flags)}\n", output)
        self.assertEqual(Handler.requests, [])

    def test_trains_on_nothing_where_the_files_are_not_mnists(self):
        self.write_list("something else")
        status, output = self.run_script("--data-url", self.url)
        self.assertEqual(status, 1, output)
        self.assertIn("expected sha256", output)
        self.assertNotIn("flags:", output)

    def test_goes_on_where_the_onnx_component_cannot_be_had(self):
        setup = self.root / "scripts/setup.sh"
        setup.write_text(setup.read_text().replace("command protoc", "command no-such-protoc"))
        status, output = self.run_script("--synthetic")
        self.assertEqual(status, 0, output)
        self.assertIn("could not be installed: protobuf-compiler", output)
        self.assertIn("mnist: going on without the onnx component", output)
        self.assertIn("flags: --synthetic\n", output)

    def test_explains_itself_without_installing_or_building(self):
        self.write_program(pathlib.Path(self.environment["PATH"].split(":")[0]) / "cmake", "echo built")
        status, output = self.run_script("--help")
        self.assertEqual(status, 0, output)
        self.assertIn("usage: scripts/mnist.sh", output)
        self.assertIn("flags: --help", output)
        self.assertNotIn("built", output.splitlines())

    def test_stops_where_the_build_fails(self):
        self.write_program(pathlib.Path(self.environment["PATH"].split(":")[0]) / "cmake", "echo no compiler; exit 1")
        status, output = self.run_script("--synthetic")
        self.assertEqual(status, 1)
        self.assertIn("no compiler", output)
        self.assertNotIn("flags:", output)


if __name__ == "__main__":
    unittest.main()
