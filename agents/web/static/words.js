// Every word of the page, in English and Chinese, and how numbers and times are said.

const EN = {
  code: "en", other: "中文", otherName: "Switch to Chinese",
  title: "Hotspots", dark: "Dark", light: "Light", help: "Keys",
  connecting: "connecting …", live: "live", lost: "connection lost, trying again", asleep: "paused while hidden",
  full: "too many pages are open, trying again",
  simulated: "Simulated posts: nobody wrote these.",
  views: { hotspots: "Hotspots", watchlists: "Watchlists", profiles: "Profiles" }, viewsLabel: "Views",
  searches: { hotspots: ["Search hotspots", "Search  /"], watchlists: ["Search watchlists", "Search  /"], profiles: ["First digits of an author", "First digits of an author  /"] },
  watch: {
    none: "There is no watchlist yet.", noMatch: "No watchlist matches.", noneHint: "A watchlist keeps an eye on a brand, a person or a topic. Add one with", alone: "Without a group",
    waiting: "Nothing has been reported yet; the first report comes within five minutes of event time.", gone: "There is no such watchlist.", back: "All watchlists",
    postsAnHour: "posts an hour", posts: "posts", people: (n) => `${n} people`, usualUnknown: "usual not known yet", lastHour: "in the last hour", ofGroup: "of the people of its group", asOf: "as of",
    curveSays: (n, usual) => `Posts a minute over the last hour: ${n} in all; ${usual}.`, chartSays: (title, last) => `${title} over the last day; last ${last}.`,
    volume: "Volume", volumeNote: "Posts of the hour before each moment, against what is usual at that time of day", mood: "Mood", moodNote: "Of the half hour before, from −1 to +1, each author once; dots: the mood turned beyond chance",
    voice: "Share of voice", voiceCourse: "Share of voice over the day",
    reasons: "Reasons people give", noReasons: "No phrase sets one side apart just now.", reason: (share, elsewhere) => `${share} of them, ${elsewhere} elsewhere`,
    aspects: "By aspect", noAspects: "No post of the last hour speaks of an aspect.", aspectNames: {},
    turns: "When the mood turned", noTurns: "Not beyond chance, as far as is known here.",
    turned: (direction, time) => `mood ${direction === "worse" ? "worse" : "better"}, ${time}`,
    turnedBy: (direction, before, now, people) => `${direction === "worse" ? "worse" : "better"}: ${before} to ${now}, ${people} people`,
  },
  profile: {
    about: "Those who write most, by a keyed hash: Redian does not know who they are. Nobody who opted out, and no interest that fewer than five authors share.",
    whose: "Known by a keyed hash alone. A post counts half after a week; interests that fewer than five authors share are left out.",
    count: (shown, all) => (shown === all ? `${all} profiles` : `${shown} of ${all} profiles, those who write most`),
    none: "No profile is known yet.", noneHint: "There is one from an author's third post on.", noMatch: "No author's hash begins so.", digits: "A hash has 16 digits, 0 to 9 and a to f; posts.scored has it.",
    gone: "No profile is known of this author, or may be shown.", goneHint: "They may have written fewer than three posts, been silent for a month, or asked not to be known.", back: "All profiles",
    posts: (n) => `${n} posts of late`, reposts: (share) => `${share} pass on what others wrote`, until: (time) => `until ${time}`,
    interests: "Interests", noInterests: "None that five authors or more share.", spreads: "What they pass on", noSpreads: "Nothing that five authors or more pass on.",
    hours: "Active hours, UTC", hoursSay: (hour) => `Posts by hour of the day, UTC; most at ${hour}:00.`, written: "posts",
    recommended: "What may interest them", recommend: "Recommend", recommendHint: "Live hotspots and posts, by interest, freshness and quality. What is taken up is learnt from.",
    nobody: "No worker recommends just now.", nothing: "Nothing live may interest them.", learnt: (n) => `Learnt from ${n} clicks.`, kinds: { hotspot: "hotspot", post: "post" },
    ofAuthor: "profile of the author",
  },
  png: "Save as a picture",
  show: { alerted: "Alerted", live: "Live", all: "All" }, showLabel: "Which hotspots",
  filters: "Filters", clear: "Clear filters",
  stage: "Stage", platform: "Platform", lang: "Language", mood: "Mood", sort: "Order",
  sorts: { rank: "by rank", speed: "by speed", people: "by people", began: "newest first" },
  columns: ["", "Hotspot", "Last hour", "People", "Speed", "Mood", "Credible", "Where"],
  count: (shown, all) => (shown === all ? `${all} hotspots` : `${shown} of ${all} hotspots`),
  exportLabel: "Save what is shown",
  empty: "Nothing is hot just now.", emptyHint: "Hotspots appear here within a minute or two, by themselves.",
  none: "No hotspot matches.", noneHint: "Loosen the filters, or show all.",
  noAlert: (n) => (n === 1 ? "One hotspot is live; it was not worth an alert so far." : `${n} hotspots are live; none was worth an alert so far.`), seeLive: "Show what is live",
  known: "Known", elsewhere: "Listed elsewhere", listed: (list, min) => (min >= 0 ? `${list}, ${min} min later` : `${list}, ${-min} min earlier`),
  stages: { emerging: "emerging", rising: "rising", peaking: "peaking", fading: "fading", closed: "closed" },
  moods: { negative: "negative", neutral: "neutral", positive: "positive" }, noMood: "not scored",
  people: "people", within: (min) => `in ${min} min`, usual: (text) => `usual ${text}`,
  fewer: "under 1", perMinute: "/min", faster: "faster", slower: "slower", steady: "steady",
  began: (time) => `began ${time}`, told: (time) => `alerted ${time}`, held: "not alerted", warming: (share) => `learning ${share}`,
  up: (n) => `up ${n} in the last minutes`, down: (n) => `down ${n} in the last minutes`, place: (n) => `place ${n}`,
  credible: (share) => `credibility ${share}`, curve: "People a minute in the last hour",
  curveSays: (top, at, now, usual) => `People a minute over the last hour: at most ${top}, at ${at}; now ${now}; usual about ${usual}.`,
  usualLine: "usual", toldPoint: "alerted", noWhere: "unknown",
  close: "Close", back: "All hotspots", copy: "Copy link", copied: "Link copied", loading: "loading …",
  gone: "This hotspot is not known here.", goneHint: "It may have been too long ago: the page holds the newest 200.",
  nowPart: "This hotspot turned out to be part of the one below.",
  brief: "What posts say", saidBy: (n) => `${n} ${n === 1 ? "post" : "posts"}`, noBrief: "No brief was written yet.",
  why: "Why it was flagged", life: "Its life", lifeSays: "Distinct people of the last hour, from emergence to now, by stage",
  media: { ocr: "in a picture", caption: "a picture shows", speech: "said in a recording", other: "in its media" },
  timeline: "Timeline", evidence: "Posts behind it", read: (n) => `Read ${n} posts`,
  expired: (n) => `${n} ${n === 1 ? "post has" : "posts have"} left the log or were taken back.`, noEvidence: "It is not known where its posts stand in the log.",
  asked: { who: "Who", where: "Where", when: "When" }, doubts: { hedged: "unconfirmed, said with reserve", denied: "denied by others", "figures differ": "figures differ" },
  failed: "The log does not answer just now.", away: "The worker does not answer just now.", again: "Try again", terms: "What people say", copies: "near-identical text", post: "one post, passed on",
  whyMood: "Why this mood?", speaksFor: "speaks for it", speaksAgainst: "speaks against it", unexplained: "This score cannot be explained.",
  judge: "Worth telling?", verdicts: { relevant: "Relevant", "not-relevant": "Not relevant", duplicate: "Duplicate", "wrong-merge": "Wrongly merged" }, note: "Note (optional)",
  kept: "Kept, thank you.", notKept: "It could not be kept just now. Try again.", judged: (text) => `judged: ${text}`,
  muted: "muted", learnt: (share, n) => `Judging by ${n} ${n === 1 ? "verdict" : "verdicts"} like yours, ${share} relevant`, mutedHint: "No alert: verdicts on others like it say that you would not want one.",
  features: { surprise: "how surprising", size: "its size", growth: "how much above usual", credibility: "credibility", negative: "negative mood" },
  featureKinds: { kind: "kind", language: "language", platform: "platform", term: "" },
  related: "Related", earlier: "Earlier", merged: "Merged into this one", noRelated: "No other hotspot shares its terms.",
  where: "Where", languages: "Languages", platforms: "Platforms", places: "Written in", credibility: "Credibility", asJson: "JSON",
  facts: {
    observed: (why) => [`${number(why.observed, "en")} people used “${why.term}”`, `within ${why.scale_min} min`],
    expected: (text) => ["Usual for this time of day", text],
    times: (text) => ["That is", text], timesMany: "over 1,000 times as many", timesSome: (n) => `${n} times as many`,
    chance: (text) => ["Chance, if nothing had changed", text], tiny: "under 1 in a billion", oneIn: (n) => `1 in ${n}`,
    hour: (n) => ["People in the last hour", n], peak: (n) => ["At its peak", n], rank: (n) => ["Rank: surprise × size × credibility × relevance", n],
    pace: (text) => ["Now coming", text], paceSays: (n) => `${n} people a minute`,
    size: (text) => ["At its most, within six hours", text], sizeSays: (likely, low, high) => `about ${likely}, likely ${low} to ${high}`,
    warming: (share) => ["Baselines have learned", `${share} of a day; such hotspots alert no one`],
  },
  events: {
    emerged: "emerged", stage: (stage) => `became ${stage}`, alerted: (n, people) => (n === 1 ? `alerted: ${people} people` : `alert ${n}: ${people} people`),
    absorbed: (terms) => `took in “${terms}”`,
  },
  newAlert: (text) => `New alert: ${text}`,
  health: {
    label: "Worker", ready: "ready", notReady: "not ready", rate: "posts/s", lag: "behind", lagUnit: (n) => `${n} messages`,
    age: "event time", ageBehind: (text) => `${text} behind`, ageAhead: "ahead of the clock", counted: "counted after", dead: "dead letters", late: "late", model: "model",
    hotspots: "live hotspots", budget: "false alerts left today", waiting: "alerts waiting for subscribers", failing: "subscribers not reached", disk: "disk free", pages: "pages open",
    off: "off", checks: { broker: "broker", assignment: "partitions", recovery: "state", input: "input", model: "model", provider: "provider" },
  },
  keys: [["j / k", "next, previous hotspot"], ["Enter", "open it"], ["Esc", "close it, or leave the search"], ["/", "search"],
    ["g", "next view: hotspots, watchlists, profiles"], ["1 2 3", "alerted, live, all"], ["s", "next order"], ["c", "copy the link"], ["t", "dark or light"], ["l", "English or Chinese"], ["?", "these keys"]],
  keysTitle: "Keys",
  reasons: [],
  ago: (minutes) => (minutes < 1 ? "now" : minutes < 60 ? `${Math.round(minutes)} min` : minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`),
  seconds: (s) => (s < 10 ? `${s.toFixed(1)} s` : s < 100 ? `${Math.round(s)} s` : s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`),
};

const ZH = {
  ...EN,
  code: "zh", other: "English", otherName: "切换到英文",
  title: "热点", dark: "深色", light: "浅色", help: "按键",
  connecting: "正在连接 …", live: "实时", lost: "连接已断开，正在重试", asleep: "页面隐藏，已暂停", full: "打开的页面过多，正在重试",
  simulated: "模拟数据：并非真人所发。",
  views: { hotspots: "热点", watchlists: "关注列表", profiles: "画像" }, viewsLabel: "视图",
  searches: { hotspots: ["搜索热点", "搜索  /"], watchlists: ["搜索关注列表", "搜索  /"], profiles: ["作者哈希的前几位", "作者哈希的前几位  /"] },
  watch: {
    none: "还没有关注列表。", noMatch: "没有符合的关注列表。", noneHint: "关注列表用来留意一个品牌、人物或话题。用下面的命令添加", alone: "未分组",
    waiting: "还没有报告；第一份报告会在事件时间五分钟内出现。", gone: "没有这个关注列表。", back: "全部关注列表",
    postsAnHour: "帖子/小时", posts: "帖子", people: (n) => `${n} 人`, usualUnknown: "平时水平未知", lastHour: "最近一小时", ofGroup: "占同组人数", asOf: "截至",
    curveSays: (n, usual) => `最近一小时每分钟帖子数：共 ${n} 条；${usual}。`, chartSays: (title, last) => `最近一天的${title}；最新 ${last}。`,
    volume: "声量", volumeNote: "每个时刻之前一小时的帖子数，与该时段平时相比", mood: "情绪", moodNote: "之前半小时，−1 到 +1，每位作者只算一次；圆点：情绪变化超出偶然",
    voice: "声量占比", voiceCourse: "一天内的声量占比",
    reasons: "人们给出的理由", noReasons: "目前没有哪个说法能区分两方。", reason: (share, elsewhere) => `其中 ${share}，其他 ${elsewhere}`,
    aspects: "按方面", noAspects: "最近一小时没有帖子谈到某个方面。", aspectNames: { price: "价格", quality: "质量", service: "服务", delivery: "配送" },
    turns: "情绪何时转变", noTurns: "就目前所知，没有超出偶然的变化。",
    turned: (direction, time) => `情绪${direction === "worse" ? "变差" : "好转"}，${time}`,
    turnedBy: (direction, before, now, people) => `${direction === "worse" ? "变差" : "好转"}：${before} 到 ${now}，${people} 人`,
  },
  profile: {
    about: "发帖最多的作者，只以带密钥的哈希表示：Redian 不知道他们是谁。不含选择退出的人，也不含少于五位作者共有的兴趣。",
    whose: "只以带密钥的哈希表示。一周后帖子权重减半；少于五位作者共有的兴趣不显示。",
    count: (shown, all) => (shown === all ? `共 ${all} 个画像` : `${all} 个画像中发帖最多的 ${shown} 个`),
    none: "还没有画像。", noneHint: "作者发第三条帖子后才会有画像。", noMatch: "没有以此开头的作者哈希。", digits: "哈希有 16 位，0 到 9 和 a 到 f；见 posts.scored。",
    gone: "没有这位作者的画像，或不能显示。", goneHint: "可能发帖少于三条、沉默超过一个月，或不愿被分析。", back: "全部画像",
    posts: (n) => `近期 ${n} 条帖子`, reposts: (share) => `${share} 为转发`, until: (time) => `截至 ${time}`,
    interests: "兴趣", noInterests: "没有五位以上作者共有的兴趣。", spreads: "转发的内容", noSpreads: "没有五位以上作者共同转发的内容。",
    hours: "活跃时段（UTC）", hoursSay: (hour) => `一天各小时的帖子（UTC）；${hour}:00 最多。`, written: "帖子",
    recommended: "可能感兴趣的内容", recommend: "推荐", recommendHint: "进行中的热点和帖子，按兴趣、时效和质量。点击会被学习。",
    nobody: "目前没有节点提供推荐。", nothing: "目前没有可能感兴趣的内容。", learnt: (n) => `已从 ${n} 次点击中学习。`, kinds: { hotspot: "热点", post: "帖子" },
    ofAuthor: "作者画像",
  },
  png: "保存为图片",
  show: { alerted: "已告警", live: "进行中", all: "全部" }, showLabel: "显示哪些热点",
  filters: "筛选", clear: "清除筛选",
  stage: "阶段", platform: "平台", lang: "语言", mood: "情绪", sort: "排序",
  sorts: { rank: "按热度", speed: "按速度", people: "按人数", began: "最新" },
  columns: ["", "热点", "最近一小时", "人数", "速度", "情绪", "可信度", "来源"],
  count: (shown, all) => (shown === all ? `共 ${all} 个热点` : `${all} 个热点中的 ${shown} 个`),
  exportLabel: "保存当前列表",
  empty: "目前没有热点。", emptyHint: "新的热点会在一两分钟内自动出现。",
  none: "没有符合条件的热点。", noneHint: "请放宽筛选条件，或显示全部。",
  noAlert: (n) => `有 ${n} 个进行中的热点，目前都未达到告警程度。`, seeLive: "查看进行中的热点",
  known: "已知实体", elsewhere: "其他榜单", listed: (list, min) => (min >= 0 ? `${list}，晚 ${min} 分钟` : `${list}，早 ${-min} 分钟`),
  stages: { emerging: "萌芽", rising: "上升", peaking: "高峰", fading: "消退", closed: "结束" },
  moods: { negative: "负面", neutral: "中性", positive: "正面" }, noMood: "未评分",
  people: "人", within: (min) => `${min} 分钟内`, usual: (text) => `平时 ${text}`,
  fewer: "不到 1", perMinute: "/分钟", faster: "加快", slower: "放缓", steady: "平稳",
  began: (time) => `始于 ${time}`, told: (time) => `告警于 ${time}`, held: "未告警", warming: (share) => `学习中 ${share}`,
  up: (n) => `近几分钟上升 ${n} 位`, down: (n) => `近几分钟下降 ${n} 位`, place: (n) => `第 ${n} 位`,
  credible: (share) => `可信度 ${share}`, curve: "最近一小时每分钟人数",
  curveSays: (top, at, now, usual) => `最近一小时每分钟人数：最多 ${top} 人（${at}），现在 ${now} 人，平时约 ${usual} 人。`,
  usualLine: "平时", toldPoint: "告警", noWhere: "未知",
  close: "关闭", back: "全部热点", copy: "复制链接", copied: "链接已复制", loading: "加载中 …",
  gone: "这里没有这个热点。", goneHint: "可能时间太久：页面只保留最近 200 个。", nowPart: "这个热点已并入下面的热点。",
  brief: "帖子怎么说", saidBy: (n) => `${n} 条帖子`, noBrief: "还没有简报。",
  why: "为什么被标记", life: "发展过程", lifeSays: "最近一小时的不同作者人数，从出现到现在，按阶段着色",
  media: { ocr: "图中文字", caption: "图片内容", speech: "语音内容", other: "媒体内容" },
  timeline: "时间线", evidence: "相关帖子", read: (n) => `查看 ${n} 条帖子`,
  expired: (n) => `${n} 条帖子已从日志中过期或被撤回。`, noEvidence: "不知道这些帖子在日志中的位置。",
  asked: { who: "人物", where: "地点", when: "时间" }, doubts: { hedged: "未经证实", denied: "有人否认", "figures differ": "数字不一致" },
  failed: "日志暂时没有响应。", away: "节点暂时没有响应。", again: "重试", terms: "人们在说", copies: "几乎相同的文本", post: "一条被转发的帖子",
  whyMood: "为什么是这种情绪？", speaksFor: "支持", speaksAgainst: "反对", unexplained: "这个评分无法解释。",
  judge: "值得告知吗？", verdicts: { relevant: "相关", "not-relevant": "不相关", duplicate: "重复", "wrong-merge": "误合并" }, note: "备注（可选）",
  kept: "已保存，谢谢。", notKept: "暂时无法保存，请重试。", judged: (text) => `评价：${text}`,
  muted: "已静音", learnt: (share, n) => `根据 ${n} 条评价，相关的可能性为 ${share}`, mutedHint: "未告警：对类似热点的评价表明您不需要它。",
  features: { surprise: "意外程度", size: "规模", growth: "超出平时的程度", credibility: "可信度", negative: "负面情绪" },
  featureKinds: { kind: "类型", language: "语言", platform: "平台", term: "" },
  related: "相关热点", earlier: "更早的", merged: "已并入", noRelated: "没有其他热点使用相同的词。",
  where: "来源", languages: "语言", platforms: "平台", places: "发布地", credibility: "可信度",
  facts: {
    observed: (why) => [`${number(why.observed, "zh")} 人使用「${why.term}」`, `${why.scale_min} 分钟内`],
    expected: (text) => ["这个时段平时", text],
    times: (text) => ["相当于", text], timesMany: "平时的 1,000 倍以上", timesSome: (n) => `平时的 ${n} 倍`,
    chance: (text) => ["若一切如常，出现的概率", text], tiny: "不到十亿分之一", oneIn: (n) => `1/${n}`,
    hour: (n) => ["最近一小时人数", n], peak: (n) => ["峰值人数", n], rank: (n) => ["热度：意外 × 规模 × 可信 × 相关", n],
    pace: (text) => ["当前速度", text], paceSays: (n) => `每分钟 ${n} 人`,
    size: (text) => ["六小时内峰值预计", text], sizeSays: (likely, low, high) => `约 ${likely} 人，多半在 ${low} 到 ${high} 之间`,
    warming: (share) => ["基线已学习", `一天的 ${share}；期间不告警`],
  },
  events: {
    emerged: "出现", stage: (stage) => `进入${stage}`, alerted: (n, people) => (n === 1 ? `告警：${people} 人` : `第 ${n} 次告警：${people} 人`),
    absorbed: (terms) => `并入「${terms}」`,
  },
  newAlert: (text) => `新告警：${text}`,
  health: {
    label: "节点", ready: "就绪", notReady: "未就绪", rate: "帖/秒", lag: "积压", lagUnit: (n) => `${n} 条消息`,
    age: "事件时间", ageBehind: (text) => `落后 ${text}`, ageAhead: "早于时钟", counted: "计数用时", dead: "死信", late: "迟到", model: "模型",
    hotspots: "进行中的热点", budget: "今日剩余误报额度", waiting: "待送达的告警", failing: "无法送达的订阅者", disk: "磁盘可用", pages: "打开的页面",
    off: "关闭", checks: { broker: "消息服务", assignment: "分区", recovery: "状态", input: "输入", model: "模型", provider: "运行环境" },
  },
  keys: [["j / k", "下一个、上一个热点"], ["Enter", "打开"], ["Esc", "关闭，或离开搜索"], ["/", "搜索"],
    ["g", "下一个视图：热点、关注列表、画像"], ["1 2 3", "已告警、进行中、全部"], ["s", "切换排序"], ["c", "复制链接"], ["t", "深色或浅色"], ["l", "中文或英文"], ["?", "显示按键"]],
  keysTitle: "按键",
  // Redian gives its reasons in English; these are all it has.
  reasons: [
    [/^one account wrote (\d+%) of the posts$/u, (m) => `一个账号写了 ${m[1]} 的帖子`],
    [/^(\d+) posts by (\d+) accounts$/u, (m) => `${m[1]} 条帖子来自 ${m[2]} 个账号`],
    [/^(\d+%) of the posts are near-duplicates$/u, (m) => `${m[1]} 的帖子几乎相同`],
    [/^(\d+%) of the accounts are younger than a week$/u, (m) => `${m[1]} 的账号注册不到一周`],
    [/^posts come every (\d+) s as by a clock$/u, (m) => `帖子像按时钟一样每 ${m[1]} 秒出现一条`],
    [/^(\d+) accounts, (\d+%) near-duplicates$/u, (m) => `${m[1]} 个账号，${m[2]} 几乎相同`],
    [/^no evidence$/u, () => "没有证据"],
  ],
  ago: (minutes) => (minutes < 1 ? "刚刚" : minutes < 60 ? `${Math.round(minutes)} 分钟` : minutes < 2880 ? `${Math.round(minutes / 60)} 小时` : `${Math.round(minutes / 1440)} 天`),
  seconds: (s) => (s < 10 ? `${s.toFixed(1)} 秒` : s < 100 ? `${Math.round(s)} 秒` : s < 7200 ? `${Math.round(s / 60)} 分钟` : `${Math.round(s / 3600)} 小时`),
};

export const wordsOf = (language) => (language === "zh" ? ZH : EN);

export function number(value, language) {
  return Math.round(value).toLocaleString(language === "zh" ? "zh-CN" : "en");
}

export const percent = (share) => `${Math.round(share * 100)}%`;

export function usual(expected, words) {
  return expected < 1 ? words.fewer : number(expected, words.code);
}

let present = Date.now();

// Times of the day that `ms` lies in are said without the day: a replayed log has its own today.
export function setPresent(ms) {
  present = ms;
}

export function clock(text, words, onlyTime = false) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return "?";
  const day = onlyTime || time.toDateString() === new Date(present).toDateString() ? {} : { month: "short", day: "numeric" };
  return time.toLocaleString(words.code === "zh" ? "zh-CN" : "en", { hour: "2-digit", minute: "2-digit", hour12: false, ...day });
}

// Seconds as an axis has them: the time, at midnight the day.
export const axisTime = (words) => (at) => {
  const time = new Date(at * 1000);
  const midnight = time.getHours() === 0 && time.getMinutes() === 0;
  return midnight ? time.toLocaleDateString(words.code === "zh" ? "zh-CN" : "en", { month: "short", day: "numeric" }) : clock(time.toISOString(), words, true);
};

export function reason(text, words) {
  for (const [pattern, say] of words.reasons) {
    const found = pattern.exec(text);
    if (found) return say(found);
  }
  return text;
}
