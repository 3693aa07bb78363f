"""Invented companies and people: names, phones, identity numbers. Knows no register; the same seed, the same people."""

import random
from datetime import date, timedelta

from faker import Faker

from app.property import rules

# each character once: names are made of one of each
FIRST = (
    "嘉恒卓瑞启云星泰盛海天金正博汇联新万宏安同方远明德华清仁和立思尚优凯锐景岚沐澄朗沛钧霁衡"
    "朴砚溪榕棠屿麓川禾航舟陆岳瀚晟昱弘彦峻泽润颐悦祺翰茂腾睿骏奕曜宸屹铭韬策谦捷翼"
)
SECOND = (
    "澜睦屿程帆桥纪影象研途佳信成业源石阳图聚桐达邦辰衡宁诚科维曼腾越诺耀泽捷拓域盈臻禹筑舍坤"
    "岱麦茵帛奥迅鼎珂缦彤驰翎湾森峰岭淼蔚苑墨弦笙律衍觉知谷沃航舟鸣骐麟翔凌岸"
)
# code of the trade, what the name says of it
TRADES = (
    ("it", "软件"), ("it", "信息技术"), ("finance", "基金管理"), ("finance", "投资"),
    ("trading", "贸易"), ("trading", "进出口"), ("law", "律师事务所"), ("consulting", "管理咨询"),
    ("advertising", "广告"), ("media", "传媒"), ("media", "影业"), ("education", "教育科技"),
    ("logistics", "物流"), ("real_estate", "置业"), ("construction", "建筑设计"), ("manufacturing", "智能装备"),
    ("energy", "矿业"), ("medical", "医疗器械"), ("catering", "餐饮管理"), ("travel", "旅行社"),
)  # fmt: skip
SHOPS = (
    ("catering", "咖啡"), ("retail", "便利店"), ("catering", "餐饮管理"), ("retail", "图文快印"), ("retail", "花艺"),
)  # fmt: skip
CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = [pow(3, place, 31) for place in range(17)]


class People:
    """A source of invented names and numbers, none of them twice."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        self.faker = Faker("zh_CN")
        self.faker.seed_instance(seed)
        self.taken: set[str] = set()

    def fresh(self, make) -> str:
        """What ``make`` returns, made anew until it was not given out before."""
        while (found := make()) in self.taken:
            pass
        self.taken.add(found)
        return found

    def company(self, trades=TRADES) -> dict:
        """Name, short name, sign name and trade of a company."""
        code, word = self.chance.choice(trades)
        short = self.fresh(lambda: self.chance.choice(FIRST) + self.chance.choice(SECOND))
        tail = "" if word.endswith(("所", "社")) else "有限公司"
        return {"name": f"{short}{word}{tail}", "short_name": short, "sign_name": short + word, "trade": code}

    def person(self) -> str:
        return self.faker.name()

    def person_of(self, customer) -> str:
        """A name that nobody else of this customer has."""
        return self.fresh(lambda: f"{customer}/{self.faker.name()}").partition("/")[2]

    def mobile(self) -> str:
        """Eleven digits of the pattern 19900xxxxxx, which looks real and calls nobody the demo knows of."""
        return self.fresh(lambda: f"19900{self.chance.randrange(1_000_000):06d}")

    def switchboard(self) -> str:
        return self.fresh(lambda: f"010-5550{self.chance.randrange(10_000):04d}")

    def id_number(self, born: date | None = None) -> str:
        """18 digits with the right check character, of a region 990101 that there is not."""
        born = born or date(1962, 1, 1) + timedelta(days=self.chance.randrange(15_000))
        first = self.fresh(lambda: f"990101{born:%Y%m%d}{self.chance.randrange(1000):03d}")
        return first + rules.id_check(first)

    def credit_code(self) -> str:
        """18 characters as GB 32100-2015 builds them, of the same region."""
        first = self.fresh(
            lambda: "91990101" + "".join(self.chance.choice(CREDIT_LETTERS) for _place in range(9))
        )
        rest = (
            sum(
                CREDIT_LETTERS.index(sign) * weight
                for sign, weight in zip(first, _CREDIT_WEIGHTS, strict=True)
            )
            % 31
        )
        return first + CREDIT_LETTERS[(31 - rest) % 31]

    def plate(self) -> str:
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        return self.fresh(
            lambda: (
                f"京{self.chance.choice('NPQ')}·D{self.chance.choice(letters)}{self.chance.randrange(1000):03d}"
            )
        )
