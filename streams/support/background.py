"""What people ask and say about anything, and everyday words: the middle of the encoder's space, which is taken away.

All texts of one kind and language lie close together in the raw space; what tells them apart is the rest.
"""

from typing import Final

QUESTIONS: Final = {
    "en": (
        "How does this work?",
        "Where can I find it?",
        "What time does it start?",
        "Who is responsible for this?",
        "How much does it cost?",
        "Why did that happen?",
        "Can you help me?",
        "What is the best way to learn a language?",
        "When was it built?",
        "Is it safe to swim in the lake?",
        "How do I cook rice?",
        "What is the meaning of life?",
        "Which team won the cup?",
        "Are there any news today?",
        "How tall is the tower?",
        "Do you like music?",
    ),
    "zh": (
        "这个怎么用？",
        "在哪里可以找到？",
        "几点开始？",
        "谁负责这件事？",
        "要多少钱？",
        "为什么会这样？",
        "可以帮帮我吗？",
        "学外语最好的方法是什么？",
        "这是哪一年建的？",
        "湖里游泳安全吗？",
        "米饭怎么煮？",
        "人生的意义是什么？",
        "哪支球队赢了冠军？",
        "今天有什么新闻？",
        "这座塔有多高？",
        "你喜欢音乐吗？",
    ),
}

STATEMENTS: Final = {
    "en": (
        "The meeting begins at nine and lasts about an hour.",
        "You can find the form on the second page of our site.",
        "Please contact us if anything is unclear.",
        "The price depends on the size and on the season.",
        "Children must be accompanied by an adult.",
        "It was a quiet day, with little wind and some rain in the evening.",
        "The team lost its last match but stays first in the league.",
        "Store in a dry place and keep out of reach of children.",
    ),
    "zh": (
        "会议九点开始，大约一个小时。",
        "表格可以在网站的第二页找到。",
        "如有疑问请与我们联系。",
        "价格取决于尺寸和季节。",
        "儿童须由成人陪同。",
        "今天天气平静，风不大，傍晚有小雨。",
        "球队输了最后一场比赛，但仍排名第一。",
        "请存放在干燥处，避免儿童接触。",
    ),
}

_ENGLISH: Final = (
    "house water time people money work street doctor music phone winter company colour friend number table open "
    "small drive price country letter night school pay light story market child green machine send wrong garden "
    "ticket health summer river write road family bread weight office game hour strong plan"
)
_CHINESE: Final = (
    "房子 水 时间 人们 钱 工作 街道 医生 音乐 电话 冬天 公司 颜色 朋友 号码 桌子 打开 开车 价格 国家 信件 晚上 学校 "
    "付款 灯光 故事 市场 孩子 绿色 机器 寄送 错误 花园 车票 健康 夏天 河流 写字 道路 家庭 面包 重量 办公室 游戏 小时"
)
WORDS: Final = {"en": tuple(_ENGLISH.split()), "zh": tuple(_CHINESE.split())}
