# SPDX-License-Identifier: Apache-2.0
"""A server that speaks TLS, and a certificate of its that this world, and no other, trusts."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from typing import Iterator

from .scratch import scratch

TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
SERVER = """
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())
server = http.server.ThreadingHTTPServer(("", int(sys.argv[2])), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""

# One page that is longer than any buffer for each client, and a line of how each has left.
PAGE_SERVER = """
import socket, ssl, sys
listening = socket.create_server(("", int(sys.argv[2])))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
page = b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\n" + b"ok" * 100000
while True:
    plain, _ = listening.accept()
    try:
        client = context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=False)
        client.recv(4096)
        client.sendall(page)
        client.unwrap()
        print("left in good order", flush=True)
    except OSError as error:
        print("ERROR", repr(error), flush=True)
    plain.close()
"""


@contextlib.contextmanager
def trusted(name: str) -> Iterator[Path]:
    """A file with a certificate for the name, and its key."""
    folder = scratch("https")
    key, certificate, both = (folder / file for file in ("key.pem", "certificate.pem", "both.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                    "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    both.write_text(key.read_text("ascii") + certificate.read_text("ascii"), "ascii")
    # The file systems of this world are its own.
    subprocess.run(["mount", "--bind", certificate, TRUSTED], check=True)
    yield both
    subprocess.run(["umount", TRUSTED], check=True)


def https_server(both: Path, port: int) -> list[str]:
    """The words that run the server."""
    return ["/usr/bin/python3", "-c", SERVER, str(both), str(port)]


def page_server(both: Path, port: int) -> list[str]:
    """The words that run a server of one long page, which complains of clients that just go."""
    return ["/usr/bin/python3", "-c", PAGE_SERVER, str(both), str(port)]
