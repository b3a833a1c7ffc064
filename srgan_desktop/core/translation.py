"""Text for people, in their language.

English is the source; catalogues in ``resources/translations/<language>/LC_MESSAGES`` hold the
others. ``tr`` is called when the text is needed, never at import, so that the language can change
while the program runs.
"""

from __future__ import annotations

import gettext
import locale
import os

from srgan_desktop.core import places

DOMAIN = "srgan_desktop"
LANGUAGES = ("en", "zh_CN")

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def tr(message: str, /, **values: object) -> str:
    """``message`` in the chosen language, its ``{name}`` fields filled from ``values``."""
    text = _current.gettext(message)
    return text.format(**values) if values else text


def trn(singular: str, plural: str, n: int, /, **values: object) -> str:
    """As ``tr``, for texts whose wording depends on the number ``n`` (also a field, ``{n}``)."""
    return _current.ngettext(singular, plural, n).format(n=n, **values)


def system_language() -> str:
    """The shipped language nearest to what the system is set to; ``en`` where there is none."""
    wanted = (
        os.environ.get("SRGAN_DESKTOP_LANGUAGE")
        or os.environ.get("LC_ALL")
        or os.environ.get("LC_MESSAGES")
        or os.environ.get("LANG")
        or locale.getlocale()[0]
        or "en"
    )
    return "zh_CN" if wanted.lower().startswith(("zh", "chinese")) else "en"


def set_language(language: str) -> None:
    """Choose one of ``LANGUAGES``; a missing catalogue leaves the English text."""
    global _current, _language  # noqa: PLW0603 - one language for the whole process
    _language = language
    _current = gettext.translation(
        DOMAIN, places.resources() / "translations", languages=[language], fallback=True
    )


def language() -> str:
    """The language chosen last."""
    return _language
