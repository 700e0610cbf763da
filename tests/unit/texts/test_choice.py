"""Which language a reader gets."""

from __future__ import annotations

import pytest

from cellctl.texts.choice import chosen, language_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("zh_CN.UTF-8", "zh-CN"),
        ("zh-cn", "zh-CN"),
        ("zh", "zh-CN"),
        ("zh_SG", "zh-CN"),
        ("zh_Hans_CN.UTF-8@pinyin", "zh-CN"),
        ("en_GB.UTF-8", "en"),
        ("en", "en"),
        ("zh_TW.UTF-8", None),
        ("de_DE.UTF-8", None),
        ("C", None),
        ("", None),
    ],
)
def test_locales_name_languages(name, expected):
    """A locale is taken for its language where there are texts in it, and for none where there are not."""
    assert language_of(name) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh-CN"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"CELLCTL_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"CELLCTL_LANG": "zh-CN", "LANG": "C"}, "zh-CN"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_first_variable_that_is_set_decides(environment, expected):
    """Our own variable goes before the locale's, and of these LC_ALL before LC_MESSAGES before LANG."""
    assert chosen(environment) == expected
