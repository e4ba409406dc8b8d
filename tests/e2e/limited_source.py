"""A source behind a door that lets so many requests through in each window of time, and writes them down."""

import http.server
import threading
import time
import urllib.error
import urllib.request


class LimitedSource:
    """http://localhost:PORT/fhir in front of a sandbox that was started with --origin `origin`."""

    def __init__(self, requests, seconds):
        self.requests, self.seconds = requests, seconds
        self.answered, self.refused, self.behind = [], 0, None
        self.lock, self.window, self.in_window = threading.Lock(), 0.0, 0
        source = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer(None)

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def answer(self, body):
                wait = source.let_in()
                if wait:
                    self.give(429, {"Retry-After": str(wait)}, b"")
                    return
                status, headers, answer = source.pass_on(self.command, self.path, self.headers, body)
                self.give(status, headers, answer)
                source.answered.append((self.command, self.path, body))

            def give(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """Whoever asked was killed."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def let_in(self):
        """0, or how many seconds to stay away."""
        with self.lock:
            now = time.monotonic()
            if now - self.window >= self.seconds:
                self.window, self.in_window = now, 0
            self.in_window += 1
            if self.in_window <= self.requests:
                return 0
            self.refused += 1
            return max(1, round(self.window + self.seconds - now + 0.5))

    def pass_on(self, method, path, headers, body):
        request = urllib.request.Request(self.behind + path, method=method, data=body)
        for name in ("Accept", "Content-Type"):
            if headers.get(name):
                request.add_header(name, headers[name])
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, {"Content-Type": answer.headers.get("Content-Type", "")}, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, {"Content-Type": refusal.headers.get("Content-Type", "")}, refusal.read()
