"""Refresh the texts to translate: python scripts/translations.py [--check].

Reads every ``tr`` and ``trn`` of the program, the explanation of every ``setting`` of a training
and what the shipped models and the presets say of themselves, updates the template and each
language's catalogue in resources/translations, and compiles them. Translations themselves are
edited in the .po files.
"""

from __future__ import annotations

import argparse
import gettext
import io
import string
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
DOMAIN = "srgan_desktop"
LANGUAGES = ("zh_CN",)
PACKAGES = ("srgan_desktop", "trainer")
KEYWORDS = {"tr": None, "trn": (1, 2), "setting": (2,)}
# texts that the program does not spell out: a folder of .toml files -> keys
TEXTS_IN_FILES = {
    "docs/models/recipes": ("title", "description", "licence"),
    "trainer/presets": ("title", "description", "needs"),
}
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def main() -> int:
    """Exit code 1 with ``--check`` where something is missing or out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, only report")
    arguments = parser.parse_args()
    problems = list(check()) if arguments.check else []
    if not arguments.check:
        refresh()
        problems = list(check())
    for problem in problems:
        print(problem)
    return 1 if problems else 0


@cache
def extracted() -> Catalog:
    """All texts of the program, in the order of their names."""
    catalogue = _with_header(Catalog())
    for package in PACKAGES:
        found = extract_from_dir(
            str(ROOT / package), [("**.py", "python")], keywords=KEYWORDS, strip_comment_tags=True
        )
        for name, _, message, _, _ in found:
            text = tuple(message) if isinstance(message, list | tuple) else message
            catalogue.add(text, locations=[(f"{package}/{name}", None)])
    for name, text in texts_in_files():
        catalogue.add(text, locations=[(name, None)])
    return catalogue


def texts_in_files() -> Iterator[tuple[str, str]]:
    """(file below the root, text) of what models and presets say of themselves."""
    for folder, keys in TEXTS_IN_FILES.items():
        for path in sorted((ROOT / folder).glob("*.toml")):
            said = tomllib.loads(path.read_text(encoding="utf-8"))
            for key in keys:
                if said.get(key):
                    yield f"{folder}/{path.name}", said[key]


def refresh() -> None:
    """Bring template, catalogues and compiled files up to date."""
    template = extracted()
    FOLDER.mkdir(parents=True, exist_ok=True)
    _template_path().write_bytes(_po_bytes(template))
    for language in LANGUAGES:
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = read_catalogue(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path.write_bytes(_po_bytes(catalogue))
        compiled_path(language).write_bytes(_mo_bytes(catalogue))


def check() -> Iterator[str]:
    """What is missing or out of date, one line each."""
    template = extracted()
    wanted = {message.id for message in template if message.id}
    for language in LANGUAGES:
        catalogue = read_catalogue(language)
        known = {message.id: message for message in catalogue if message.id}
        for text in sorted(wanted - set(known), key=str):
            yield f"{language}: not in the catalogue (run scripts/translations.py): {text!r}"
        for text in sorted(set(known) - wanted, key=str):
            yield f"{language}: no longer used (run scripts/translations.py): {text!r}"
        for text, message in known.items():
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if not all(strings):
                yield f"{language}: not translated: {text!r}"
            elif _fields(text) != _fields(message.string):
                yield f"{language}: its fields are not those of the text: {text!r}"
        path = compiled_path(language)
        if not path.exists() or _texts_in(path.read_bytes()) != _texts_in(_mo_bytes(catalogue)):
            yield f"{language}: {path.name} is out of date (run scripts/translations.py)"


def read_catalogue(language: str) -> Catalog:
    """The language's catalogue; an empty one where there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return _with_header(Catalog(locale=language))
    with path.open("rb") as file:
        return _with_header(read_po(file, locale=language))


def catalogue_path(language: str) -> Path:
    """Where translations are edited."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def compiled_path(language: str) -> Path:
    """What the program reads."""
    return catalogue_path(language).with_suffix(".mo")


def _with_header(catalogue: Catalog) -> Catalog:
    """Always the same: the same texts shall give the same bytes."""
    catalogue.domain, catalogue.project = DOMAIN, "SRGAN Desktop"
    catalogue.creation_date = catalogue.revision_date = _LONG_AGO
    catalogue.header_comment = "# Texts of SRGAN Desktop; refreshed by scripts/translations.py"
    catalogue.msgid_bugs_address = catalogue.version = ""
    catalogue.last_translator = catalogue.language_team = ""
    catalogue.fuzzy = False
    return catalogue


def _texts_in(compiled: bytes) -> dict[object, str]:
    """What a compiled file holds beside its header, which tells of Babel's version."""
    texts = dict(gettext.GNUTranslations(io.BytesIO(compiled))._catalog)
    texts.pop("", None)
    return texts


def _template_path() -> Path:
    return FOLDER / f"{DOMAIN}.pot"


def _fields(text: object) -> set[str]:
    """The names in braces, of all plural forms together."""
    forms = text if isinstance(text, list | tuple) else (text,)
    parsed = [part for form in forms for part in string.Formatter().parse(str(form))]
    return {name for _, name, _, _ in parsed if name is not None}


def _po_bytes(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, sort_output=True, omit_header=False)
    return buffer.getvalue()


def _mo_bytes(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
