"""What bench_step and the C++ peers say of flags and data that they cannot use. flags_test.py BENCH_STEP PEER…"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

BENCH, *PEERS = sys.argv[1:]
sys.argv[1:] = []
WHOLE = {"--model": "mnist_mlp", "--batch": "5", "--optimizer": "sgd", "--threads": "1"}


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=False)


class BenchStep(unittest.TestCase):
    def test_helps(self):
        result = run(BENCH, "--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("usage: bench_step"), result.stdout)

    def test_refuses_what_it_does_not_know(self):
        for words, reason in (
            (("--batch", "abc"), '--batch: expected a number above 0, got "abc"'),
            (("--steps", "50x"), '--steps: expected a number above 0, got "50x"'),
            (("--threads", "-1"), '--threads: expected a number above 0, got "-1"'),
            (("--optimizer", "lion"), "--optimizer: expected sgd, rmsprop or adam, got lion"),
            (("--shuffled", "--rounds"), "--rounds: expected a value"),
            (("50",), "unknown option 50"),
        ):
            result = run(BENCH, *words)
            self.assertEqual((result.returncode, result.stdout), (2, ""), words)
            self.assertIn(f"bench_step: {reason}\nusage: ", result.stderr)


class Peers(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.data = pathlib.Path(temporary.name)

    def write(self, name, count, width):
        header = b"x" * 118
        (self.data / name).write_bytes(b"\x93NUMPY\1\0" + bytes([len(header), 0]) + header + bytes(count * width))

    def refused(self, peer, *more, **flags):
        words = {**WHOLE, "--data": str(self.data), **{f"--{name}": value for name, value in flags.items()}}
        result = run(peer, *(word for pair in words.items() for word in pair), *more)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        return result.stderr

    def test_refuse_flags_that_no_peer_is_asked_for(self):
        for peer in PEERS:
            self.assertIn('--batch: expected a number above 0, got "0"', self.refused(peer, batch="0"))
            self.assertIn('--threads: expected a number above 0, got "0"', self.refused(peer, threads="0"))
            self.assertIn("--optimizer: expected sgd, rmsprop or adam, got lion", self.refused(peer, optimizer="lion"))
            self.assertIn("--model: expected mnist_mlp or lenet5, got vgg", self.refused(peer, model="vgg"))

    def test_refuse_data_that_do_not_fit(self):
        self.write("images.npy", 6, 784)
        self.write("labels.npy", 7, 1)
        for peer in PEERS:
            self.assertIn("expected as many images as labels, got 4704 pixels and 7 labels", self.refused(peer))
        self.write("labels.npy", 6, 1)
        for peer in PEERS:
            self.assertIn("--batch: expected at most 6, got 7", self.refused(peer, batch="7"))
            self.assertIn("expected an .npy file of bytes", self.refused(peer, "--first", batch="7"))

    def test_train(self):
        self.write("images.npy", 6, 784)
        self.write("labels.npy", 6, 1)
        for peer in PEERS:
            words = [word for pair in {**WHOLE, "--data": str(self.data)}.items() for word in pair]
            self.assertRegex(run(peer, *words, "--first").stdout, r"^first loss \d")


if __name__ == "__main__":
    unittest.main()
