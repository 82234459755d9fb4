import time

import pytest

from core.accounts import AccountFault, fault_words
from core.language import LANGUAGES
from core.passwords import (
    PasswordFault,
    hash_of,
    matches,
    one_time_password,
    password_fault,
    password_fault_words,
)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("1234567", PasswordFault.SHORT),
        ("x7mq2p9", PasswordFault.SHORT),
        ("x7mq2p9k", None),
        ("correct horse battery", None),
        ("密码密码足够长的吧", None),
        ("字" * 24, PasswordFault.COMMON),
        ("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏", None),
        ("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰", PasswordFault.LONG),
        ("abcdefgh" * 8, None),
        ("abcdefgh" * 8 + "i", PasswordFault.LONG),
        ("with\ttab and more", PasswordFault.CONTROL),
        ("with\u200bzero width", PasswordFault.CONTROL),
        (" starts with a blank", PasswordFault.BLANK_ENDS),
        ("ends with a blank ", PasswordFault.BLANK_ENDS),
        ("88888888", PasswordFault.COMMON),
        ("PASSWORD123", PasswordFault.COMMON),
        ("abababababab", PasswordFault.COMMON),
        ("zhangsan123", PasswordFault.NAME),
        ("zhangsan and his horse", None),
    ],
)
def test_a_new_password_keeps_the_rules(password, fault):
    assert password_fault(password, username="zhangsan") is fault


def test_a_password_matches_its_own_hash_only():
    stored = hash_of("correct horse", cost=4)
    assert matches("correct horse", stored)
    assert not matches("correct horse ", stored)
    assert not matches("Correct horse", stored)
    assert not matches("", stored)


def test_two_writings_of_one_letter_are_one_password():
    assert matches("caf\u00e9 au lait", hash_of("cafe\u0301 au lait", cost=4))


def test_what_lies_beyond_72_bytes_is_no_password():
    stored = hash_of("a" * 72, cost=4)
    assert matches("a" * 72, stored)
    assert not matches("a" * 73, stored)
    assert not matches("密" * 500, stored)


def test_an_unknown_name_takes_the_time_of_a_known_one_and_never_matches():
    stored = hash_of("correct horse")
    fastest = {stored: 9.0, None: 9.0}
    for _ in range(3):
        for known, seconds in fastest.items():
            began = time.perf_counter()
            assert not matches("wrong horse", known)
            fastest[known] = min(seconds, time.perf_counter() - began)
    assert 0.5 < fastest[stored] / fastest[None] < 2


def test_odd_signs_do_not_break_the_check():
    assert not matches("\ud800 \x00", hash_of("correct horse", cost=4))


def test_one_time_passwords_differ_and_keep_the_rules():
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert all(password_fault(each, username="li") is None for each in made)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words(language):
    assert len({password_fault_words(language, fault) for fault in PasswordFault}) == len(PasswordFault)
    assert len({fault_words(language, fault) for fault in AccountFault}) == len(AccountFault)
