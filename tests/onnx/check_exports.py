#!/usr/bin/env python3
"""Exports of Keratin, held against the ONNX standard by onnx and run by onnxruntime.

check_exports.py cases PROGRAM        every op and layer
check_exports.py mnist PROGRAM DATA   the tutorial's network on all test images: no class may change
check_exports.py lenet5 PROGRAM DATA  the same for LeNet-5
PROGRAM is write_exports, which says what a folder of exports holds. DATA, or KERATIN_DATA_DIR if that is set, holds the
folder mnist.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

# Legal models that onnxruntime 1.31 has no kernels for on the CPU. A case that runs after all must leave this list.
NOT_IN_ONNXRUNTIME = {"op_erf_float64", "layer_conv2d_float64"}

# Relative to the largest number of a tensor: some dozen roundings, which the two do in another order.
TOLERANCE = {np.dtype("float32"): 1e-5, np.dtype("float64"): 1e-12}


def arrays(folder, kind):
    files = sorted(folder.glob(f"{kind}_*.npy"), key=lambda file: int(file.stem.split("_")[1]))
    return [np.load(file) for file in files]


def check_structure(model):
    """What every file must be, and what the standard's own checks say of it."""
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    assert model.ir_version == 8, model.ir_version
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)], model.opset_import
    assert model.producer_name == "Keratin" and model.producer_version, model.producer_version
    names = [node.name for node in model.graph.node]
    assert len(set(names)) == len(names), "expected every node to have a name of its own"


def run(model, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {given.name: array for given, array in zip(session.get_inputs(), inputs, strict=True)})


def compare(actual, expected):
    assert actual.dtype == expected.dtype, f"expected {expected.dtype}, got {actual.dtype}"
    assert actual.shape == expected.shape, f"expected {expected.shape}, got {actual.shape}"
    if expected.dtype not in TOLERANCE:
        assert np.array_equal(actual, expected), f"expected {expected}, got {actual}"
        return
    assert np.array_equal(np.isnan(actual), np.isnan(expected)), f"expected {expected}, got {actual}"
    scale = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    error = np.max(np.abs(actual - expected), initial=0.0, where=np.isfinite(expected))
    assert error <= TOLERANCE[expected.dtype] * scale, f"expected within {TOLERANCE[expected.dtype]} of {scale}, got {error} apart"


def check(folder):
    """Why an export is not right, or None."""
    try:
        model = onnx.load(folder / "model.onnx")
        check_structure(model)
        expected = arrays(folder, "output")
        try:
            results = run(model, arrays(folder, "input"))
        except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented as problem:
            return None if folder.name in NOT_IN_ONNXRUNTIME else str(problem)
        assert folder.name not in NOT_IN_ONNXRUNTIME, "runs after all; take it off the list"
        assert len(results) == len(expected), f"expected {len(expected)} outputs, got {len(results)}"
        for actual, wanted in zip(results, expected):
            compare(actual, wanted)
    except Exception as problem:  # noqa: BLE001: whatever onnx and onnxruntime raise is the finding
        return f"{type(problem).__name__}: {problem}"
    return None


def check_cases(folder):
    folders = sorted(folder.iterdir())
    failures = [(one.name, reason) for one in folders if (reason := check(one))]
    for name, reason in failures:
        print(f"{name}: {reason}")
    missing = NOT_IN_ONNXRUNTIME - {one.name for one in folders}
    assert not missing, f"NOT_IN_ONNXRUNTIME names cases that there are not: {missing}"
    print(f"{len(folders)} exports, {len(failures)} wrong, {len(NOT_IN_ONNXRUNTIME)} that onnxruntime has no kernels for")
    return 1 if failures or not folders else 0


def check_layers_of_mnist(nodes):
    gemms = [node for node in nodes if node.op_type == "Gemm"]
    assert len(gemms) == 3 and all(onnx.helper.get_node_attr_value(gemm, "transB") == 1 for gemm in gemms)


def check_layers_of_lenet5(nodes):
    """Images are turned where they come in and before they are flattened; biases are in the convolutions."""
    types = [node.op_type for node in nodes]
    images = ["Transpose", "Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool", "Transpose", "Reshape"]
    assert types[: len(images)] == images and types.count("Transpose") == 2, types
    assert all(len(node.input) == 3 for node in nodes if node.op_type == "Conv")


def check_trained(folder, check_layers):
    model = onnx.load(folder / "model.onnx")
    check_structure(model)
    check_layers(model.graph.node)
    (images,), (expected,) = arrays(folder, "input"), arrays(folder, "output")
    assert len(images) == 10000, len(images)
    (actual,) = run(model, [images])
    apart = np.max(np.abs(actual - expected))
    changed = np.count_nonzero(actual.argmax(axis=1) != expected.argmax(axis=1))
    print(f"{len(images)} test images: probabilities at most {apart:.2e} apart, {changed} classes changed")
    return 0 if apart <= 1e-5 and changed == 0 else 1


def main():
    what, program, *data = sys.argv[1:]
    data = [pathlib.Path(os.environ.get("KERATIN_DATA_DIR", folder)) / "mnist" for folder in data]
    if not all(folder.is_dir() for folder in data):
        print("skipped: the data set mnist is missing; set KERATIN_DATA_DIR to the folder that holds it")
        return 1 if os.environ.get("CI") == "true" else 77
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([program, what, *data, name], check=True)
        folder = pathlib.Path(name)
        if what == "cases":
            return check_cases(folder)
        return check_trained(folder / what, {"mnist": check_layers_of_mnist, "lenet5": check_layers_of_lenet5}[what])


if __name__ == "__main__":
    sys.exit(main())
