"""Every sentence and every code has its text in both languages, and no text is left over."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from cellctl.cli.front import spoken
from cellctl.texts.catalogue import messages
from cellctl.texts.choice import ENGLISH, LANGUAGES
from cellctl.texts.explanation import explanations
from tests.unit.texts.walk import Walker

ROOT = Path(__file__).parents[3]
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


@pytest.fixture(scope="module")
def sources() -> Walker:
    return Walker.over([ROOT / "cellctl", ROOT / "sim" / "cellsim"], ROOT)


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_error_is_a_constant_template(sources):
    """What an error says is never put together where it is raised, and can be followed to its constants."""
    assert [f"{place}: {why}" for place, why in sources.findings.items()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(sources, language):
    """Whatever an error can say, it can say in the other language."""
    known = messages(language)
    assert [f"{place}: {sentence}" for sentence, place in sources.sentences.items() if sentence not in known] == []
    assert sorted(spoken() - set(known)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_left_over(sources, language):
    """The catalogue has nothing that no error says any more."""
    assert sorted(set(messages(language)) - set(sources.sentences) - spoken()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_name_the_same_places(language):
    """A translation shows the same values as the original; where there are none, braces are braces."""
    wrong = {one: other for one, other in messages(language).items() if _places(one) != _places(other)}
    assert wrong == {}


def _places(template: str) -> set[str]:
    """The named places; none for a sentence without values whose braces stand for themselves."""
    try:
        return places(template)
    except ValueError:
        return set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_explained(sources, language):
    """`cellctl explain` knows each code that can be raised, and none that cannot."""
    assert sorted(explanations(language)) == sorted(sources.codes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_explanation_says_all_that_helps(language):
    """Title, meaning, cause and remedy are there; an example has both of its halves."""
    for it in explanations(language).values():
        assert all((it.title, it.means, it.cause, it.do)), it.code
        assert bool(it.wrong) == bool(it.right), it.code


@pytest.mark.parametrize("language", OTHERS)
def test_explanations_are_in_their_language(language):
    """Nothing was left in English by mistake."""
    english = explanations(ENGLISH)
    for it in explanations(language).values():
        assert it.title != english[it.code].title
        assert it.do != english[it.code].do
