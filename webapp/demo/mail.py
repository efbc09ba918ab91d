"""Believable letters of citizens for the demo district, always the same for the same seed. Everybody is made up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

import yaml

from forms.beijing import BEIJING
from forms.wording import chinese_date
from handlers.people.profiles import Profile, load_profile

SEED = 12315
KINDS = {"complaint": 56, "report": 21, "enquiry": 13, "mixed": 4, "outside": 6}
"""How many of a hundred letters are what."""
CHANNELS = {
    "hotline_12345": 30, "platform_app": 22, "platform_web": 10, "hotline_12315": 14, "phone": 7, "visit": 5,
    "city_centre": 5, "online": 3, "letter": 2, "government": 1, "association": 1,
}  # fmt: skip
ON_THE_PLATFORM = frozenset({"platform_web", "platform_app", "hotline_12315", "city_centre"})
ASSIGNERS = {"government": "区政府办公室", "association": "区消费者协会"}
REPLY_WAYS = {"platform_web": "platform", "platform_app": "platform", "letter": "mail", "online": "email"}
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(3**place % 31 for place in range(17))


@dataclass(frozen=True, slots=True)
class Shop:
    """Somebody that letters are about."""

    name: str
    code: str
    street: str
    address: str
    phone: str


@dataclass(frozen=True)
class Letter:
    """One letter: when it came, what it is, the answers of the registration form."""

    number: int
    kind: str
    received_at: datetime
    answers: Mapping[str, Any]
    injury: bool = False

    @cached_property
    def chance(self) -> random.Random:
        """Chance for all that becomes of this letter, apart from that of all others."""
        return random.Random(f"{SEED}/{self.number}")  # noqa: S311 - a story, not a secret


@lru_cache(maxsize=2)
def words(profile: str) -> Mapping[str, Any]:
    """The vocabulary, `district.yaml`, for the bureau with this profile's name."""
    text = resources.files(__package__).joinpath("district.yaml").read_text(encoding="utf-8")
    bureau = load_profile(profile)
    for name, word in {**bureau.demo, "prefix": bureau.number_prefix}.items():
        text = text.replace(f"{{{name}}}", word)
    texts: Mapping[str, Any] = yaml.safe_load(text)
    return texts


def letters(moments: Sequence[datetime], profile: Profile) -> Iterator[Letter]:
    """A letter for each of the moments (aware, Beijing), about shops in the streets of the bureau's district."""
    chance = random.Random(SEED)  # noqa: S311
    shops = _shops(chance, profile)
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=len(moments))
    for number, (received_at, kind) in enumerate(zip(moments, kinds, strict=True), 1):
        writer = _Writer(chance, words(profile.code), shops, received_at, number)
        yield Letter(number, kind, received_at, *writer.write(kind))


def _shops(chance: random.Random, profile: Profile) -> Mapping[str, Sequence[Shop]]:
    """Three shops of each trade: few enough that some are complained about again and again."""
    said = words(profile.code)
    brands, trades, lanes = said["brands"].split(), said["trades"], said["lanes"].split()
    names = chance.sample([(trade, brand) for trade in trades for brand in brands], k=len(trades) * len(brands))
    shops: dict[str, list[Shop]] = {trade: [] for trade in trades}
    for place, (trade, brand) in enumerate(names):
        if len(shops[trade]) == 3:
            continue
        street, lane = chance.choice(profile.streets), chance.choice(lanes)
        name = f"{street.removesuffix('街道').removesuffix('镇')}{brand}{trades[trade]}"
        address = f"{street}{lane}{chance.randint(1, 260)}号"
        code = credit_code(f"92{profile.demo['region_code']}MA0{place:05d}D")
        shops[trade].append(Shop(name, code, street, address, _phone(chance)))
    return shops


def credit_code(body: str) -> str:
    """The 17 signs with their check digit."""
    total = sum(weight * _CREDIT_CHARACTERS.index(sign) for weight, sign in zip(_CREDIT_WEIGHTS, body, strict=True))
    return body + _CREDIT_CHARACTERS[-total % 31]


def _phone(chance: random.Random) -> str:
    """No number that rings anywhere: the blocks 13x0000 are not handed out to people."""
    return f"{chance.choice(('1380000', '1390000', '1360000', '1590000'))}{chance.randint(0, 9999):04d}"


class _Writer:
    """Writes one letter."""

    def __init__(
        self,
        chance: random.Random,
        said: Mapping[str, Any],
        shops: Mapping[str, Sequence[Shop]],
        received_at: datetime,
        number: int,
    ) -> None:
        self._chance = chance
        self._words = said
        self._shops = shops
        self._received_at = received_at
        self._number = number

    def write(self, kind: str) -> tuple[dict[str, Any], bool]:
        """(Answers of the registration form, whether somebody was hurt)."""
        channel = self._one_of(CHANNELS)
        answers = self._receipt(channel) | self._person(kind, channel)
        if kind == "enquiry":
            return answers | self._enquiry(), False
        if kind == "outside":
            return answers | self._outside(), False
        matter = self._chance.choice(self._words["reports" if kind == "report" else "complaints"])
        answers |= self._about(matter, matter["trade"]) | {
            "category": matter["category"],
            "supply_link": matter.get("link"),
        }
        if kind in ("complaint", "mixed"):
            answers |= self._demand(matter, answers["amount"])
        if kind in ("report", "mixed"):
            answers |= self._accusation(matter, kind, answers)
        return answers, bool(matter.get("injury"))

    def _one_of(self, weights: Mapping[str, int]) -> str:
        return self._chance.choices(list(weights), list(weights.values()))[0]

    def _often(self, share: float) -> bool:
        return self._chance.random() < share

    def _receipt(self, channel: str) -> dict[str, Any]:
        day = self._received_at
        answers: dict[str, Any] = {"channel": channel, "received_at": day.isoformat()}
        if channel in ON_THE_PLATFORM:
            answers["platform_no"] = f"1{day:%Y%m%d}{self._number:07d}"
        if channel in ASSIGNERS:
            reply_on = (day + timedelta(days=20)).date().isoformat()
            answers |= {"assigner": ASSIGNERS[channel], "assigner_reply_on": reply_on}
        if channel == "letter":
            answers |= {"letter_signed_on": day.date().isoformat()}
        return answers | ({"visit_signed": True} if channel == "visit" else {})

    def _person(self, kind: str, channel: str) -> dict[str, Any]:
        if kind == "report" and self._often(0.3):
            return {"anonymous": True, "no_contact": True}
        given = self._chance.choice(self._words["given_names"].split())
        wants_reply = "yes" if self._often(0.75) else "no"
        return {
            "person_name": self._chance.choice(self._words["surnames"]) + given,
            "person_phone": _phone(self._chance),
            "person_group": "elder" if self._often(0.12) else None,
            "confidential": kind == "report" and self._often(0.4),
            "wants_reply": wants_reply,
            "reply_way": REPLY_WAYS.get(channel, "phone") if wants_reply == "yes" else None,
        }

    def _enquiry(self) -> dict[str, Any]:
        asked = self._chance.choice(self._words["enquiries"])
        return {"asks_only": True, "enquiry_subject": asked["subject"], "question": asked["question"]}

    def _outside(self) -> dict[str, Any]:
        matter = self._chance.choice(self._words["outside"])
        about = self._about({"goods_class": "other_service", "low": 300, "high": 9000, **matter}, matter["trade"])
        demand = {"wants_compensation": True, "problem": "other", "demands": ["other"], "no_evidence": True}
        return about | demand | {"category": "outside", "outside_matter": matter["matter"]}

    def _about(self, matter: Mapping[str, Any], trade: str) -> dict[str, Any]:
        shop = self._chance.choice(self._shops[trade])
        amount = self._chance.randint(matter.get("low", 20), matter.get("high", 600))
        happened = self._received_at - timedelta(days=self._chance.randint(1, 25))
        known = not (matter.get("online") and self._often(0.25))
        text = matter["text"].format(
            shop=shop.name, goods=matter["goods"], day=chinese_date(happened.date()), amount=amount
        )
        return {
            "respondent_name": shop.name,
            "respondent_code": shop.code,
            "respondent_phone": shop.phone,
            "address_known": "yes" if known else "no",
            "respondent_address": shop.address if known else None,
            "street": shop.street if known else None,
            "is_online": "yes" if matter.get("online") else "no",
            "platform_name": "某外卖平台" if matter.get("goods_class") == "catering" else "某电商平台",
            "order_no": f"{happened:%y%m%d}{self._chance.randint(10**7, 10**8 - 1)}",
            "platform_local": "yes",
            "goods": matter["goods"],
            "goods_class": matter["goods_class"],
            "amount": amount,
            "bought_on": happened.date().isoformat(),
            "facts_text": text,
        }

    def _demand(self, matter: Mapping[str, Any], amount: int) -> dict[str, Any]:
        return {
            "wants_compensation": True,
            "problem": matter["issue"],
            "demands": list(matter["demands"]),
            "demand_amount": amount * (3 if "compensate" in matter["demands"] else 1),
            "no_evidence": self._often(0.4),
            "agrees_disclosure": self._often(0.6),
            "agrees_delegation": self._often(0.5),
        }

    def _accusation(self, matter: Mapping[str, Any], kind: str, answers: Mapping[str, Any]) -> dict[str, Any]:
        happened_at = datetime.fromisoformat(f"{answers['bought_on']}T{self._chance.randint(8, 20):02d}:00").replace(
            tzinfo=BEIJING
        )
        return {
            "reports_violation": True,
            "violation": matter["issue"] if kind == "report" else "consumer_rights",
            "named": "yes" if self._often(0.7) else "no",
            "happened_at": happened_at.isoformat(),
            "happened_place": answers["respondent_address"] or answers["respondent_name"],
            "clues": "有现场照片和购物小票" if self._often(0.5) else "可以到现场查看",
            "suspected_crime": "no",
            "wants_reward": self._often(0.15),
        }
