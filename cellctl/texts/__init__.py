"""What cellctl says in other languages: templates of messages, and what each error code means.

English needs no file: the templates in the code are English. Everything else lies in this package as TOML, one folder
per language, and is read when it is first needed.
"""

from cellctl.texts.catalogue import translator
from cellctl.texts.choice import ENGLISH, LANGUAGES, VARIABLE, chosen, language_of
from cellctl.texts.explanation import Explanation, explanations

__all__ = [
    "ENGLISH", "LANGUAGES", "VARIABLE", "Explanation", "chosen", "explanations", "language_of", "translator",
]  # fmt: skip
