"""A peer as a process that is asked line by line, within a budget of cores and a limit of time."""
import contextlib
import os
import selectors
import subprocess
import time

SETTLE_S = 0.05  # before a round: thread pools of the peer before it stop spinning


class PeerError(Exception):
    """Why a peer does not take part, in one line."""


@contextlib.contextmanager
def confined(cores):
    """Processes started within may run on so many cores alone: a budget of threads is one of cores, whatever a peer starts beside them."""
    everything = os.sched_getaffinity(0)
    if cores:
        if cores > len(everything):
            raise PeerError(f"it needs {cores} cores, there are {len(everything)}")
        os.sched_setaffinity(0, sorted(everything)[-cores:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, everything)


class Process:
    """command: words. cores: 0 for all there are. What the peer says on stderr goes to the file log."""

    def __init__(self, command, environment, cores, log, limit_s=300):
        self.log, self.limit_s, self.rest = log, limit_s, b""
        with open(log, "wb") as errors, confined(cores):
            self.started = time.perf_counter()
            try:
                self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                                env=environment, bufsize=0)
            except OSError as error:
                raise PeerError(f"{command[0]}: {error.strerror}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ask(self, line):
        """The answer to "run STEPS", by name."""
        time.sleep(SETTLE_S)
        try:
            self.process.stdin.write(line.encode() + b"\n")
        except BrokenPipeError:
            pass  # wait_for says why
        return self.wait_for("seconds")

    def wait_for(self, word):
        """The next line that begins with the word, as {name: number}: "seconds 0.25 loss 1.5". Other lines are the peer's own affair."""
        deadline = time.monotonic() + self.limit_s
        while True:
            for line in self.lines(deadline):
                if line[:1] == [word]:
                    names = line if len(line) % 2 == 0 else line[1:]  # "ready" and "first loss 2.3" have no number of their own
                    return {name: float(value) for name, value in zip(names[::2], names[1::2])}

    def lines(self, deadline):
        """Whole lines as words, as they come."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise PeerError(f"no answer within {self.limit_s} s")
        more = os.read(self.process.stdout.fileno(), 65536)
        if not more:
            raise PeerError(self.last_words())
        *whole, self.rest = (self.rest + more).split(b"\n")
        return [line.decode(errors="replace").split() for line in whole]

    def last_words(self):
        status = self.process.wait()
        said = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return said[-1] if said else f"ended with status {status}"

    def peak_memory_mb(self):
        """VmHWM: the most physical memory that the process has had at once."""
        for line in open(f"/proc/{self.process.pid}/status", encoding="ascii"):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024 / 1e6
        return float("nan")
