"""Answers each text with itself: `python serve.py --job NAME --artifact FOLDER`."""

import argparse
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from job import Job


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    version = ""

    def do_GET(self) -> None:
        self._send(200 if self.path == "/readyz" else 404, {})

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        inputs = given if isinstance(given, list) else [given]
        faults = [
            {"index": index, "field": "text", "message": "There is no text."}
            for index, item in enumerate(inputs)
            if not item.get("text")
        ]
        if faults:
            self._send(422, {"detail": "There is no text.", "errors": faults})
            return
        answers = [
            {"echo": item["text"], "length": len(item["text"]), "version": self.version}
            for item in inputs
        ]
        self._send(200, answers if isinstance(given, list) else answers[0])

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _send(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(job: Job, artifact: Path) -> int:
    Handler.version = json.loads((artifact / "manifest.json").read_text())["version"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=server.shutdown).start())
    job.write("url.json", {"url": f"http://127.0.0.1:{server.server_port}"})
    server.serve_forever(poll_interval=0.05)
    return 143


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True)
    parser.add_argument("--artifact", type=Path, required=True)
    options = parser.parse_args()
    code: int = Job(options.job).run(lambda job: serve(job, options.artifact))
    return code


if __name__ == "__main__":
    sys.exit(main())
