"""Statistics and tables of the benchmark: from what the peers answered to text. No process is started here."""
import dataclasses
import json
import statistics



@dataclasses.dataclass(frozen=True)
class Model:
    title: str
    multiply_adds: tuple  # of each layer forward, a sample

    @property
    def megaflop_a_sample(self):
        """Of a training step: products forward, for the weights' gradients, and for the inputs' of all but the first layer."""
        return (6 * sum(self.multiply_adds) - 2 * self.multiply_adds[0]) / 1e6


MODELS = {
    "mnist_mlp": Model("784-300-100-10", (784 * 300, 300 * 100, 100 * 10)),
    "lenet5": Model("LeNet-5", (28 * 28 * 25 * 6, 10 * 10 * 25 * 6 * 16, 400 * 120, 120 * 84, 84 * 10)),
}
YARDSTICK = "hand"  # takes part, but is no peer


@dataclasses.dataclass(frozen=True, order=True)
class Work:
    threads: int
    batch: int
    optimizer: str
    model: str = "mnist_mlp"

    def __str__(self):
        return f"{MODELS[self.model].title}, batch {self.batch}, {self.optimizer}, {self.threads} {'thread' if self.threads == 1 else 'threads'}"


@dataclasses.dataclass
class Measured:
    """What one peer did on one work."""
    steps: int  # a round
    seconds: list = dataclasses.field(default_factory=list)  # a round each
    peaks: list = dataclasses.field(default_factory=list)  # GFLOP/s, of a peer that measures the machine's peak beside its rounds
    loss: float = float("nan")  # the last
    memory_mb: float = float("nan")
    missing: str = ""  # why there is nothing

    def microseconds(self):
        """The median over rounds of a step's time; None where nothing was measured."""
        return statistics.median(self.seconds) / self.steps * 1e6 if self.seconds else None

    def spread(self):
        """Half the distance from the fastest to the slowest round, as a share of the median."""
        return (max(self.seconds) - min(self.seconds)) / 2 / statistics.median(self.seconds)


def gigaflops(work, microseconds):
    return MODELS[work.model].megaflop_a_sample * work.batch / microseconds * 1e3  # MFLOP a microsecond are TFLOP/s


def peak(results):
    """GFLOP/s of the machine on a work: the median of what any peer measured between its rounds; None where none did."""
    peaks = [value for measured in results.values() for value in measured.peaks]
    return statistics.median(peaks) if peaks else None


def table_of_work(work, results, titles):
    """Header and rows of one work: results are {name: Measured}."""
    own = results["keratin"].microseconds() if "keratin" in results else None
    limit = peak(results)
    header = ["", "us a step", "+-", "times Keratin", "GFLOP/s", "of peak", "last loss", "peak MB"]
    rows = []
    for name, measured in results.items():
        time = measured.microseconds()
        if time is None:
            rows.append([titles[name], "not available"] + [""] * (len(header) - 2))
            continue
        rate = gigaflops(work, time)
        rows.append([titles[name], f"{time:.1f}", f"{measured.spread():.0%}", f"{time / own:.2f}" if own else "", f"{rate:.0f}",
                     f"{rate / limit:.1%}" if limit else "", f"{measured.loss:.3f}", f"{measured.memory_mb:.0f}"])
    return header, rows


def tables_of_ratios(all_results, titles):
    """A table for every count of threads: peers down, batches and optimizers across; microseconds a step (times Keratin's)."""
    for threads in sorted({work.threads for work in all_results}):
        works = [work for work in all_results if work.threads == threads]
        header = [f"{threads} {'thread' if threads == 1 else 'threads'}"] + [f"{work.batch} {work.optimizer}" for work in works]
        rows = []
        for name in dict.fromkeys(name for work in works for name in all_results[work]):
            row = [titles[name]]
            for work in works:
                time = all_results[work][name].microseconds() if name in all_results[work] else None
                own = all_results[work]["keratin"].microseconds() if "keratin" in all_results[work] else None
                row.append("–" if time is None else f"{time:.0f}" + (f" ({time / own:.2f})" if own and name != "keratin" else ""))
            rows.append(row)
        rows.append(["Keratin against the best"] + [best_ratio(all_results[work]) for work in works])
        if any(peak(all_results[work]) for work in works):
            rows.append(["Keratin, share of peak"] + [share(work, all_results[work]) for work in works])
        yield header, rows


def best_ratio(results, own="keratin"):
    """How many times as long as Keratin the fastest of the others takes; a yardstick is no peer."""
    times = [measured.microseconds() for name, measured in results.items() if name not in (own, YARDSTICK) and measured.seconds]
    return f"{min(times) / results[own].microseconds():.2f}" if times and own in results and results[own].seconds else "–"


def share(work, results, own="keratin"):
    limit = peak(results)
    if own not in results or not results[own].seconds or not limit:
        return "–"
    return f"{gigaflops(work, results[own].microseconds()) / limit:.1%}"


def table_of_starts(milliseconds, memory, titles):
    """milliseconds: {name: [from process start to the first finished step, a run each]}; memory: {name: MB}."""
    header = ["", "first step, ms", "peak memory, MB"]
    rows = []
    for name in dict.fromkeys([*milliseconds, *memory]):
        times = milliseconds.get(name)
        rows.append([titles[name], f"{statistics.median(times):.0f}" if times else "–", f"{memory[name]:.0f}" if name in memory else "–"])
    return header, rows


def plain(header, rows):
    """Columns padded to their widest cell, the first to the left and numbers to the right."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    return "\n".join("  ".join(cell.rjust(width) if column else cell.ljust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in [header, *rows])


def markdown(header, rows):
    lines = ["| " + " | ".join(row) + " |" for row in [header, *rows]]
    return "\n".join([lines[0], "|---|" + "---:|" * (len(header) - 1), *lines[1:]])


def write_json(path, all_results, milliseconds):
    """Every round, for whoever wants another statistic."""
    works = [{**dataclasses.asdict(work), "peers": {name: dataclasses.asdict(measured) for name, measured in results.items()}}
             for work, results in all_results.items()]
    path.write_text(json.dumps({"works": works, "first_step_ms": milliseconds}, indent=1) + "\n")
