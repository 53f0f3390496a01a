"""Who takes part. A new peer is a row here, or `--add NAME=COMMAND`: any program that takes the flags and speaks the lines of README.md."""
import dataclasses

import tables

# Debian's BLAS libraries built for OpenMP lie side by side; a process takes the one that its library path names.
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
# glibc's malloc keeps what is freed: PyTorch's tensors of some megabytes otherwise come as new pages every step, which cost LeNet-5
# at batch 50 a third of its time. PyTorch's guide says to tune the allocator.
KEEPING_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "4000000000", "MALLOC_MMAP_THRESHOLD_": "4000000000"}


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str  # for --peers
    title: str  # for the tables
    command: tuple  # {python}, {here}: this folder, {bin}: Keratin's programs, {build}: the tree's build folder
    environment: dict = dataclasses.field(default_factory=dict)
    files: tuple = ()  # what has to be there beside the program
    models: tuple = tuple(tables.MODELS)  # what it trains; asked for another it is left out, or refuses if it is named

    @property
    def needs(self):
        """What run_peers.sh makes for it: python, libtorch, or a program of Keratin's build; nothing for one that comes ready."""
        made = {"{python}": "python", "{build}/peers/libtorch/libtorch_peer": "libtorch"}
        return made.get(self.command[0]) or (self.command[0].removeprefix("{bin}/") if self.command[0].startswith("{bin}/") else None)


def libtorch(blas):
    folder = f"{LIBRARIES}/{blas}-openmp"
    return Peer(f"libtorch-{blas}", f"libtorch 1.13, {blas}", ("{build}/peers/libtorch/libtorch_peer",),
                {"LD_LIBRARY_PATH": folder, **KEEPING_MEMORY}, (f"{folder}/libblas.so.3",))


def script(name, title, *command):
    return Peer(name, title, ("{python}", "{here}/" + command[0], *command[1:]), KEEPING_MEMORY)


PEERS = (
    Peer("keratin", "Keratin", ("{bin}/keratin_peer",)),
    Peer(tables.YARDSTICK, "the step by hand", ("{bin}/hand_peer",), models=("mnist_mlp",)),
    libtorch("openblas"),
    libtorch("blis"),
    script("torch", "PyTorch 2, eager", "torch_peer.py"),
    script("torch-compile", "PyTorch 2, compile", "torch_peer.py", "--compile"),
    script("jax", "JAX", "jax_peer.py"),
    script("keras-tensorflow", "Keras 3, TensorFlow", "keras_peer.py", "--backend", "tensorflow"),
    script("keras-torch", "Keras 3, PyTorch", "keras_peer.py", "--backend", "torch"),
    Peer("numpy", "NumPy by hand", ("{python}", "{here}/numpy_peer.py"), models=("mnist_mlp",)),
)
