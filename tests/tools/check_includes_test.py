"""tools/check_includes.py on small trees with one violation each, and on one without."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(sys.argv.pop(1)).resolve()


class CheckIncludes(unittest.TestCase):
    def check(self, path, *lines, others=None):
        """The tool's exit status and output on a tree that holds this file and the others."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "include/keratin").mkdir(parents=True)
            for name, text in {path: "\n".join(lines) + "\n", **(others or {})}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            result = subprocess.run([sys.executable, TOOL, root], capture_output=True, text=True, check=False)
            return result.returncode, result.stdout

    def assert_allowed(self, path, *lines):
        self.assertEqual(self.check(path, *lines), (0, "check_includes: no violation\n"))

    def assert_refused(self, message, path, *lines, others=None):
        status, output = self.check(path, *lines, others=others)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)

    def test_allows_what_the_table_allows(self):
        self.assert_allowed("src/ops/matmul.cpp", '#include "ops/matmul.h"', '#include "graph/op.h"', '#include "keratin/ops.h"')
        self.assert_allowed("src/cpu/kernels/matmul.cpp", "#include <Eigen/Core>", "#include <vector>")
        self.assert_allowed("include/keratin/interop/eigen.h", "#pragma once", "#include <Eigen/Core>")
        self.assert_allowed("src/base/export.cpp", "#ifdef KERATIN_HAS_CUDA", "#endif")
        self.assert_allowed("examples/keras_mnist.cpp", '#include "models/mnist_mlp.h"', "#include <CLI/CLI.hpp>")

    def test_keeps_the_front_end_from_the_back_end(self):
        self.assert_refused("src/layers/core/dense.cpp:2: src/layers may not include runtime/backend.h", "src/layers/core/dense.cpp",
                            "#include <vector>", '#include "runtime/backend.h"')
        self.assert_refused("src/compiler may not include layers/layer.h", "src/compiler/compile.cpp", '#include "layers/layer.h"')
        self.assert_refused("src/losses may not include metrics/mean.h", "src/losses/a.cpp", '#include "metrics/mean.h"')
        self.assert_refused("src/cpu may not include cuda/stream.h", "src/cpu/a.cpp", '#include "cuda/stream.h"')

    def test_keeps_onnx_from_training(self):
        self.assert_refused("src/formats/onnx may not include training/step.h", "src/formats/onnx/a.cpp", '#include "training/step.h"')
        self.assert_refused("src/formats/onnx may not include formats/keras/archive.h", "src/formats/onnx/a.cpp",
                            '#include "formats/keras/archive.h"')
        self.assert_allowed("src/formats/checkpoint/a.cpp", '#include "training/step.h"')

    def test_keeps_other_peoples_headers_out_of_the_public_ones(self):
        self.assert_refused("nlohmann/json.hpp belongs to", "include/keratin/fields.h", "#pragma once", "#include <nlohmann/json.hpp>")
        self.assert_refused("include/keratin may not include graph/op.h", "include/keratin/ops.h", "#pragma once", '#include "graph/op.h"')
        self.assert_refused("needs a library of others", "include/keratin/keratin.h", "#pragma once", '#include "keratin/interop/eigen.h"')

    def test_gives_callbacks_examples_models_and_benchmarks_the_public_headers_only(self):
        self.assert_refused("may not include base/text.h", "src/callbacks/a.cpp", '#include "base/text.h"')
        for folder in ("examples", "models", "benchmarks"):
            self.assert_refused("may not include training/step.h", f"{folder}/a.cpp", '#include "training/step.h"')

    def test_finds_feature_switches(self):
        for switch in ("#ifdef KERATIN_CUDA", "#if defined(KERATIN_ONNX)", "#elif KERATIN_HAS_FOO"):
            self.assert_refused("feature switch", "src/api/a.cpp", switch, "#endif")

    def test_finds_relative_paths_missing_pragmas_and_bare_namespaces(self):
        self.assert_refused("not a relative path", "src/ops/a.cpp", '#include "../graph/op.h"')
        self.assert_refused("expected #pragma once", "src/ops/a.h", "int a();")
        self.assert_refused("namespace KERATIN_EXPORT keratin", "include/keratin/a.h", "#pragma once", "namespace keratin {}")

    def test_wants_every_public_header_in_keratin_h(self):
        self.assert_refused("keratin.h:1: expected it to include keratin/layer.h", "include/keratin/layer.h", "#pragma once",
                            others={"include/keratin/keratin.h": "#pragma once\n"})

    def test_refuses_a_folder_without_a_rule(self):
        self.assert_refused("no rule for this folder", "src/utils/a.cpp", "int a;")

    def test_refuses_what_is_no_checkout(self):
        result = subprocess.run([sys.executable, TOOL, "/nowhere"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("expected a checkout of Keratin", result.stderr)


if __name__ == "__main__":
    unittest.main()
