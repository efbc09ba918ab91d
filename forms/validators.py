"""Checks of the numbers and addresses that case handling lives on. Each returns the value in its plain written form.

Every check raises ValueError with a Chinese sentence that says what is wrong; the field's own name is shown beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from forms.parse import narrow

_PROVINCES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_CREDIT_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
_BETWEEN: Final = re.compile(r"[\s()-]+")
_AREA: Final = re.compile(r"(010|02[0-57-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})")
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


def check_id_card(text: str, today: date) -> str:
    """Resident identity number 公民身份号码: 18 characters, upper case.

    Source: GB 11643-1999 (area code, birth date, check character by ISO 7064 MOD 11-2). The 15-digit numbers of before
    1999 have been invalid since 2013-01-01 (居民身份证法 2011年修改) and are refused with their own sentence.
    """
    number = re.sub(r"[\s-]+", "", narrow(text)).upper()
    if re.fullmatch(r"[0-9]{15}", number):
        raise ValueError("这是 15 位的旧身份证号码，已停止使用，请填写 18 位号码。")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise ValueError("身份证号码应为 18 位，前 17 位是数字，最后一位是数字或 X。")
    if number[:2] not in _PROVINCES:
        raise ValueError("身份证号码的前两位不是省级行政区代码，请核对。")
    if not _is_birth_date(number[6:14], today):
        raise ValueError("身份证号码中的出生日期（第 7 至 14 位）不对，请核对。")
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number, strict=False))
    if number[17] != _ID_CHECKS[total % 11]:
        raise ValueError("身份证号码的校验位不对，可能有一位写错，请核对。")
    return number


def _is_birth_date(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return date(1870, 1, 1) <= born <= today


def check_credit_code(text: str, today: date) -> str:
    """Unified social credit code 统一社会信用代码: 18 characters, upper case.

    Source: GB 32100-2015: registering department (1), kind of body (1), area code (6 digits), body code (9, GB 11714),
    check character modulo 31. The letters I, O, S, V, Z are never used.
    """
    code = re.sub(r"[\s-]+", "", narrow(text)).upper()
    if len(code) != 18:
        raise ValueError(f"统一社会信用代码应为 18 位，现在是 {len(code)} 位。")
    if any(character not in _CREDIT_CHARACTERS for character in code):
        raise ValueError("统一社会信用代码只能用数字和大写字母，且不用 I、O、S、V、Z，请核对。")
    if not code[2:8].isdigit():
        raise ValueError("统一社会信用代码的第 3 至 8 位是行政区划，应全是数字，请核对。")
    total = sum(
        weight * _CREDIT_CHARACTERS.index(character) for weight, character in zip(_CREDIT_WEIGHTS, code, strict=False)
    )
    if _CREDIT_CHARACTERS[-total % 31] != code[17]:
        raise ValueError("统一社会信用代码的校验位不对，可能有一位写错，请核对。")
    return code


def check_phone(text: str, today: date) -> str:
    """A Chinese telephone number: mobile `13812345678`, landline `022-65432100`, either with an extension
    (`022-65432100-801`; platforms hand out mobile numbers with one), `400-123-4567`, service numbers such as `12315`.

    Source: 电信网编号计划（2017年版）: mobile 1[3-9] and 9 digits, area code 0 and 2 or 3 digits, 400/800 and 7 digits.
    """
    number, extension = _split_extension(_DASHES.sub("-", narrow(text)))
    number = re.sub(r"^(?:\+|00)86", "", _BETWEEN.sub("", number))
    if re.fullmatch(r"1[3-9][0-9]{9}", number):
        return _with_extension(number, extension)
    if re.fullmatch(r"[48]00[0-9]{7}", number):
        return _with_extension(f"{number[:3]}-{number[3:6]}-{number[6:]}", extension)
    if re.fullmatch(r"12[0-9]{3}|9[56][0-9]{3,4}", number) and not extension:
        return number
    landline = _AREA.fullmatch(number) or _AREA.fullmatch(f"0{number}" if len(number) >= 10 else "")
    if landline:
        return _with_extension(f"{landline[1]}-{landline[2]}", extension)
    if re.fullmatch(r"[2-9][0-9]{6,7}", number):
        raise ValueError("固定电话请加上区号，例如 022-65432100。")
    raise ValueError("电话号码不对，请填写 11 位手机号、带区号的固定电话或 400 电话。")


def _split_extension(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*?[0-9]{7,8})\s*(?:-|转|ext\.?|#)\s*([0-9]{1,6})", text, re.IGNORECASE)
    return (match[1], match[2]) if match else (text, "")


def _with_extension(number: str, extension: str) -> str:
    return f"{number}-{extension}" if extension else number


def check_email(text: str, today: date) -> str:
    """An e-mail address in the everyday form of RFC 5321 (dot-atom at a domain name), the domain in lower case."""
    address = narrow(text)
    if len(address) > 254 or not _EMAIL.fullmatch(address) or len(address.rpartition("@")[0]) > 64:
        raise ValueError("电子邮箱不对，应写成 name@example.com 的样子。")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def check_platform_number(text: str, today: date) -> str:
    """Number of a case on the national 12315 platform (or a hotline's own): 8 to 40 digits, capital letters, hyphens.

    Source: none published; the width covers the numbers that exports of the platform and of 12345 hotlines carry.
    """
    number = re.sub(r"\s+", "", narrow(text)).upper()
    if not re.fullmatch(r"[0-9A-Z][0-9A-Z-]{6,38}[0-9A-Z]", number) or not re.search(r"[0-9]{4}", number):
        raise ValueError("平台编号不对，应为 8 至 40 位数字或字母，请照平台上的编号填写。")
    return number


CHECKS: Final[Mapping[str, Callable[[str, date], str]]] = {
    "phone": check_phone,
    "id_card": check_id_card,
    "credit_code": check_credit_code,
    "email": check_email,
    "platform_number": check_platform_number,
}
"""`properties.format` of a form file -> its check."""
