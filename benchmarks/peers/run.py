#!/usr/bin/env python3
"""The same training steps by Keratin and its peers, interleaved; see README.md. benchmarks/run_peers.sh makes what this needs."""
import argparse
import contextlib
import itertools
import os
import pathlib
import shlex
import struct
import sys
import time
import zlib

import digits
import tables
from peers import PEERS, Peer
from process import PeerError, Process

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def words(text):
    return [word for word in text.split(",") if word]


def numbers(text):
    values = [int(word) for word in words(text)]
    if not values or min(values) < 1:
        raise ValueError
    return values


numbers.__name__ = "list of whole numbers above 0"  # argparse says it


def added(text):
    name, _, command = text.partition("=")
    if not name or not command:
        raise argparse.ArgumentTypeError(f"expected NAME=COMMAND, got {text}")
    return Peer(name, name, tuple(shlex.split(command)))


def read_flags(arguments):
    parser = argparse.ArgumentParser(prog="benchmarks/run_peers.sh", description="Training steps on real MNIST, by Keratin and its peers.")
    parser.add_argument("--model", choices=tables.MODELS, default="mnist_mlp", help="784-300-100-10 or LeNet-5 (default mnist_mlp)")
    parser.add_argument("--batches", type=numbers, default=[50, 128, 512], metavar="N,…")
    parser.add_argument("--optimizers", type=words, default=["sgd", "rmsprop", "adam"], metavar="NAME,…", help="sgd, rmsprop, adam")
    parser.add_argument("--threads", type=numbers, default=[1, 2], metavar="N,…")
    parser.add_argument("--peers", type=words, metavar="NAME,…", help="default: of those that train the model, all of " + ", ".join(peer.name for peer in PEERS))
    parser.add_argument("--add", type=added, action="append", default=[], metavar="NAME=COMMAND", help="another peer that speaks the protocol")
    parser.add_argument("--rounds", type=int, default=7, help="counted rounds of each peer; one more warms up (default 7)")
    parser.add_argument("--steps", type=int, help="a round (default: an epoch without its last, smaller batch)")
    parser.add_argument("--starts", type=int, default=3, help="fresh processes timed up to their first step, each peer (default 3)")
    parser.add_argument("--unconfined", action="store_true", help="leave all cores to every process, whatever its budget of threads")
    parser.add_argument("--markdown", action="store_true", help="print the tables at the end as markdown")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="where the numbers go (default build/peers/results.json)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help=argparse.SUPPRESS)
    parser.add_argument("--python", default=os.environ.get("KERATIN_PEERS_PYTHON"), help=argparse.SUPPRESS)
    # For run_peers.sh: what the chosen ones need made; the data alone.
    parser.add_argument("--needs", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args(arguments)
    if unknown := set(flags.optimizers) - {"sgd", "rmsprop", "adam"}:
        parser.error(f"expected --optimizers of sgd, rmsprop, adam, got {', '.join(unknown)}")
    known = {peer.name: peer for peer in (*PEERS, *flags.add)}
    if unknown := set(flags.peers or ()) - set(known):
        parser.error(f"expected --peers of {', '.join(known)}, got {', '.join(unknown)}")
    if max(flags.batches) > digits.SAMPLES:
        parser.error(f"expected --batches of at most {digits.SAMPLES} samples, got {max(flags.batches)}")
    flags.peers = [known[name] for name in flags.peers] if flags.peers is not None else \
        [peer for peer in known.values() if flags.model in peer.models]
    if flags.rounds < 1 or flags.starts < 0 or (flags.steps is not None and flags.steps < 1):
        parser.error("expected --rounds and --steps above 0 and --starts of at least 0")
    flags.json = flags.json or flags.build / "peers" / "results.json"
    flags.python = flags.python or str(flags.build / "python" / "peers" / "bin" / "python")
    return flags


class Runner:
    def __init__(self, flags):
        self.flags = flags
        self.data = flags.build / "peers" / "data"
        self.logs = flags.build / "peers" / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.titles = {peer.name: peer.title for peer in flags.peers}

    def start(self, peer, work, *more):
        places = {"python": self.flags.python, "here": HERE, "build": self.flags.build, "bin": self.flags.build / "release" / "bin"}
        command = [word.format(**places) for word in peer.command]
        for file in (command[0], *peer.files):
            if "/" in file and not pathlib.Path(file).exists():
                raise PeerError(f"{file} is not there")
        command += ["--model", work.model, "--batch", str(work.batch), "--optimizer", work.optimizer, "--threads", str(work.threads), "--data", str(self.data), *more]
        return Process(command, environment(peer, work.threads), 0 if self.flags.unconfined else work.threads, self.logs / f"{peer.name}.log")

    def measure(self, work):
        """{name: Measured}: all peers side by side, one round of each in turn."""
        steps = self.flags.steps or digits.SAMPLES // work.batch
        results = {peer.name: tables.Measured(steps) for peer in self.flags.peers}
        with contextlib.ExitStack() as stack:
            processes = {}
            for peer in self.flags.peers:
                with missing(results[peer.name]):
                    process = stack.enter_context(self.start(peer, work))
                    process.wait_for("ready")
                    processes[peer.name] = process
            for turn in range(self.flags.rounds + 1):
                names = list(processes)
                for name in names[turn % max(1, len(names)):] + names[:turn % max(1, len(names))]:  # none always follows the same one
                    with missing(results[name], lambda name=name: processes.pop(name)):
                        answer = processes[name].ask(f"run {steps}")
                        if turn > 0:  # the first warms up
                            keep(results[name], answer, processes[name])
        return results

    def time_starts(self, work):
        """{name: [milliseconds from before the process is made until its first finished step has been read]}, in turn."""
        times = {}
        for _, peer in itertools.product(range(self.flags.starts), self.flags.peers):
            with contextlib.suppress(PeerError), self.start(peer, work, "--first") as process:
                process.wait_for("first")
                times.setdefault(peer.name, []).append((time.perf_counter() - process.started) * 1e3)
        return times


def environment(peer, threads):
    """This process's, without what would slow a peer down, with every pool of threads at its budget."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("OPENBLAS_CORETYPE", "MKL_DEBUG_CPU_TYPE", "OMP_WAIT_POLICY")}
    pools = {f"{pool}_NUM_THREADS": str(threads) for pool in ("OMP", "OPENBLAS", "BLIS", "MKL")}
    return {**inherited, **pools, "CUDA_VISIBLE_DEVICES": "", **peer.environment}


@contextlib.contextmanager
def missing(measured, leave=lambda: None):
    """What goes wrong with a peer is its own: it is told in the table, and the others go on."""
    try:
        yield
    except PeerError as error:
        measured.missing, measured.seconds = str(error), []
        leave()


def keep(measured, answer, process):
    measured.seconds.append(answer["seconds"])
    measured.loss = answer.get("loss", float("nan"))
    measured.memory_mb = process.peak_memory_mb()
    if "peak_gflops" in answer:
        measured.peaks.append(answer["peak_gflops"])


def say_what_is_missing(results, titles, said):
    """Each reason once: said are those that were told before."""
    for name, measured in results.items():
        if measured.missing and (name, measured.missing) not in said:
            said.add((name, measured.missing))
            print(f"{titles[name]}: not available: {measured.missing}", flush=True)


def main():
    flags = read_flags(sys.argv[1:])
    if flags.needs:
        print(*sorted({peer.needs for peer in flags.peers if peer.needs}))
        return 0
    runner = Runner(flags)
    try:
        digits.prepare(ROOT, runner.data)
    except (OSError, ValueError, EOFError, struct.error, zlib.error) as error:
        print(f"run_peers: {error}", file=sys.stderr)
        return 1
    if flags.prepare:
        return 0
    works = [tables.Work(threads, batch, optimizer, flags.model)
             for threads, batch, optimizer in itertools.product(flags.threads, flags.batches, flags.optimizers)]
    all_results, said = {}, set()
    for work in works:
        all_results[work] = runner.measure(work)
        print(f"\n{work}: medians of {flags.rounds} rounds of {flags.steps or digits.SAMPLES // work.batch} steps", flush=True)
        print(tables.plain(*tables.table_of_work(work, all_results[work], runner.titles)), flush=True)
        say_what_is_missing(all_results[work], runner.titles, said)
    starts = runner.time_starts(works[0])
    memory = {name: measured.memory_mb for name, measured in all_results[works[0]].items() if measured.seconds}

    show = tables.markdown if flags.markdown else tables.plain
    print(f"\n{tables.MODELS[flags.model].title}: microseconds a step (times Keratin's)")
    for table in tables.tables_of_ratios(all_results, runner.titles):
        print(f"\n{show(*table)}")
    print(f"\nProcess start to first finished step, median of {flags.starts} starts; peak memory with MNIST in memory. {works[0]}\n")
    print(show(*tables.table_of_starts(starts, memory, runner.titles)))
    tables.write_json(flags.json, all_results, starts)
    print(f"\nThe numbers of every round are in {flags.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
