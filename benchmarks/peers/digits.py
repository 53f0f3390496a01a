"""Real MNIST as .npy files of bytes, so that no peer's time counts gzip: images.npy (60000, 784), labels.npy (60000,)."""
import gzip
import os
import pathlib
import struct

SAMPLES = 60_000


def find(root):
    """The folder with MNIST's files: KERATIN_DATA_DIR/mnist, or where scripts/mnist.sh puts them, or where the tests look."""
    chosen = os.environ.get("KERATIN_DATA_DIR")
    folders = [pathlib.Path(chosen) / "mnist"] if chosen else [root / "data" / "mnist", root / ".." / "shared" / "data" / "mnist"]
    for folder in folders:
        if (folder / "train-images-idx3-ubyte.gz").is_file():
            return folder
    raise FileNotFoundError(f"expected MNIST's gzip files in {' or '.join(map(str, folders))}; scripts/mnist.sh fetches them, "
                            "or set KERATIN_DATA_DIR to the folder that holds mnist/")


def read_idx(path):
    """Shape and bytes of a gzip IDX file of bytes."""
    content = gzip.decompress(path.read_bytes())
    if content[:3] != b"\0\0\x08":
        raise ValueError(f"{path}: expected an IDX file of bytes")
    start = 4 + 4 * content[3]
    return struct.unpack(f">{content[3]}I", content[4:start]), content[start:]


def write_npy(path, shape, values):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape!r}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"  # the values begin at a multiple of 64
    write_whole(path, b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + values)


def write_whole(path, content):
    """All of it or nothing: who is interrupted leaves no half file under the name."""
    aside = path.with_name(path.name + ".part")
    aside.write_bytes(content)
    aside.replace(path)


def prepare(root, folder):
    """Writes the files into folder unless they are there, made from the same MNIST."""
    source = find(root)
    made_from = folder / "made_from"  # written last: where it is, the rest is whole
    if made_from.exists() and made_from.read_text(encoding="utf-8") == str(source.resolve()):
        return
    (count, height, width), pixels = read_idx(source / "train-images-idx3-ubyte.gz")
    labels, classes = read_idx(source / "train-labels-idx1-ubyte.gz")
    if (count, labels) != (SAMPLES, (SAMPLES,)) or len(pixels) != count * height * width or len(classes) != SAMPLES:
        raise ValueError(f"{source}: expected {SAMPLES} images and as many labels")
    folder.mkdir(parents=True, exist_ok=True)
    made_from.unlink(missing_ok=True)
    write_npy(folder / "images.npy", (count, height * width), pixels)
    write_npy(folder / "labels.npy", labels, classes)
    write_whole(made_from, str(source.resolve()).encode())
