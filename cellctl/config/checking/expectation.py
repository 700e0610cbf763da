"""What the checks of a typed section expected, as sentences that can be said in every language."""

from __future__ import annotations

from typing import Any

from cellctl.config.source.nearest import shown
from cellctl.errors import Text, sentence_of, text

KIND_NAMES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of at most 4300 digits",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "list_type": "a list",
    "tuple_type": "a list",
}
_AT_LEAST, _AT_MOST = "at least {min_length} characters", "at most {max_length} characters"
LIMITS = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": _AT_LEAST,
    "string_too_long": _AT_MOST,
    "too_short": "at least {min_length} entries, there are {actual_length}",
    "too_long": "at most {max_length} entries, there are {actual_length}",
    "string_pattern_mismatch": "text of the form {pattern}",
}
"""Kind of a mistake → what was expected; the places are pydantic's own."""
FORMS = {
    r"^[a-z][a-z0-9_]*$": "a name of lower-case letters, digits and _ such as 'wet_camera'",
    r"^[a-z][a-z0-9_]*\.[A-Za-z0-9_{}]+$": "a tag with its device before it, such as 'plc.web_speed'",
    r"^CELL-\d{4}$": "the code of a finding, such as 'CELL-1102'",
}
"""Forms of texts in the words of who writes them."""
OWN = frozenset({"value_error", "assertion_error"})
"""Raised by a check of ours, which has a sentence of its own."""


def expectation(item: dict[str, Any]) -> Text:
    """`expected …, got …` for one mistake as pydantic reports it."""
    kind, got = item["type"], shown(item.get("input"))
    if kind in OWN:
        return _own(item["ctx"]["error"], got)
    wanted: Any = text(KIND_NAMES[kind]) if kind in KIND_NAMES else None
    if kind in LIMITS:
        wanted = text(LIMITS[kind], **item["ctx"])
    if kind == "string_pattern_mismatch" and item["ctx"]["pattern"] in FORMS:
        wanted = text(FORMS[item["ctx"]["pattern"]])
    if kind == "literal_error":
        wanted = _choice(item["ctx"]["expected"])
    if wanted is None:  # a check that no section uses; its English says more than nothing
        wanted = item["msg"][:1].lower() + item["msg"][1:]
    return text("expected {wanted}, got {got}", wanted=wanted, got=got)


def _own(error: Exception, got: str | Text) -> Text:
    """The check's sentence; what was read instead is added when it does not say so itself."""
    sentence = sentence_of(error)
    if "got " in str(sentence):
        return sentence
    return text("{problem}, got {got}", problem=sentence, got=got)


def _choice(words: str) -> Text | str:
    """`'a', 'b' or 'c'` without the English `or`."""
    return text("one of {choices}", choices=words.replace(" or ", ", ")) if " or " in words else words
