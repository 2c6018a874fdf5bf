"""What happens in the simulated stream, as data: everyday talk, outbreaks, a daily habit, a flood of bots.

Places, firms and people are invented.
"""

from typing import Final

import msgspec


class Talk(msgspec.Struct, frozen=True):
    """Everyday talk of one language: sentences with holes, and the words that fill them, frequent ones first."""

    lang: str
    sentences: tuple[str, ...]
    things: tuple[str, ...]
    places: tuple[str, ...]


class Outbreak(msgspec.Struct, frozen=True):
    """Something that happens: sentences about it with holes for a place and a number, and how fast it spreads.

    `people_a_minute` is the rate at its height, reached after `rise_minutes`; it lasts `minutes` in all.
    """

    name: str
    lang: str
    sentences: tuple[str, ...]
    places: tuple[str, ...]
    people_a_minute: float
    rise_minutes: float
    minutes: float


TALK: Final = (
    Talk(
        "en",
        (
            "finally some {thing} after a long day in {place}",
            "does anyone else think {thing} is better than it used to be?",
            "{thing} let me down again, third time this month",
            "quiet evening in {place}, only {thing} and a good book",
            "can't believe how expensive {thing} has become around {place}",
            "{place} in this light, I could stay for ever",
            "{thing} at last, and I love it",
            "who wants to share {thing} with me at {place} tomorrow?",
            "late again because of {thing} in {place}",
            "{thing}: best of the year so far, no discussion",
            "thinking about {thing} more than I should",
            "small joys: {thing}, sunshine, nobody calling",
        ),
        (
            "coffee",
            "music",
            "dinner",
            "traffic",
            "weather",
            "homework",
            "football",
            "a new phone",
            "the garden",
            "breakfast",
            "a podcast",
            "the bus",
            "my bike",
            "pizza",
            "the match",
            "a series",
            "ice cream",
            "the laundry",
            "tea",
            "a walk",
            "the meeting",
            "my headphones",
            "a haircut",
            "the library",
            "swimming",
            "a cheap flight",
            "the exam",
            "fresh bread",
            "the printer",
            "a puzzle",
            "tomato soup",
            "chess",
            "the elevator",
            "a raincoat",
            "my neighbours",
            "yoga",
            "the dentist",
            "a birthday cake",
            "old photos",
            "the keyboard",
        ),
        ("Eastport", "the old town", "Hillside", "Lake Arden", "the station", "Marlow", "the harbour", "Norvale"),
    ),
    Talk(
        "zh",
        (
            "今天在{place}吃到了好吃的{thing}，心情不错",
            "有人也觉得{thing}越来越贵了吗",
            "下班路过{place}，顺便买了{thing}",
            "周末打算在家看{thing}，什么都不想干",
            "{place}的风景真好，拍了好多照片",
            "我的{thing}又坏了，求推荐新的",
            "刚刚和朋友聊到{thing}，笑了一晚上",
            "早起去{place}跑步，空气很舒服",
            "学了一个月的{thing}，终于有点进步",
            "求问{place}附近哪里有卖{thing}的",
        ),
        (
            "奶茶",
            "火锅",
            "电视剧",
            "手机",
            "耳机",
            "面条",
            "蛋糕",
            "小说",
            "篮球",
            "相机",
            "键盘",
            "咖啡",
            "水果",
            "钢琴",
            "游戏",
            "烤鱼",
            "毛衣",
            "自行车",
            "英语",
            "吉他",
            "雨伞",
            "汤圆",
            "拼图",
            "围棋",
            "书包",
            "饺子",
            "纪录片",
            "绿植",
            "台灯",
            "酸奶",
        ),
        ("东湖公园", "老城区", "南山路", "大学城", "江边", "图书馆", "北门市场", "云海广场"),
    ),
)

OUTBREAKS: Final = (
    Outbreak(
        "earthquake",
        "en",
        (
            "Strong earthquake just shook {place}, everything fell off the shelves",
            "Did you feel that? The earthquake lasted at least {number} seconds here in {place}",
            "Earthquake in Norvale: people standing in the streets of {place}, nobody wants to go back in",
            "magnitude 6.{digit} earthquake near Norvale according to the seismic service, stay outside",
            "Walls cracked at the school in {place} after the Norvale earthquake, {number} children safe",
            "Aftershock right now in {place}!! Norvale earthquake is not over",
            "Power is out in {place} since the earthquake, phones hardly work",
            "Volunteers needed in {place}: bring blankets and water for {number} people after the earthquake",
        ),
        ("Norvale", "Hillside", "Lower Norvale", "the harbour quarter", "Saint Brook", "Norvale old town"),
        14.0,
        6.0,
        40.0,
    ),
    Outbreak(
        "metro",
        "zh",
        (
            "云海地铁三号线突发故障，{place}站挤满了人",
            "地铁三号线停了快{number}分钟了，车厢里又闷又热",
            "云海地铁故障，{place}站开始疏散乘客，大家注意安全",
            "三号线信号故障，我被困在{place}，上班要迟到了",
            "广播说云海地铁三号线预计{number}分钟后恢复，没人相信",
            "{place}站外面排队等公交的有几百人，地铁故障太严重了",
            "刚从三号线隧道里走出来，工作人员在{place}帮忙引导",
            "云海地铁官方通报：三号线故障原因正在排查，{place}站临时关闭",
        ),
        ("云海广场", "北门", "大学城", "会展中心", "人民桥", "东湖公园"),
        12.0,
        5.0,
        35.0,
    ),
    Outbreak(
        "recall",
        "en",
        (
            "Brightwell recalls its baby monitor after {number} reports of overheating",
            "Check your Brightwell baby monitor, ours got so hot it melted the shelf",
            "Brightwell recall: the shop in {place} has already run out of replacements",
            "I called Brightwell about the baby monitor recall, {number} minutes in the queue",
            "How did the Brightwell baby monitor ever pass a safety test? Furious",
            "Serial numbers in the Brightwell recall start with 4{digit}, look under the battery cover",
            "Got my refund for the Brightwell baby monitor in {place}, be polite, the staff know nothing",
        ),
        ("Eastport", "Marlow", "Hillside", "the mall", "Lake Arden"),
        8.0,
        8.0,
        45.0,
    ),
    Outbreak(
        "typhoon",
        "zh",
        (
            "台风海鸥提前登陆，{place}风大得站不稳",
            "台风海鸥已经让{place}停电{number}分钟了，家里全靠手电",
            "{place}的树倒了一片，台风海鸥比预报的还猛",
            "台风海鸥红色预警，{place}全部停课，请大家不要出门",
            "刚看到救援队在{place}转移了{number}位居民，台风天辛苦了",
            "海水已经漫上{place}的马路，台风海鸥太可怕了",
            "台风海鸥过境，{place}的朋友们还好吗",
        ),
        ("临港镇", "海滨路", "老码头", "白沙湾", "渔人村", "东堤"),
        12.0,
        6.0,
        50.0,
    ),
)

EVERY_MINUTES: Final = 25.0
"""One outbreak follows another after so long; none lasts longer than twice this."""

HABIT: Final = "good morning everyone, {thing} first #goodmorning"
HABIT_HOUR: Final = 8
HABIT_PEOPLE: Final = 60

FLOOD: Final = "Win a free holiday now!!! Click bio, only today, limited offer #luckydraw {number}"
FLOOD_POSTS: Final = 600
FLOOD_ACCOUNTS: Final = 3
FLOOD_MINUTES: Final = 20.0
"""The flood comes once a day, and in the live part half an hour after it began."""
