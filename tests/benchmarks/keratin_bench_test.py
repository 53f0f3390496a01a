"""keratin_bench: its table, its `key: value` lines, what it refuses."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

BENCH = sys.argv.pop(1)


def run(*words):
    return subprocess.run([BENCH, *words], capture_output=True, text=True, timeout=240, check=False)


def values_of(output):
    """The lines after the table's empty one."""
    table, _, lines = output.partition("\n\n")
    return table.splitlines(), dict(line.split(": ", 1) for line in lines.strip().splitlines())


class KeratinBench(unittest.TestCase):
    def bench(self, *words):
        result = run(*words, "--rounds", "2", "--steps", "12")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        return values_of(result.stdout)

    def test_ends_with_keys_and_values(self):
        for threads in ("1", "2"):
            _, values = self.bench("--model", "mnist_mlp", "--threads", threads)
            self.assertEqual(values["network"], "mnist_mlp")
            self.assertEqual(values["batch"], "50")
            self.assertEqual(values["threads"], threads)
            self.assertEqual(values["malloc_calls_per_step"], "0")
            self.assertGreater(int(values["arena_bytes"]), 50 * 784 * 4)
            self.assertGreater(int(values["variable_bytes"]), 266_610 * 4)
            us, gflops, peak = (float(values[key]) for key in ("us_per_step", "gflops", "peak_gflops"))
            self.assertAlmostEqual(float(values["steps_per_s"]), 1e6 / us, delta=0.1 + 1e3 / us)
            self.assertAlmostEqual(gflops * us * 1e3, 50 * 1_126_800, delta=0.01 * 50 * 1_126_800 + 100 * us)
            self.assertAlmostEqual(float(values["ratio"]), gflops / peak, delta=0.01 + 0.1 / peak)

    def test_counts_the_products_of_lenet5(self):
        table, values = self.bench("--model", "lenet5", "--batch", "50", "--threads", "1")
        self.assertEqual(values["network"], "lenet5")
        self.assertEqual(values["malloc_calls_per_step"], "0")
        self.assertGreaterEqual(int(values["variable_bytes"]), 61_706 * 4)
        us, gflops = float(values["us_per_step"]), float(values["gflops"])
        self.assertAlmostEqual(gflops * us * 1e3, 50 * 2_263_920, delta=0.01 * 50 * 2_263_920 + 100 * us)
        self.assertTrue(any("convolution_2" in line for line in table), table)

    def test_takes_a_block_of_image_layers_apart(self):
        result = run("--model", "image_block", "--batch", "1", "--rounds", "1", "--steps", "6")
        self.assertEqual(result.returncode, 0, result.stderr)
        table, values = values_of(result.stdout)
        self.assertGreater(float(values["copy_gb_per_s"]), 0.0)
        for launch in ("Conv2D ", "Conv2DInputGradient", "Conv2DKernelGradient", "MaxPool2D ", "AveragePool2D "):
            self.assertTrue(any(line.startswith(launch) for line in table), table)

    def test_tells_every_launch_of_any_dense_network(self):
        table, values = self.bench("--widths", "17,33,5", "--batch", "7", "--optimizer", "adam")
        self.assertEqual(values["network"], "17,33,5")
        self.assertTrue(table[0].startswith("launch "), table[0])
        self.assertTrue(any("float32(7, 17), float32(17, 33)" in line and "%" in line for line in table), table)
        self.assertTrue(table[-1].startswith("the step, profiled"), table[-1])

    def test_leaves_the_trace_where_it_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = pathlib.Path(folder, "trace.json")
            self.bench("--widths", "4,3", "--batch", "2", "--trace", str(trace))
            steps = [event for event in json.loads(trace.read_text())["traceEvents"] if event.get("cat") == "step"]
            self.assertEqual(len(steps), 12)

    def test_refuses_what_it_does_not_know(self):
        for words, reason in (
            (("--batch", "0"), '--batch: expected a number above 0, got "0"'),
            (("--batch", "5x"), '--batch: expected a number above 0, got "5x"'),
            (("--batch", "abc"), '--batch: expected a number above 0, got "abc"'),
            (("--rounds", "3000000000"), '--rounds: expected a number of at most 2147483647, got "3000000000"'),
            (("--widths", "784,,10"), '--widths: expected a number above 0, got ""'),
            (("--batch",), "--batch: expected a value"),
            (("--widths", "784"), "--widths: expected inputs and classes at least, got 784"),
            (("--model", "vgg"), "--model: expected mnist_mlp, lenet5 or image_block, got vgg"),
            (("--fast", "1"), "unknown option --fast"),
        ):
            result = run(*words)
            self.assertEqual(result.returncode, 2, words)
            self.assertIn(reason, result.stderr)
            self.assertIn("usage: keratin_bench", result.stderr)
        for words, reason in ((("--optimizer", "best"), "best"), (("--trace", "/nowhere/trace.json"), "/nowhere/trace.json")):
            result = run(*words, "--rounds", "1", "--steps", "2")
            self.assertEqual(result.returncode, 1, words)
            self.assertIn(reason, result.stderr)


if __name__ == "__main__":
    unittest.main()
