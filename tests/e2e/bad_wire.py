"""A wire that goes bad: it stands before an institution that behaves, and spoils the answers to some of its requests on
their way, byte by byte, after the institution has done what it was asked."""

import contextlib
import itertools
import re
import socket
import struct
import threading
import time
import zlib

BOMB_BYTES = 1 << 32


class BadWire:
    """`spoils`: a regular expression of request lines whose answers are spoilt, `times` of them; the rest passes."""

    def __init__(self, institution, habit, spoils, times=1, family=socket.AF_INET):
        host, port = re.match(r"http://([^/]*):(\d+)", institution).groups()
        self.behind = (host, int(port))
        self.institution = institution.encode()
        self.habit, self.spoils, self.left = habit, re.compile(spoils), times
        self.lines, self.lock, self.is_open = [], threading.Lock(), True
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.listener.listen(64)
        name = "[::1]" if family == socket.AF_INET6 else "localhost"
        self.fhir_base = f"http://{name}:{self.listener.getsockname()[1]}/fhir"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.is_open = False
        self.listener.close()

    def accept(self):
        while self.is_open:
            with contextlib.suppress(OSError):
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, ValueError), connection:
            connection.settimeout(300)
            while (request := read_message(connection)) is not None:
                line = request.split(b"\r\n", 1)[0].decode()
                with self.lock:
                    self.lines.append(line)
                    is_spoilt = self.left > 0 and self.spoils.search(line) is not None
                    self.left -= 1 if is_spoilt else 0
                answer = self.ask(request)
                if not is_spoilt:
                    connection.sendall(answer)
                    continue
                head, _, body = answer.partition(b"\r\n\r\n")
                getattr(self, self.habit)(connection, head, body)
                return

    def ask(self, request):
        """The institution's answer, whole, as if it lay here."""
        with socket.create_connection(self.behind, 60) as there:
            there.sendall(re.sub(rb"(?i)\r\naccept-encoding:[^\r]*", b"", request, count=1))
            head, _, body = read_message(there, is_answer=True).partition(b"\r\n\r\n")
        body = plain_body(head, body).replace(self.institution, self.fhir_base.encode())
        return sized(head.replace(self.institution, self.fhir_base.encode()), len(body)) + body

    # ---- what becomes of an answer

    def drips_headers(self, connection, head, _):
        connection.sendall(head.split(b"\r\n")[0] + b"\r\nX-Slow: ")
        self.drip(connection, itertools.repeat(b"a"))

    def drips_body(self, connection, head, body):
        connection.sendall(sized(head, len(body)))
        self.drip(connection, (body[i:i + 1] for i in range(len(body))))

    def drip(self, connection, pieces):
        for piece in pieces:
            if not self.is_open:
                return
            connection.sendall(piece)
            time.sleep(1)

    def says_nothing(self, connection, *_):
        """As a peer that is gone without a word: nothing comes any more, and the connection stands."""
        while self.is_open:
            time.sleep(0.2)

    def vanishes_amid_body(self, connection, head, body):
        connection.sendall(sized(head, len(body)) + body[:len(body) // 2])
        self.says_nothing(connection)

    def resets_amid_body(self, connection, head, body):
        connection.sendall(sized(head, len(body)) + body[:len(body) // 2])
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def resets_at_once(self, connection, *_):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def chunks_of_no_size(self, connection, head, body):
        connection.sendall(chunked(head) + b"xyz\r\n" + body + b"\r\n0\r\n\r\n")

    def chunks_below_nothing(self, connection, head, body):
        connection.sendall(chunked(head) + b"-1\r\n" + body + b"\r\n0\r\n\r\n")

    def chunks_beyond_all(self, connection, head, body):
        connection.sendall(chunked(head) + b"ffffffffffffffff1\r\n" + body + b"\r\n0\r\n\r\n")

    def chunks_without_end(self, connection, head, body):
        connection.sendall(chunked(head) + b"%x\r\n%s\r\n" % (len(body), body))

    def zips_a_bomb(self, connection, head, _):
        connection.sendall(chunked(head, b"Content-Encoding: gzip\r\n"))
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        nothing = bytes(1 << 20)
        for _ in range(BOMB_BYTES >> 20):
            piece = packer.compress(nothing)
            if piece:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\n\r\n")

    def heads_without_end(self, connection, head, _):
        connection.sendall(head.split(b"\r\n")[0] + b"\r\n")
        while self.is_open:
            connection.sendall(b"X-More: " + b"a" * 8000 + b"\r\n")

    def continues_first(self, connection, head, body):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" +
                           sized(head, len(body)) + body)

    def talks_http_2(self, connection, *_):
        """A SETTINGS frame and a GOAWAY, as a server that knows nothing else does."""
        connection.sendall(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" +
                           b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + b"\x00\x00\x00\x00" + b"\x00\x00\x00\x01")

    def passes(self, connection, head, body):
        connection.sendall(sized(head, len(body)) + body)


def read_message(connection, is_answer=False):
    """A request, or an answer, as it came; None where nothing comes any more."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    wanted = int(length[1]) if length else 0
    while len(body) < wanted:
        body += connection.recv(65536) or broken()
    while is_answer and not length and is_chunked(head) and not body.endswith(b"0\r\n\r\n"):
        body += connection.recv(65536) or broken()
    return head + b"\r\n\r\n" + body


def broken():
    raise OSError("the institution hung up")


def is_chunked(head):
    return re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head) is not None


def plain_body(head, body):
    if not is_chunked(head):
        return body
    plain = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        plain, body = plain + rest[:int(size, 16)], rest[int(size, 16) + 2:]
    return plain


def bare(head):
    return re.sub(rb"(?i)\r\n(content-length|transfer-encoding|content-encoding):[^\r]*", b"", head)


def sized(head, length):
    return bare(head) + b"\r\nContent-Length: %d\r\n\r\n" % length


def chunked(head, more=b""):
    return bare(head) + b"\r\nTransfer-Encoding: chunked\r\n" + more + b"\r\n"
