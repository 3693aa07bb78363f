"""Invented companies and people: names, phones, identity numbers. Knows no register; the same seed, the same people."""

import random
from datetime import date, timedelta

from faker import Faker

from app.property import rules

FIRST = (
    "嘉 恒 卓 瑞 启 云 星 泰 盛 海 天 金 正 博 汇 联 新 万 宏 安 同 方 远 明 德 华 清 仁 和 立 思 尚 优 凯 锐 景 岚 沐 "
    "澄 朗 沛 钧 霁 衡 朴 砚 溪 榕 棠 屿 麓 川 禾 航 舟 陆 岳 瀚 晟 昱 弘 彦 峻 泽 润 颐 悦 祺 翰 茂 腾 睿 骏 奕 曜 宸 屹 "
    "铭 韬 策 谦 捷 翼"
).split()
SECOND = (
    "澜 睦 屿 程 帆 桥 纪 影 象 研 途 佳 信 成 业 源 石 阳 图 聚 桐 达 邦 辰 衡 宁 诚 科 维 曼 腾 越 诺 耀 泽 捷 拓 域 "
    "盈 臻 禹 筑 舍 坤 岱 麦 茵 帛 奥 迅 鼎 珂 缦 彤 驰 翎 湾 森 峰 岭 淼 蔚 苑 墨 弦 笙 律 衍 觉 知 谷 沃 航 舟 鸣 骐 "
    "麟 翔 凌 岸"
).split()
# code of the trade, what the name says of it
TRADES = (
    ("it", "软件"), ("it", "信息技术"), ("finance", "基金管理"), ("finance", "投资"), ("trading", "贸易"),
    ("trading", "进出口"), ("law", "律师事务所"), ("consulting", "管理咨询"), ("advertising", "广告"), ("media", "传媒"),
    ("media", "影业"), ("education", "教育科技"), ("logistics", "物流"), ("real_estate", "置业"), ("construction", "建筑设计"),
    ("manufacturing", "智能装备"), ("energy", "矿业"), ("medical", "医疗器械"), ("catering", "餐饮管理"), ("travel", "旅行社"),
)  # fmt: skip
SHOPS = (
    ("catering", "咖啡"), ("retail", "便利店"), ("catering", "餐饮管理"), ("retail", "图文快印"), ("retail", "花艺"),
)  # fmt: skip
ENGLISH = {"it": "Software", "finance": "Capital", "trading": "Trading", "law": "Law Offices", "media": "Media"}

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
        rest = sum(CREDIT_LETTERS.index(sign) * weight for sign, weight in zip(first, _CREDIT_WEIGHTS, strict=True)) % 31
        return first + CREDIT_LETTERS[(31 - rest) % 31]

    def plate(self) -> str:
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        return self.fresh(lambda: f"京{self.chance.choice('NPQ')}·D{self.chance.choice(letters)}{self.chance.randrange(1000):03d}")
