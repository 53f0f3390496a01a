"""The driver of the benchmark against peers, with peers of its own making: what it computes, prints, and does about one that fails."""
import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

FOLDER = pathlib.Path(sys.argv.pop(1)).resolve()
sys.dont_write_bytecode = True
sys.path.insert(0, str(FOLDER))

import digits  # noqa: E402  the path comes first
import tables  # noqa: E402

# A peer: its rounds take the seconds given, one after another; then it dies. It knows lenet5 if that word comes last.
PEER = """
import sys
seconds = sys.argv[1].split(",")
flags = sys.argv[2:]
models = ["mnist_mlp"]
if seconds[-1] == "lenet5":
    models.append(seconds.pop())
if flags[flags.index("--model") + 1] not in models:
    sys.exit("--model: expected mnist_mlp")
if "--first" in flags:
    print("first loss 2.5")
    sys.exit()
if seconds == ["none"]:
    sys.exit("compile: expected one thread, got two")
print("a word of welcome")
print("ready", flush=True)
for line in sys.stdin:
    if not seconds:
        sys.exit("out of rounds")
    print("seconds", seconds.pop(0), "loss 0.25 peak_gflops 200", flush=True)
"""


def measured(*seconds, peaks=()):
    return tables.Measured(1000, list(seconds), list(peaks), 0.25, 40.0)


WORK = tables.Work(1, 50, "sgd")
TITLES = {"keratin": "Keratin", "jax": "JAX", "hand": "by hand"}


class Tables(unittest.TestCase):
    def test_a_step_is_the_median_round(self):
        self.assertAlmostEqual(measured(0.3, 0.9, 0.2).microseconds(), 300)
        self.assertAlmostEqual(measured(0.3, 0.9, 0.2).spread(), 0.7 / 2 / 0.3)
        self.assertIsNone(measured().microseconds())

    def test_counts_the_products_of_a_step(self):
        self.assertAlmostEqual(tables.MODELS["mnist_mlp"].megaflop_a_sample, 1.1268)
        self.assertAlmostEqual(tables.MODELS["lenet5"].megaflop_a_sample, 2.26392)
        self.assertAlmostEqual(tables.gigaflops(WORK, 563.4), 100)
        self.assertAlmostEqual(tables.gigaflops(tables.Work(1, 50, "sgd", "lenet5"), 1131.96), 100)

    def test_a_work_has_times_ratios_and_shares_of_the_peak(self):
        header, rows = tables.table_of_work(WORK, {"keratin": measured(0.2817, peaks=[240, 250, 260]), "jax": measured(0.5634)}, TITLES)
        self.assertEqual(rows[0], ["Keratin", "281.7", "0%", "1.00", "200", "80.0%", "0.250", "40"])
        self.assertEqual(rows[1][:6], ["JAX", "563.4", "0%", "2.00", "100", "40.0%"])
        self.assertEqual(len(header), len(rows[0]))

    def test_a_peer_without_a_time_leaves_a_gap(self):
        results = {WORK: {"keratin": measured(), "jax": measured(0.5)}}
        (header, rows), = tables.tables_of_ratios(results, TITLES)
        self.assertEqual(header, ["1 thread", "50 sgd"])
        self.assertEqual(rows, [["Keratin", "–"], ["JAX", "500"], ["Keratin against the best", "–"]])

    def test_the_yardstick_is_no_peer(self):
        results = {"keratin": measured(0.2), "hand": measured(0.1), "jax": measured(0.3)}
        self.assertEqual(tables.best_ratio(results), "1.50")
        self.assertEqual(tables.best_ratio({"keratin": measured(0.2), "hand": measured(0.1)}), "–")

    def test_threads_have_tables_of_their_own(self):
        results = {tables.Work(threads, batch, "sgd"): {"keratin": measured(0.2)} for threads in (1, 2) for batch in (50, 512)}
        headers = [header for header, _ in tables.tables_of_ratios(results, TITLES)]
        self.assertEqual(headers, [["1 thread", "50 sgd", "512 sgd"], ["2 threads", "50 sgd", "512 sgd"]])

    def test_text_is_aligned_and_markdown_a_table(self):
        header, rows = ["", "us"], [["Keratin", "9.5"], ["JAX", "10.25"]]
        self.assertEqual(tables.plain(header, rows), "            us\nKeratin    9.5\nJAX      10.25")
        self.assertEqual(tables.markdown(header, rows), "|  | us |\n|---|---:|\n| Keratin | 9.5 |\n| JAX | 10.25 |")


class Digits(unittest.TestCase):
    def test_the_values_of_an_npy_file_begin_at_a_multiple_of_64(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.npy"
            for shape in ((3,), (60000, 784)):
                digits.write_npy(path, shape, b"abc")
                content = path.read_bytes()
                self.assertEqual((content[:8], content[-3:]), (b"\x93NUMPY\1\0", b"abc"))
                self.assertEqual(content[8] + 256 * content[9], len(content) - 10 - 3)
                self.assertEqual((len(content) - 3) % 64, 0)
                self.assertEqual(eval(content[10:-3])["shape"], shape)


    def write_mnist(self, folder, pixel, labels=3):
        (folder / "mnist").mkdir(parents=True, exist_ok=True)
        for name, header, content in (("images-idx3", struct.pack(">4B3I", 0, 0, 8, 3, 3, 28, 28), bytes([pixel]) * 3 * 784),
                                      ("labels-idx1", struct.pack(">4BI", 0, 0, 8, 1, labels), bytes(labels))):
            (folder / "mnist" / f"train-{name}-ubyte.gz").write_bytes(gzip.compress(header + content))

    def prepare(self, source, folder):
        with mock.patch.dict(os.environ, KERATIN_DATA_DIR=str(source)), mock.patch.object(digits, "SAMPLES", 3):
            digits.prepare(FOLDER, folder)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def test_are_made_once_from_each_folder(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            self.write_mnist(root / "a", 1)
            self.write_mnist(root / "b", 2)
            of_a = self.prepare(root / "a", root / "data")
            self.assertEqual(set(of_a), {"images.npy", "labels.npy", "made_from"})
            self.assertTrue(of_a["images.npy"].endswith(bytes([1]) * 3 * 784))
            self.write_mnist(root / "a", 3)
            self.assertEqual(self.prepare(root / "a", root / "data"), of_a)
            self.assertTrue(self.prepare(root / "b", root / "data")["images.npy"].endswith(bytes([2]) * 3 * 784))

    def test_are_as_many_images_as_labels(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            self.write_mnist(root / "a", 1, labels=2)
            with self.assertRaisesRegex(ValueError, "expected 3 images and as many labels"):
                self.prepare(root / "a", root / "data")
            self.assertFalse((root / "data").exists())


class Run(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.build = pathlib.Path(temporary.name)
        data = self.build / "peers" / "data"  # as if made from the MNIST that the environment names
        for folder in (data, self.build / "mnist"):
            folder.mkdir(parents=True)
        (self.build / "mnist" / "train-images-idx3-ubyte.gz").touch()
        (data / "made_from").write_text(str((self.build / "mnist").resolve()))
        (self.build / "peer.py").write_text(PEER)
        self.data = self.build

    def run_driver(self, *flags, **peers):
        adds = [word for name, seconds in peers.items() for word in ("--add", f"{name}={sys.executable} {self.build}/peer.py {seconds}")]
        result = subprocess.run([sys.executable, "-B", FOLDER / "run.py", "--build", self.build, "--batches", "50", "--optimizers", "sgd",
                                 "--threads", "1", *adds, *flags], env={**os.environ, "KERATIN_DATA_DIR": str(self.data)}, text=True, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout

    def test_prints_the_tables_and_keeps_the_numbers(self):
        status, output = self.run_driver("--peers", "keratin,other", "--rounds", "3", "--steps", "1000", "--markdown",
                                         keratin="9,0.25,0.24,0.26", other="9,0.5,0.4,0.6")
        self.assertEqual(status, 0, output)
        self.assertIn("| Keratin against the best | 2.00 |", output.replace("keratin |", "Keratin |"))
        self.assertIn("| other | 500 (2.00) |", output)
        numbers = json.loads((self.build / "peers" / "results.json").read_text())
        self.assertEqual(numbers["works"][0]["peers"]["keratin"]["seconds"], [0.25, 0.24, 0.26])  # the first round warms up
        self.assertEqual(len(numbers["first_step_ms"]["other"]), 3)

    def test_trains_the_model_that_is_asked_for(self):
        status, output = self.run_driver("--model", "lenet5", "--peers", "keratin,other", "--rounds", "1", "--steps", "1000", "--starts", "0",
                                         keratin="9,0.25,lenet5", other="9,0.5")
        self.assertEqual(status, 0, output)
        self.assertIn("LeNet-5, batch 50, sgd, 1 thread: medians", output)
        self.assertRegex(output, r"keratin +250\.0 +0% +1\.00 +453 +226\.4%")
        self.assertIn("other: not available: --model: expected mnist_mlp", output)
        self.assertEqual(json.loads((self.build / "peers" / "results.json").read_text())["works"][0]["model"], "lenet5")

    def test_goes_on_without_a_peer_that_fails(self):
        status, output = self.run_driver("--peers", "keratin,refusing,dying,jax", "--rounds", "2", "--starts", "0", "--python", "/nowhere/python",
                                         keratin="9,0.25,0.25", refusing="none", dying="9,0.5")
        self.assertEqual(status, 0, output)
        self.assertIn("refusing: not available: compile: expected one thread, got two", output)
        self.assertIn("dying: not available: out of rounds", output)
        self.assertIn("JAX: not available: /nowhere/python is not there", output)
        self.assertRegex(output, r"keratin +\d+\.\d")

    def test_refuses_flags_that_it_does_not_know(self):
        for flags, message in ((("--peers", "nobody"), "got nobody"), (("--optimizers", "sgd,lion"), "got lion"), (("--rounds", "0"), "above 0"),
                               (("--batches", "0"), "above 0"), (("--batches", "50,60001"), "at most 60000 samples, got 60001"), (("--model", "vgg"), "'vgg'"),
                               (("--add", "alone"), "expected NAME=COMMAND, got alone")):
            status, output = self.run_driver(*flags)
            self.assertEqual(status, 2, output)
            self.assertIn(message, output)

    def test_asks_for_mnist_before_anything_else(self):
        self.data = self.build / "nowhere"
        for flags in ((), ("--prepare",)):
            status, output = self.run_driver("--peers", "keratin", *flags, keratin="9")
            self.assertEqual(status, 1, output)
            self.assertIn(f"run_peers: expected MNIST's gzip files in {self.data}/mnist; scripts/mnist.sh fetches them", output)
        self.data = self.build
        self.assertEqual(self.run_driver("--prepare"), (0, ""))

    def test_says_what_the_chosen_peers_need(self):
        self.assertEqual(self.run_driver("--needs", "--peers", "keratin,hand,jax,libtorch-blis"), (0, "hand_peer keratin_peer libtorch python\n"))
        self.assertEqual(self.run_driver("--needs", "--peers", "mine", mine="1"), (0, "\n"))
        self.assertEqual(self.run_driver("--needs"), (0, "hand_peer keratin_peer libtorch python\n"))
        self.assertEqual(self.run_driver("--needs", "--model", "lenet5"), (0, "keratin_peer libtorch python\n"))  # no other is left out


if __name__ == "__main__":
    unittest.main()
