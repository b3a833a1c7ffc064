"""Fetching a file once, whole and checked, with progress."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from srgan_desktop import __version__
from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import DownloadError
from srgan_desktop.core.base.translation import tr

_BLOCK_BYTES = 2**20
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Progress:
    """Bytes so far, and of how many where the server says so."""

    name: str
    done: int
    total: int | None


class StaysEncrypted(urllib.request.HTTPRedirectHandler):
    """Follows no redirection from https to anything else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """As of the base class. Raises urllib.error.URLError."""
        if req.type == "https" and not newurl.lower().startswith("https:"):
            raise urllib.error.URLError(tr("redirected to an address without encryption"))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_opener = urllib.request.build_opener(StaysEncrypted)


def download(url: str, target: Path, sha256_start: str) -> Iterator[Progress]:
    """Fetch ``url`` to ``target``, making its folder; yields after each mebibyte.

    The file appears only when it is whole and its SHA-256 begins with ``sha256_start``. Closing
    the generator leaves nothing behind.

    Raises:
        DownloadError: no network, refused, broken off, another file than expected, or no room.
    """
    name = target.name
    request = urllib.request.Request(url, headers={"User-Agent": f"srgan-desktop/{__version__}"})
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            _opener.open(request, timeout=_TIMEOUT_SECONDS) as response,
            atomic.replace_file(target) as new,
        ):
            length = response.headers.get("Content-Length")
            total = int(length) if length and length.isdigit() else None
            done = 0
            while block := response.read(_BLOCK_BYTES):
                digest.update(block)
                new.file.write(block)
                done += len(block)
                yield Progress(name, done, total)
            _check(url, digest.hexdigest(), sha256_start, done, total)
    except urllib.error.HTTPError as error:
        raise _failed(url, target, f"{error.code} {error.reason}") from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
        reason = getattr(error, "reason", None) or error
        raise _failed(url, target, str(reason) or type(error).__name__) from error
    except OSError as error:
        raise _failed(url, target, atomic.explain(error)) from error


def _check(url: str, digest: str, wanted: str, done: int, total: int | None) -> None:
    if total is not None and done < total:
        raise DownloadError(
            tr("{url}: broke off after {done} of {total} bytes", url=url, done=done, total=total)
        )
    if not digest.startswith(wanted):
        raise DownloadError(
            tr("{url}: is not the file that was expected (its checksum differs)", url=url)
        )


def _failed(url: str, target: Path, reason: str) -> DownloadError:
    return DownloadError(
        tr(
            "{url} cannot be downloaded: {reason}. Without a network, fetch it on another machine "
            "and put it there: {target}",
            url=url,
            reason=reason,
            target=target,
        )
    )
