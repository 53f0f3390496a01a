"""scripts/download.sh against a server on loopback: interrupted, without ranges, with wrong bytes, absent, killed."""
import hashlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve()
FILES = {f"file-{size}.gz": random.Random(size).randbytes(size) for size in (1, 4542, 300_000)}
BIGGEST = "file-300000.gz"


class Handler(BaseHTTPRequestHandler):
    """Serves FILES under /good, /breaks (the first answer stops half way), /rangeless (the same, and ranges are ignored),
    /stalls (the first answer falls silent half way), /wrong (a flipped byte)."""

    def do_GET(self):
        _, mode, name = self.path.split("/")
        self.server.requests.append((mode, name, self.headers.get("Range")))
        if mode not in ("good", "breaks", "rangeless", "stalls", "wrong") or name not in FILES:
            self.send_error(404)
            return
        content = FILES[name]
        if mode == "wrong":
            content = bytes([content[0] ^ 1]) + content[1:]
        wanted = self.headers.get("Range") if mode != "rangeless" else None
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        first = not any(seen == (mode, name) for seen in self.server.interrupted)
        if first and mode in ("breaks", "rangeless", "stalls") and name == BIGGEST:
            self.server.interrupted.append((mode, name))
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            if mode == "stalls":
                self.server.stalled.set()
                self.server.released.wait(30)
            self.close_connection = True
            return
        self.server.bytes_sent += len(content) - start
        self.wfile.write(content[start:])

    def log_message(self, *_):
        pass


class Download(unittest.TestCase):
    def setUp(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.requests, self.server.interrupted, self.server.bytes_sent = [], [], 0
        self.server.stalled, self.server.released = threading.Event(), threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.server.released.set)
        self.folder = pathlib.Path(temporary.name) / "data" / "set"
        self.list = pathlib.Path(temporary.name) / "list.sha256"
        self.list.write_text("".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in FILES.items()))

    def base(self, mode):
        return f"http://127.0.0.1:{self.server.server_address[1]}/{mode}"

    def start(self, *modes):
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        return subprocess.Popen(["bash", SCRIPT, self.list, self.folder, *map(self.base, modes)], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def download(self, *modes):
        process = self.start(*modes)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def ranges(self, name):
        return [wanted for _, requested, wanted in self.server.requests if requested == name]

    def assert_complete(self):
        self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir()}, FILES)
        self.assertFalse(self.folder.with_name("set.part").exists())

    def test_fetches_and_verifies_every_file(self):
        status, output = self.download("good")
        self.assertEqual(status, 0, output)
        self.assertEqual(output.count("checksum verified"), len(FILES))
        self.assert_complete()

    def test_resumes_where_the_connection_broke(self):
        status, output = self.download("breaks")
        self.assertEqual(status, 0, output)
        self.assertEqual(self.ranges(BIGGEST), [None, "bytes=150000-"])
        self.assertIn("broke after 150000 bytes; resuming", output)
        self.assertEqual(self.server.bytes_sent, sum(map(len, FILES.values())) - 150_000)  # nothing twice
        self.assert_complete()

    def test_resumes_after_the_script_was_killed(self):
        process = self.start("stalls")
        self.assertTrue(self.server.stalled.wait(30))
        part = self.folder.with_name("set.part") / BIGGEST
        deadline = time.monotonic() + 30
        while not (part.exists() and part.stat().st_size > 100_000) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        kept = part.stat().st_size  # curl buffers: a little less than was sent
        self.assertFalse(self.folder.exists())
        status, output = self.download("stalls")
        self.assertEqual(status, 0, output)
        self.assertEqual(self.ranges(BIGGEST), [None, f"bytes={kept}-"])
        self.assertEqual(len(self.ranges("file-4542.gz")), 1)  # what was verified is not fetched again
        self.assert_complete()

    def test_starts_again_where_the_server_knows_no_ranges(self):
        status, output = self.download("rangeless")
        self.assertEqual(status, 0, output)
        self.assertIn("cannot resume", output)
        self.assert_complete()

    def test_takes_the_next_address_where_the_first_has_no_such_file(self):
        status, output = self.download("absent", "good")
        self.assertEqual(status, 0, output)
        self.assert_complete()

    def test_refuses_wrong_bytes(self):
        status, output = self.download("wrong")
        self.assertEqual(status, 2, output)
        self.assertIn("expected sha256", output)
        self.assertFalse(self.folder.exists())

    def test_says_that_nothing_can_be_reached(self):
        port = self.server.server_address[1]
        self.server.shutdown()
        self.server.server_close()
        status, output = self.download("good")
        self.assertEqual(status, 1, output)
        self.assertIn(f"could not get file-1.gz from any of: http://127.0.0.1:{port}/good", output)
        self.assertFalse(self.folder.exists())


if __name__ == "__main__":
    unittest.main()
