#!/usr/bin/env python3
"""keras_mnist from outside: what it prints and writes, every bad input, signals. keras_mnist_test.py <program>"""
import gzip
import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

PROGRAM = os.path.abspath(sys.argv.pop(1))
QUICK = ["--synthetic", "--samples", "256", "--epochs", "2", "--first-layer-neurons", "16", "--second-layer-neurons", "8"]


def idx(values, shape, magic=None):
    """An IDX file of bytes."""
    header = struct.pack(">BBBB", 0, 0, 8, len(shape)) if magic is None else magic
    return header + struct.pack(f">{len(shape)}I", *shape) + bytes(values)


def mnist_files(images=12, labels=None, **replaced):
    """The four files of a small data set, by name."""
    labels = list(range(10)) * 2 if labels is None else labels
    pixels = bytes((7 * i) % 256 for i in range(images * 784))
    files = {
        "train-images-idx3-ubyte.gz": gzip.compress(idx(pixels, (images, 28, 28))),
        "train-labels-idx1-ubyte.gz": gzip.compress(idx(labels[:images], (len(labels[:images]),))),
        "t10k-images-idx3-ubyte.gz": gzip.compress(idx(pixels[: 784 * 4], (4, 28, 28))),
        "t10k-labels-idx1-ubyte.gz": gzip.compress(idx([0, 1, 2, 3], (4,))),
    }
    return files | {name.replace("_", "-") + "-ubyte.gz": content for name, content in replaced.items()}


class KerasMnist(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="keras_mnist_test_")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        self.outputs = self.folder / "outputs"

    def run_program(self, *flags):
        return subprocess.run([PROGRAM, *flags], capture_output=True, text=True, cwd=self.folder, timeout=120)

    def data_folder(self, files):
        folder = self.folder / "data"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return str(folder)

    def files(self):
        return {path.relative_to(self.outputs): path.read_bytes() for path in self.outputs.rglob("*") if path.is_file()}

    def refuses(self, message, *flags):
        """Exit status 1, one line that says why, nothing written."""
        before = self.files()
        done = self.run_program(*flags)
        with self.subTest(flags=flags):
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertTrue(done.stderr.startswith("keras_mnist: "), done.stderr)
            self.assertIn(message, done.stderr)
            self.assertEqual(self.files(), before)

    # ---- what it does when all is well

    def test_prints_what_the_tutorial_prints(self):
        done = self.run_program(*QUICK)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        number = r"\d\.\d+(e-\d\d)?"
        epoch = rf" - \ds - \d+[mu]?s/step - loss: {number} - accuracy: {number} - val_loss: {number} - val_accuracy: {number}\n"
        self.assertRegex(
            done.stdout,
            r"\AKeratin version: \d+\.\d+\.\d+\n"
            r"training dataset is drawn by the program\n"
            r"device: (cpu|cuda:0)\n"
            r"\(256, 784\)\n\(256, 10\)\n\(43, 784\)\n\(43, 10\)\n"
            r'Model: "sequential"\n(.*\n)+ Total params: 12,786 \(49\.95 KB\)\n(.*\n){2}'
            rf"Epoch 1/2\n6/6{epoch}Epoch 2/2\n6/6{epoch}"
            rf"Test loss: {number}\nTest accuracy: {number}\n(model\.onnx is left out: .*\n)?model saved in outputs/model folder\n\Z",
        )

    def test_logs_the_values_of_the_test_images(self):
        self.run_program(*QUICK)
        rows = [json.loads(line) for line in (self.outputs / "run_log.jsonl").read_text().splitlines()]
        self.assertEqual(
            [(row["name"], row.get("epoch")) for row in rows],
            [("Loss", 1), ("Accuracy", 1), ("Loss", 2), ("Accuracy", 2), ("Final test loss", None), ("Final test accuracy", None)],
        )
        self.assertEqual(rows[2]["value"], rows[4]["value"])
        self.assertEqual(rows[3]["value"], rows[5]["value"])

    def test_draws_the_chart(self):
        self.run_program(*QUICK)
        chart = xml.dom.minidom.parse(str(self.outputs / "accuracy_vs_loss.svg"))
        words = [text.firstChild.data for text in chart.getElementsByTagName("text")]
        for word in ("MNIST with Keras MLP (2 epochs)", "Accuracy", "Loss"):
            self.assertIn(word, words)
        accuracy, loss = chart.getElementsByTagName("path")
        self.assertEqual((accuracy.getAttribute("stroke"), accuracy.getAttribute("stroke-dasharray")), ("blue", ""))
        self.assertEqual(loss.getAttribute("stroke"), "red")
        self.assertNotEqual(loss.getAttribute("stroke-dasharray"), "")
        self.assertEqual(len(re.findall("[ML]", accuracy.getAttribute("d"))), 2)

    def test_makes_the_same_files_again(self):
        exported = "model.onnx is left out" not in self.run_program(*QUICK).stdout
        first = self.files()
        self.run_program(*QUICK, "--output-dir", "elsewhere/outputs")
        self.outputs = self.folder / "elsewhere" / "outputs"
        self.assertEqual(self.files(), first)
        self.assertIn(pathlib.Path("model/model.keratin"), first)
        self.assertEqual(pathlib.Path("model/model.onnx") in first, exported)
        self.outputs = self.folder / "third"
        self.run_program(*QUICK, "--output-dir", "third", "--seed", "1")
        self.assertNotEqual(self.files(), first)

    def test_reads_data_in_any_subfolder(self):
        files = {f"deep/er/{name}": content for name, content in mnist_files().items()}
        (self.folder / "data" / "deep" / "er").mkdir(parents=True)
        for name, content in files.items():
            (self.folder / "data" / name).write_bytes(content)
        done = self.run_program("--data-folder", "data", "--epochs", "1")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("training dataset is stored here: data\ndevice: cpu\n(12, 784)\n(12, 10)\n(4, 784)\n(4, 10)\n", done.stdout)

    def test_trains_with_each_optimizer(self):
        for optimizer in ("rmsprop", "sgd", "adam"):
            done = self.run_program(*QUICK, "--optimizer", optimizer, "--device", "cpu", "--verbose", "0", "--batch-size", "100")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotIn("Epoch", done.stdout)

    def test_learns(self):
        # Ten digits by chance: 0.1. Measured with seeds 0 to 4: 0.82 to 0.89.
        done = self.run_program("--synthetic", "--samples", "2000", "--epochs", "10", "--verbose", "0")
        self.assertGreater(float(re.search(r"Test accuracy: (\S+)", done.stdout)[1]), 0.75)

    def test_trains_lenet5(self):
        done = self.run_program("--model", "lenet5", "--synthetic", "--samples", "300", "--epochs", "3", "--optimizer", "adam")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("(300, 28, 28, 1)\n(300, 10)\n(50, 28, 28, 1)\n(50, 10)\n", done.stdout)
        self.assertIn(" Total params: 61,706 ", done.stdout)
        self.assertIn("MNIST with Keras LeNet-5 (3 epochs)", (self.outputs / "accuracy_vs_loss.svg").read_text())
        rows = [json.loads(line) for line in (self.outputs / "run_log.jsonl").read_text().splitlines()]
        accuracies = [row["value"] for row in rows if row["name"] == "Accuracy"]
        self.assertGreater(accuracies[-1], accuracies[0])

    def test_refuses_what_lenet5_does_not_have(self):
        for flag in ("--first-layer-neurons", "--second-layer-neurons"):
            self.refuses(f"{flag}: expected --model mlp, got --model lenet5", "--synthetic", "--model", "lenet5", flag, "30")
        self.refuses("expected one of mlp, lenet5, got resnet", "--synthetic", "--model", "resnet")

    def test_helps(self):
        done = self.run_program("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for flag in ("--data-folder", "--batch-size", "--epochs", "--output-dir", "--synthetic", "--verbose"):
            self.assertIn(flag, done.stdout)

    def test_gives_the_same_bits_with_any_number_of_threads(self):
        for model in ("mlp", "lenet5"):
            made = []
            for threads in ("1", "2", "3"):
                flags = ["--model", model, "--samples", "1000", "--epochs", "2", "--verbose", "0", "--threads", threads]
                done = self.run_program("--synthetic", *flags)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                made.append({path: content for path, content in self.files().items() if path.parts[0] == "model"})
            with self.subTest(model=model):
                self.assertTrue(made[0])
                self.assertEqual(made[0], made[1])
                self.assertEqual(made[0], made[2])

    # ---- bad input

    def test_refuses_bad_flags(self):
        for flag in ("--batch-size", "--first-layer-neurons", "--second-layer-neurons", "--epochs", "--threads", "--samples"):
            for value in ("0", "-5", "1.5", "many", "", "99999999999999999999"):
                self.refuses(f"{flag}: expected a whole number above 0, got {value}", flag, value)
        for value in ("0", "-0.1", "nan", "inf", "fast"):
            self.refuses(f"--learning-rate: expected a number above 0, got {value}", "--learning-rate", value)
        self.refuses("--seed: expected a whole number, 0 or above, got -1", "--seed", "-1")
        self.refuses("--optimizer: expected one of rmsprop, sgd, adam, got lion", "--optimizer", "lion")
        self.refuses("--device: expected one of auto, cpu, cuda, got tpu", "--device", "tpu")
        self.refuses("--verbose: expected one of 0, 1, 2, auto, got 3", "--verbose", "3")
        self.refuses("--batch-size", "--batch-size")
        self.refuses("--bogus", "--bogus")
        self.refuses("extra", "extra")
        self.refuses("compile: expected threads in [1, 1024], got 5000", "--synthetic", "--threads", "5000")

    def test_refuses_a_device_that_is_not_there(self):
        if "cuda:0" not in self.run_program(*QUICK, "--device", "auto").stdout:
            self.refuses('device: expected a CUDA device for "cuda", got none (', *QUICK, "--device", "cuda")

    def test_refuses_bad_data(self):
        damaged = gzip.compress(bytes(1000))
        cases = {
            "data/mnist": None,
            "train-images-idx3-ubyte.gz": mnist_files(train_images_idx3=damaged[: len(damaged) // 2]),
            "expected an IDX file, which begins with two zero bytes, got 1 and 2": mnist_files(train_images_idx3=gzip.compress(idx(bytes(784), (1, 28, 28), b"\1\2\3\4"))),
            "12": mnist_files(labels=[0] * 11),
            "expected labels": mnist_files(labels=[3, 10] * 6),
            "t10k-labels": {name: data for name, data in mnist_files().items() if not name.startswith("t10k-labels")},
            "expected images, got none": mnist_files(images=0),
        }
        for message, files in cases.items():
            with self.subTest(message):
                folder = "data/mnist" if files is None else self.data_folder(files)
                self.refuses(message, "--data-folder", folder)
                if files is not None:
                    for path in (self.folder / "data").iterdir():
                        path.unlink()
                    (self.folder / "data").rmdir()

    def test_refuses_an_output_folder_that_cannot_be(self):
        (self.folder / "file").write_text("mine")
        self.refuses("cannot write file: Not a directory", *QUICK, "--output-dir", "file")
        self.refuses("cannot write file/outputs: Not a directory", *QUICK, "--output-dir", "file/outputs")
        self.assertEqual((self.folder / "file").read_text(), "mine")

    def test_leaves_earlier_files_where_the_disk_is_full(self):
        self.run_program(*QUICK)
        (self.outputs / "run_log.jsonl.part").symlink_to("/dev/full")
        before = self.files()
        done = self.run_program(*QUICK, "--seed", "1")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "keras_mnist: cannot write outputs/run_log.jsonl: No space left on device\n")
        self.assertEqual({name: data for name, data in before.items() if name.suffix != ".part"}, self.files())

    def test_leaves_both_models_where_one_cannot_be_written(self):
        printed = self.run_program(*QUICK).stdout
        onnx, keratin = self.outputs / "model" / "model.onnx", self.outputs / "model" / "model.keratin"
        if "model.onnx is left out" in printed:
            self.assertNotEqual(os.environ.get("CI"), "true", "this build exports no ONNX, which counts as failure")
            self.skipTest("this build exports no ONNX, as the program says")
        self.assertTrue(onnx.exists(), printed)
        for blocked, other in ((pathlib.Path(f"{onnx}.new"), keratin), (keratin, onnx)):
            with self.subTest(blocked.name):
                before = other.read_bytes()
                kept = blocked.read_bytes() if blocked.exists() else None
                blocked.unlink(missing_ok=True)
                (blocked / "in the way").mkdir(parents=True)
                done = self.run_program(*QUICK, "--seed", "1")
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual(other.read_bytes(), before)
                (blocked / "in the way").rmdir()
                blocked.rmdir()
                if kept is not None:
                    blocked.write_bytes(kept)

    def test_fails_when_nobody_can_read_what_it_prints(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, *QUICK], stdout=full, stderr=subprocess.PIPE, text=True, cwd=self.folder, timeout=120)
        self.assertEqual(done.returncode, 1)
        self.assertIn("keras_mnist: cannot write to standard output", done.stderr)

    def test_leaves_earlier_files_when_the_loss_is_no_number(self):
        self.run_program(*QUICK)
        self.refuses("expected a finite loss, got ", *QUICK, "--optimizer", "sgd", "--learning-rate", "1e30")

    # ---- signals

    def test_stops_and_saves_when_told_to(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                self.outputs = self.folder / number.name
                endless = [*QUICK, "--epochs", "1000000", "--output-dir", str(self.outputs)]
                with subprocess.Popen([PROGRAM, *endless], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                    for line in process.stdout:
                        if line.startswith("Epoch 3/"):
                            break
                    process.send_signal(number)
                    rest, errors = process.communicate(timeout=60)
                self.assertEqual((process.returncode, errors), (0, ""))
                self.assertRegex(rest, rf"stopped by signal {int(number)} in epoch \d+\n")
                self.assertNotIn("Test loss", rest)
                for name in ("model/model.keratin", "run_log.jsonl", "accuracy_vs_loss.svg"):
                    self.assertIn(pathlib.Path(name), self.files())


if __name__ == "__main__":
    unittest.main()
