"""Translating the texts that people read.

English is the source; catalogues in ``resources/translations/<language>/LC_MESSAGES`` hold the
others. ``tr`` is called when the text is needed, never at import, so that the language can change
while the program runs.
"""

from __future__ import annotations

import gettext
import locale
import os
import struct
from collections.abc import Mapping
from pathlib import PurePath

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.printable import printable_path

DOMAIN = "srgan_desktop"
LANGUAGES = ("en", "zh_CN")

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def tr(message: str, /, **values: object) -> str:
    """``message`` in the current language, its ``{name}`` fields filled in from ``values``."""
    # gettext answers an empty text with the catalogue's own header
    text = _current.gettext(message) if message else ""
    return _filled(text, message, values) if values else text


def trn(singular: str, plural: str, n: int, /, **values: object) -> str:
    """As ``tr``, for texts whose wording depends on the number ``n`` (also a field, ``{n}``)."""
    text = _current.ngettext(singular, plural, n)
    return _filled(text, singular if n == 1 else plural, {"n": n} | values)


def _filled(text: str, english: str, values: Mapping[str, object]) -> str:
    """A mistake in a translated field falls back to English instead of failing."""
    values = {
        name: printable_path(value) if isinstance(value, PurePath) else value
        for name, value in values.items()
    }
    try:
        return text.format(**values)
    except (KeyError, IndexError, ValueError, AttributeError):
        return english.format(**values)


def system_language(shown: str = "") -> str:
    """The available language closest to the system's; ``en`` if there is none.

    shown: what a window's toolkit knows of it; programs that the Finder starts have no variables.
    """
    wanted = (
        os.environ.get("SRGAN_DESKTOP_LANGUAGE")
        or os.environ.get("LC_ALL")
        or os.environ.get("LC_MESSAGES")
        or os.environ.get("LANG")
        or shown
        or locale.getlocale()[0]
        or "en"
    )
    return "zh_CN" if wanted.lower().startswith(("zh", "chinese")) else "en"


def set_language(language: str) -> None:
    """Switch to one of ``LANGUAGES``; with a missing or damaged catalogue texts stay English."""
    global _current, _language  # noqa: PLW0603 - one language for the whole process
    _language = language
    try:
        _current = gettext.translation(
            DOMAIN, places.resources() / "translations", languages=[language], fallback=True
        )
    except (OSError, ValueError, struct.error):
        _current = gettext.NullTranslations()


def language() -> str:
    """The current language."""
    return _language


def sentences(*parts: str) -> str:
    """One after the other, those that are empty left out; Chinese sets no space between them."""
    return ("" if language().startswith("zh") else " ").join(filter(None, parts))
