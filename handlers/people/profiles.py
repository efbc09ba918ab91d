"""Bureau profiles: what one bureau's name, departments, letter heads and supervision channel are. Data, not code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from handlers.people.roles import role_label
from handlers.store.tables import department, setting

ACTIVE = select(setting.c.value).where(setting.c.name == "profile")
"""Name of the profile that a database was set up with."""
DEPARTMENT_KINDS = {
    "centre": "投诉举报机构",
    "office": "办公室",
    "leaders": "局领导",
    "party": "党建（纪检）",
    "legal": "法规",
    "section": "业务股室",
    "unit": "承办单位",
}


class ProfileError(Exception):
    """A profile cannot be used; the text is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Department:
    """One department. `kind` is a key of DEPARTMENT_KINDS."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Another body that a letter may be passed to. `matters`: what it answers for."""

    code: str
    name: str
    matters: str
    phone: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One bureau. `words`: what it calls things that the shipped files and the roles call otherwise."""

    code: str
    bureau: str
    short_name: str
    centre: str
    supervision: str
    letter_head: str
    number_prefix: str
    phones: Mapping[str, str]
    address: str
    office_closes: str
    departments: tuple[Department, ...]
    streets: tuple[str, ...]
    authorities: tuple[Authority, ...]
    words: Mapping[str, str]
    demo: Mapping[str, str]
    """Where the demo's people and companies are: `place`, `city`, `region_code`, `phone` (all but four digits)."""
    warnings: tuple[str, ...]

    def texts(self) -> dict[str, str]:
        """What the placeholders `{bureau}`, `{centre}` and `{supervision}` of procedure cards stand for."""
        return {"bureau": self.bureau, "centre": self.centre, "supervision": self.supervision}

    def worded(self, text: str) -> str:
        """A shipped text in this bureau's words; where several fit, the longest."""
        if not self.words:
            return text
        return _any_of(tuple(self.words)).sub(lambda match: self.words[match[0]], text)

    def role_name(self, role: str) -> str:
        """What the role with this code is called here."""
        return self.worded(role_label(role))


@lru_cache(maxsize=8)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


@lru_cache(maxsize=8)
def load_profile(name: str) -> Profile:
    """The profile shipped as `handlers/people/profile_files/<name>.json`. Raises ProfileError."""
    source = files("handlers.people").joinpath("profile_files", f"{name}.json")
    if not name.isidentifier() or not source.is_file():
        raise ProfileError(f"没有名为 {name} 的单位配置。")
    return read_profile(name, orjson.loads(source.read_bytes()))


def read_profile(name: str, data: Mapping[str, Any]) -> Profile:
    """A profile from its JSON. What is missing but not needed to work becomes a warning. Raises ProfileError."""
    try:
        departments = tuple(Department(item["code"], item["name"], item["kind"]) for item in data["departments"])
        profile = Profile(
            code=name,
            bureau=data["bureau"],
            short_name=data["short_name"],
            centre=data["centre"],
            supervision=data.get("supervision", ""),
            letter_head=data.get("letter_head", data["bureau"]),
            number_prefix=data.get("number_prefix", ""),
            phones=dict(data.get("phones", {})),
            address=data.get("address", ""),
            office_closes=data.get("office_closes", "17:30"),
            departments=departments,
            streets=tuple(data.get("streets", ())),
            authorities=tuple(
                Authority(item["code"], item["name"], item.get("matters", ""), item.get("phone", ""))
                for item in data.get("authorities", ())
            ),
            words=data.get("words", {}),
            demo=data.get("demo", {}),
            warnings=tuple(_warnings(data)),
        )
    except KeyError as error:
        raise ProfileError(f"单位配置 {name} 缺少“{error.args[0]}”。") from error
    _check_departments(profile)
    return profile


def _check_departments(profile: Profile) -> None:
    codes = [item.code for item in profile.departments]
    if len(codes) != len(set(codes)):
        raise ProfileError(f"单位配置 {profile.code} 的科室代码有重复。")
    others = [*profile.streets, *(item.code for item in profile.authorities)]
    if len(others) != len(set(others)):
        raise ProfileError(f"单位配置 {profile.code} 的街道或其他机关有重复。")
    if unknown := {item.kind for item in profile.departments} - DEPARTMENT_KINDS.keys():
        raise ProfileError(f"单位配置 {profile.code} 的科室类别不认识：{'、'.join(sorted(unknown))}。")
    if missing := {"centre", "office", "leaders"} - set(codes):
        raise ProfileError(f"单位配置 {profile.code} 缺少必需的科室：{'、'.join(sorted(missing))}。")


def _warnings(data: Mapping[str, Any]) -> list[str]:
    warnings = []
    if not data.get("supervision"):
        warnings.append("没有填写监督渠道：页脚不显示，对外文书也不会写监督电话。请向纪检部门核实后补充。")
    if not data.get("phones", {}).get("centre"):
        warnings.append("没有填写投诉举报机构的联系电话：对外文书的联系电话将留空。")
    if not data.get("address"):
        warnings.append("没有填写办公地址：对外文书的地址将留空。")
    if any(item.get("demo") for item in data["departments"]):
        warnings.append("部分承办单位使用演示名称，正式使用前请改为本局的机构名称。")
    return warnings


def install_profile(connection: Connection, profile: Profile) -> None:
    """Write the profile's departments and make it the active one. Repeatable; a department in use is never removed."""
    known = set(connection.scalars(select(department.c.code)))
    for position, item in enumerate(profile.departments, start=1):
        row = {"name": item.name, "kind": item.kind, "position": position}
        if item.code in known:
            connection.execute(update(department).where(department.c.code == item.code).values(row))
        else:
            connection.execute(insert(department).values(code=item.code, **row))
    if active_profile(connection) is None:
        connection.execute(insert(setting).values(name="profile", value=profile.code))
    else:
        connection.execute(update(setting).where(setting.c.name == "profile").values(value=profile.code))


def active_profile(connection: Connection) -> str | None:
    """Name of the profile this database was set up with."""
    name = connection.scalar(ACTIVE)
    return None if name is None else str(name)


def installed_profile(connection: Connection) -> Profile | None:
    """The profile this database was set up with, read."""
    name = active_profile(connection)
    return None if name is None else load_profile(name)


def role_name(profile: str | None, role: str) -> str:
    """What the role is called in the bureau with this profile's name; without a profile, as the shipped files do."""
    return load_profile(profile).role_name(role) if profile else role_label(role)
