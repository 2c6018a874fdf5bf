"""Words that carry no subject, as they are written in posts. They end a phrase and are no terms.

English and Chinese hold whatever the language of a post, since posts mix them; those of other languages only in posts
of that language, where "die" or "un" is not an English word.
"""

from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ENGLISH: Final = _set(
    """a an the and or but nor so yet if then else than that this these those there here where when while who whom
    whose which what why how i me my mine myself you your yours yourself he him his himself she her hers herself
    it its itself we us our ours ourselves they them their theirs themselves one ones someone anyone everyone
    something anything everything nothing somebody anybody everybody nobody none am is are was were be been being
    do does did doing done have has had having will would shall should can could may might must ought need to of
    in on at by for with about against between into through during before after above below from up down out off
    over under again further once as until because since though although unless whether per via within without
    toward towards upon among across along around behind beside besides beyond despite except near onto past not
    no yes too very just only own same such both each few more most other others some any all many much several
    every either neither another enough also even ever never always often sometimes usually maybe perhaps still
    already really quite rather almost however thus hence therefore anyway instead else well now soon later ago
    today tomorrow yesterday tonight get gets got getting gotten go goes going gone went come comes came coming
    make makes made making take takes took taking taken give gives gave put puts say says said saying see sees
    saw seen know knows knew known think thinks thought let lets want wants wanted like likes liked look looks
    looking way thing things stuff lot lots bit kind sort sure right good great new back first last next time day
    week year people man guy guys i'm i've i'll i'd you're you've you'll you'd he's he'll he'd she's she'll she'd
    it's it'll it'd we're we've we'll we'd they're they've they'll they'd that's that'll there's here's who's
    what's where's how's when's why's let's isn't aren't wasn't weren't don't doesn't didn't haven't hasn't
    hadn't won't wouldn't can't couldn't shouldn't mustn't mightn't needn't ain't y'all o'clock im ive ill id
    youre youve youll hes shes theyre theyve thats theres whats whos isnt arent wasnt werent dont doesnt didnt
    havent hasnt hadnt wont wouldnt cant couldnt shouldnt aint yall cannot gonna gotta wanna gimme lemme kinda
    sorta outta dunno tryna finna imma rt via amp lt gt quot nbsp http https www com html cc hey hi hello oh ah
    uh um hmm yeah yea yep yup nope nah ok okay lol lmao lmfao rofl omg wtf wth smh tbh imo imho idk ily btw fyi
    ffs haha hahaha ha hehe xx xxx xo xoxo pls plz please thanks thank thx ty u ur r n y k b c w d da ya yo em
    'em til till cuz cause coz bc tho thru w/ b/c st nd rd th am pm vs etc eg ie ppl"""
)

CHINESE: Final = _set(
    """的 了 和 是 在 就 都 而 及 与 着 或 一个 一种 一些 一样 一下 一点 一直 一起 一定 一次 没有 没 我们 你们 他们
    她们 它们 咱们 大家 自己 人家 别人 这个 那个 这些 那些 这样 那样 这么 那么 这里 那里 这儿 那儿 这种 那种 这是
    那是 什么 怎么 怎样 怎么样 为什么 哪里 哪儿 哪个 哪些 谁 多少 几个 如何 为何 是否 不是 就是 还是 只是 可是
    但是 但 然而 而且 并且 并 以及 或者 因为 由于 所以 因此 因而 如果 要是 假如 虽然 尽管 即使 不过 只有 只要
    无论 不管 除了 关于 对于 根据 按照 通过 经过 为了 为 于 从 到 向 对 把 被 让 给 跟 同 比 以 用 由 将 我 你 您
    他 她 它 咱 俺 的话 的时候 时候 时间 现在 以前 以后 之后 之前 后来 然后 接着 今天 明天 昨天 今晚 刚刚 刚才
    已经 曾经 正在 将要 就要 马上 终于 总是 常常 经常 有时 又 也 还 再 才 很 太 更 最 非常 十分 特别 比较 相当 真
    真的 确实 其实 当然 可能 也许 大概 应该 必须 可以 能够 能 会 要 想 想要 得 地 过 来 去 上 下 里 中 内 外 前
    后 有 有的 有些 所有 每 每个 各 各种 某 某个 其 其他 其中 其它 此 本 该 不 不要 不会 不能 不可 不想 不到 不了
    不得 不用 别 非 无 未 吗 呢 吧 啊 呀 哦 哈 嗯 唉 哎 哇 啦 嘛 么 呗 喔 噢 嘿 哼 哈哈 哈哈哈 哈哈哈哈 呵呵 嘻嘻
    嘿嘿 啊啊 啊啊啊 呜呜 额 说 说是 看 看到 看看 知道 觉得 认为 以为 感觉 希望 喜欢 开始 进行 成为 作为 出来
    起来 下来 下去 上去 上来 过来 过去 出去 回来 回去 进来 东西 事情 事 人 个 位 件 种 些 次 点 年 月 日 号 时 分
    天 之 等 等等 者 所 且 则 却 乃 若 便 即 既 凡 何 岂 焉 乎 兮 哉 矣 吾 汝 多 少 好 好的 好像 大 小 很多 许多
    不少 非要 一边 一面 一切 一样 同样 同时 之间 当时 当 如 像 似的 似乎 比如 例如 即将 来说 看来 来看 而已 罢了
    而是 还有 只能 只好 还要 还会 就会 就能 都是 都有 都会 也是 也有 也会 又是 再次 转发 转发微博 微博 链接 网页
    全文 展开 收起 查看 图片 视频 秒拍 分享 原文 评论 回复 做 干 弄 搞 叫 走 找 拿 吃 住 行 完 成 死 真是 简直
    居然 竟然 果然 反正 毕竟 到底 究竟 那 这 哪 几 两 一 二 三 四 五 六 七 八 九 十 百 千 万 亿 第一 第二 第三
    两个 三个 嘅 係 喺 啲 咁 佢 唔"""
)

OTHERS: Final = {
    "es": _set(
        """de la el los las en y e o u que un una unos unas por con para del al se su sus lo es le les me te nos mi
        tu no si como más pero ya muy sin sobre este esta esto ese esa eso está están hay ha han fue son ser era
        desde hasta entre cuando donde porque también todo toda todos todas hoy qué cómo yo él ella a ante tan
        así"""
    ),
    "pt": _set(
        """de da do das dos a o as os e em no na nos nas um uma uns umas por com para pra pro que se ao à às é são
        foi ser era não sim mais mas já muito sem sobre este esta isso esse essa está estão tem há até entre
        quando onde porque também todo toda todos hoje eu tu ele ela você vocês meu minha seu sua me te lhe como"""
    ),
    "fr": _set(
        """de la le les l d un une des du et ou en au aux à ce cet cette ces que qui quoi dont où il elle on nous
        vous ils elles je tu me te se mon ma mes ton ta tes son sa ses leur leurs est sont été être a ont avoir
        pas ne plus pour par dans sur avec sans sous mais si comme tout tous toute très bien aussi ça c j n s y"""
    ),
    "it": _set(
        """di del dello della dei degli delle da dal dalla in nel nella nei nelle su sul sulla con per tra fra a al
        alla ai alle il lo la i gli le un uno una e ed o che chi non si ma come più è sono era ha hanno ho mi ti
        ci vi se questo questa quello quella tutto tutti anche ancora dopo prima sempre molto"""
    ),
    "de": _set(
        """der die das den dem des ein eine einen einem einer eines und oder aber in im an am auf aus bei mit nach
        von vom zu zum zur für über unter vor um ist sind war waren wird werden hat haben nicht kein keine ich du
        er sie es wir ihr mich dich sich mein dein sein auch noch nur schon so wie was wer wo wenn dass als man
        mehr sehr hier heute"""
    ),
}

PURE_REPOSTS: Final = _set("转发微博 轉發微博 转发 轉發 快转微博 快轉微博 转 转发了 repost 转发此微博 轉 rt")
"""What a platform, not the author, writes when a post is passed on without a word."""
