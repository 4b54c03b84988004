"""What the load table says, and that wrong answers are counted."""

import asyncio
import http.server
import threading

from benchmarks import service
from benchmarks.service import Asked


class Parrot(http.server.BaseHTTPRequestHandler):
    """Stands for the service: says what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def test_every_answer_is_compared_with_that_of_the_loop():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parrot) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = [Asked(b"7", "7"), Asked(b"1", "1"), Asked(b"2", "7")]
        load = asyncio.run(service.ask(server.server_port, 4, asked, 12))
        server.shutdown()
    assert (load["clients"], load["requests"], load["wrong"]) == (4, 12, 4)
    assert 0 < load["median"] <= load["slowest"]


def test_table_says_how_much_of_the_loop_is_reached():
    load = {"clients": 64, "rate": 40.0, "median": 1.0, "slowest": 2.0, "wrong": 0, "loop": 50.0}
    said = service.table({"machine": "this", "kinds": {"digits": [load]}})
    assert said[-1] == "| digits | 64 | 40.0 | 50.0 | 80% | 1.0 ms | 2.0 ms | 0 |"
