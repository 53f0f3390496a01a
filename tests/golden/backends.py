"""Keras chooses its backend when it is imported, so each backend's work runs in a process of its own."""

import concurrent.futures
import importlib
import multiprocessing
import os

from golden_file import Golden

# One thread each: the order of additions, and with it the last bits, must not depend on the machine's cores.
_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


def run_on(backend: str, module: str, function: str, *arguments: object) -> Golden:
    """cases.<module>.<function>(*arguments) with Keras on that backend."""
    with concurrent.futures.ProcessPoolExecutor(
        max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_choose, initargs=(backend,)
    ) as process:
        return process.submit(_call, module, function, arguments).result()


def _choose(backend: str) -> None:
    os.environ.update(_ENVIRONMENT, KERAS_BACKEND=backend)


def _call(module: str, function: str, arguments: tuple[object, ...]) -> Golden:
    _keep_float64()
    return getattr(importlib.import_module(f"cases.{module}"), function)(*arguments)


def _keep_float64() -> None:
    # Only on TensorFlow does Keras promote to float64: elsewhere much of its arithmetic becomes float32, even under
    # set_floatx("float64") (BIT64_TO_BIT32_DTYPE in keras/src/backend/common/dtypes.py of Keras 3.15).
    importlib.import_module("keras.src.backend.common.dtypes").BIT64_TO_BIT32_DTYPE["float64"] = "float64"
