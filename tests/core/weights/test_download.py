"""Downloads against a server on this machine: whole and checked, or not there at all."""

from __future__ import annotations

import hashlib
import http.client
import io
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from srgan_desktop.core.base.errors import DownloadError
from srgan_desktop.core.weights.download import StaysEncrypted, download

CONTENT = bytes(range(256)) * 10_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/unsized":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/short" else CONTENT)

    def log_message(self, *arguments: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_file_arrives_whole_with_progress(server: str, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.bin"
    events = list(download(f"{server}/file", target, DIGEST[:8]))
    assert target.read_bytes() == CONTENT
    assert events[-1].done == events[-1].total == len(CONTENT)
    assert len(events) >= 3
    assert [path.name for path in target.parent.iterdir()] == ["file.bin"]


def test_a_server_that_does_not_say_how_long(server: str, tmp_path: Path) -> None:
    events = list(download(f"{server}/unsized", tmp_path / "f", DIGEST[:8]))
    assert events[-1].total is None
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "start", "words"),
    [
        ("missing", DIGEST[:8], "404"),
        ("short", DIGEST[:8], "broke off|IncompleteRead"),
        ("file", "00000000", "checksum"),
    ],
)
def test_faults_leave_nothing_behind(
    server: str, tmp_path: Path, path: str, start: str, words: str
) -> None:
    with pytest.raises(DownloadError, match=words):
        list(download(f"{server}/{path}", tmp_path / "f", start))
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="put it there") as caught:
        list(download("http://127.0.0.1:9/file", tmp_path / "f", "00"))
    assert str(tmp_path / "f") in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_closing_in_the_middle_leaves_nothing(server: str, tmp_path: Path) -> None:
    events = download(f"{server}/file", tmp_path / "f", DIGEST[:8])
    next(iter(events))
    events.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "follows"),
    [
        ("https://a.example/f", "https://b.example/f", True),
        ("https://a.example/f", "http://b.example/f", False),
        ("https://a.example/f", "file:///etc/passwd", False),
    ],
)
def test_an_encrypted_download_stays_encrypted(old: str, new: str, follows: bool) -> None:
    request, handler = urllib.request.Request(old), StaysEncrypted()
    arguments = (io.BytesIO(), 302, "Found", http.client.HTTPMessage(), new)
    if follows:
        assert handler.redirect_request(request, *arguments) is not None
    else:
        with pytest.raises(urllib.error.URLError):
            handler.redirect_request(request, *arguments)
