"""What is downloaded comes over TLS, and stays there whatever a server says."""

from __future__ import annotations

import email.message
import io
import urllib.error
import urllib.request

import pytest

from srgan_desktop.core.weights.download import StaysEncrypted, _opener
from trainer.networks.vgg_weights import PUBLISHED


def redirected(start: str, to: str) -> urllib.request.Request | None:
    return StaysEncrypted().redirect_request(
        urllib.request.Request(start), io.BytesIO(), 302, "Found", email.message.Message(), to
    )


def test_all_addresses_are_encrypted() -> None:
    assert all(published.url.startswith("https://") for published in PUBLISHED.values())
    assert all(len(published.sha256_start) >= 8 for published in PUBLISHED.values())


def test_a_redirection_does_not_leave_encryption() -> None:
    assert any(isinstance(handler, StaysEncrypted) for handler in _opener.handlers)
    assert redirected("https://a.example/x", "https://b.example/x") is not None
    for to in ("http://a.example/x", "ftp://a.example/x", "file:///etc/passwd"):
        with pytest.raises(urllib.error.URLError, match="without encryption"):
            redirected("https://a.example/x", to)
