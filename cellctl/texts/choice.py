"""Which language a reader wants."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH = "en"
SIMPLIFIED_CHINESE = "zh-CN"
LANGUAGES = (ENGLISH, SIMPLIFIED_CHINESE)
VARIABLE = "CELLCTL_LANG"
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order of POSIX: the first that is set decides."""
_NAMES = {
    "en": ENGLISH, "zh": SIMPLIFIED_CHINESE, "zh-cn": SIMPLIFIED_CHINESE, "zh-sg": SIMPLIFIED_CHINESE,
    "zh-hans": SIMPLIFIED_CHINESE, "zh-hans-cn": SIMPLIFIED_CHINESE,
}  # fmt: skip


def language_of(name: str) -> str | None:
    """`zh_CN.UTF-8`, `zh-cn`, `zh` → `zh-CN`; None for a language that there are no texts in."""
    plain = name.strip().partition(".")[0].partition("@")[0].replace("_", "-").lower()
    return _NAMES.get(plain) or (ENGLISH if plain.startswith("en-") else None)


def chosen(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for; English when it asks for none that there are texts in."""
    for variable in (VARIABLE, *LOCALE_VARIABLES):
        if name := environment.get(variable):
            return language_of(name) or ENGLISH
    return ENGLISH
