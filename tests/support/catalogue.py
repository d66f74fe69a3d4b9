"""The texts of the app in another language, from its catalogue."""

import json
import re
from functools import cache

from local.paths import WEB

ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', re.MULTILINE)


def in_language(text: str, language: str) -> str:
    """Return what stands for an English text; the text itself where there is no catalogue."""
    return _catalogue(language)[text] if language == "de" else text


@cache
def _catalogue(language: str) -> dict[str, str]:
    entries = ENTRY.findall((WEB / "src" / "locales" / f"{language}.po").read_text() + "\n")
    return {_joined(text): _joined(translation) for text, translation in entries}


def _joined(lines: str) -> str:
    return "".join(json.loads(line) for line in lines.splitlines())
