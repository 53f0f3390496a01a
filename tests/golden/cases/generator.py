"""The first numbers of one stream, from which the C++ twin of the integer generator is known to be one."""

import numpy as np

from golden_file import Golden
from integer_generator import IntegerGenerator

_STREAM = "golden/stream"


def make() -> Golden:
    generator = IntegerGenerator(_STREAM)
    golden = Golden()
    golden.add("bits", f'bits of "{_STREAM}", as int64', {"output": generator.bits(16).view(np.int64)})
    golden.add("uniform", f'uniform(4, 8) of "{_STREAM}"', {"output": generator.uniform(4, 8)})
    golden.add("positions", f'positions(32, 235200) of "{_STREAM}"', {"output": generator.positions(32, 235200)})
    golden.add("permutation", f'permutation(60) of "{_STREAM}"', {"output": generator.permutation(60)})
    return golden
