"""The languages that are told apart, and what is known of them without a count: scripts, letters, small words.

A lane is a language's place in every vector of evidence. Tags are the shortest of BCP 47; Norwegian is one language
here, Bokmål and Nynorsk together.
"""

from __future__ import annotations

from typing import Final

ENGLISH: Final = "en"
UND: Final = "und"
"""BCP 47's tag for a language that is not determined."""

LATIN: Final = (
    "en", "af", "az", "ca", "cs", "cy", "da", "de", "es", "et", "eu", "fi", "fr", "ga", "hr", "hu", "id", "is", "it",
    "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "sk", "sl", "so", "sq", "sv", "sw", "tl", "tr", "vi",
)  # fmt: skip
CYRILLIC: Final = ("be", "bg", "mk", "mn", "ru", "sr", "uk")
ARABIC: Final = ("ar", "fa", "ps", "ur")
ETHIOPIC: Final = ("am", "ti")
DEVANAGARI: Final = ("hi", "mr", "ne")
HAN: Final = ("ja", "zh")

ONE_SCRIPT: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "bn": ((0x0980, 0x09FF),),
    "el": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "gu": ((0x0A80, 0x0AFF),),
    "he": ((0x0590, 0x05FF),),
    "hy": ((0x0530, 0x058F),),
    "ka": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)),
    "km": ((0x1780, 0x17FF),),
    "kn": ((0x0C80, 0x0CFF),),
    "ko": ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3)),
    "lo": ((0x0E80, 0x0EFF),),
    "ml": ((0x0D00, 0x0D7F),),
    "my": ((0x1000, 0x109F),),
    "or": ((0x0B00, 0x0B7F),),
    "pa": ((0x0A00, 0x0A7F),),
    "si": ((0x0D80, 0x0DFF),),
    "ta": ((0x0B80, 0x0BFF),),
    "te": ((0x0C00, 0x0C7F),),
    "th": ((0x0E00, 0x0E7F),),
}
"""Languages that newspapers print in a script of their own, by its first and last code points."""

OTHER: Final = "other"
"""The lane of what is written in a script that is known, with letters that none of its languages here has."""

LANES: Final = (
    *LATIN, *CYRILLIC, *ARABIC, *ETHIOPIC, *DEVANAGARI, *HAN, *ONE_SCRIPT, OTHER,
)  # fmt: skip

COUNTED: Final = (*LATIN, *CYRILLIC, *ARABIC, *ETHIOPIC, *DEVANAGARI)
"""Those whose words and letters `train` counts; the first columns of its tables."""

OTHER_LETTERS: Final = "ғҕқҡңҥұүһҳҷӌәӣӯӡҙҫҭ" + "ێۆڕڵڤڄڃڇڙڻڪڦۇۈۋۅ" + "ৰৱ" + "ॻॼॾॿ"
"""Kazakh, Kyrgyz, Tatar, Tajik, Uzbek; Kurdish, Sindhi, Uyghur; Assamese. Those of Mongolian are not among them."""

SIMPLIFIED: Final = (
    "价们这为说时对国会发经无东车长门问间开关见闻现实战击乱严东务动势区医华协单卖卢厂历压参双变员响团园围图圆圣场坏块坚"
    "坛复够头夺奖妇妈孙学宁宝审宪宫对寻导将尘层属岁岛币师带帮广庆应庞废张弹强当录彻忆态总惊惯愿战户执扩扫扬护报担拥择"
    "损换据携摄摆断显晋暂术机杀权条来杨极构标树样桥检欢欧毁毕汇汉汤沟泪泽洁济浓涛润涨渐温湾湿滚满灭灯灾炉点炼热爱爷牺"
    "状独狱猎环产电疗盖盘码矿确离种积称稳穷窃竞笔签简类紧红纪约级纳纵纷线练组细织终绍给络绝统继绩续维综绿缓编缘缺网罗罚"
    "罢职联胜胁脑脱艺节药获蓝虑虽蚀补装观规视览觉触计订认讨让训议讯记讲许论设访证评识诉词试诗话诚该详语误请诸读课谁调谈"
    "谋谓谢谨谱贝负贡财责败货质贩贪贫购贯贵贷贸费贺贼资赏赔赖赛赞赢赵赶趋跃践踪车轨转轮软轰轻载较辆辉输辞边达迁过迈运还"
    "进远违连迟适选递逻遗邓邮邻郑释里针钟钢钱铁铜银销锁错锋键镇长门闪闭问闯间闲闹闻阅阔队阳阴阵阶际陆陈险随难雾静韩页顶"
    "项顺须顾顿预领频题颜额风飞饭饮饰马驱驶驻验骗鱼鲁鲜鸟鸡鸣龙"
)
"""Characters of Chinese that Japanese writes in another way: simplified ones."""

TRADITIONAL: Final = (
    "國會發經濟學體對應戰爭廣關實現權氣樂歲歸舉變護譯讀賣續轉點黨鐵處靜圖團圍壓徵惡惠擇擊據擧澤獨獻當盡眞瞭禮穩聲聽肅臺與"
    "萬號蟲覺觀觸證豐輕辯邊鄰釋銳錢錄雙雜靈顯驗髮齊齡龍龜這們說嗎什麼麽沒為內產強戶顏飮黃黑來兩"
)
"""Characters of Chinese that Japanese writes in another way: traditional ones."""

CHINESE: Final = "的了是在将將与於被這那你他她它吗嗎吧呢啊把给給让讓称稱已还還没沒并並但却卻因从從及其该該至"
"""Small words of Chinese headlines that Japanese ones seldom have."""

JAPANESE: Final = (
    "来学宝区医条乱随灯炉担径余経済対発会国戦争広関実権気楽歳帰挙変訳読売続転鉄処静図団囲圧悪択撃拠沢献尽礼穏声聴粛台与号覚観触証豊軽弁辺隣釈"
    "鋭銭録双雑霊顕験髪斉齢竜亀円駅県働込畑峠枠塀拝払仏浜渋脳酔単巣桜栄営厳労労児帯従徳恵懐拡挿捜揺摂斎暁渓満潜滝焼犠"
    "猟画疎痩稲窃箱総縁繊縦繰缶芸荘薫蔵薬虚虫謡賛踊遅郷醸銃鉱陥険隠髄鶏黙黒"
)
"""Kanji in forms that Chinese does not use, and Japanese coinages; with them forms that simplified Chinese shares. What
stands in this list and in one of the others tells nothing."""

SMALL_WORDS: Final[dict[str, str]] = {
    "hi": (
        "है हैं के का की को में से ने पर और नहीं था थी थे हुई हुआ हुए गया "
        "गई गए रहा रही रहे कर करने करेगा करेंगे करेगी होगा होगी होंगे तक भी "
        "बाद लिए साथ यह वह इस उस जो कहा बोले किया दिया लिया बताया बड़ा बड़ी "
        "मिली मिला क्या क्यों कैसे अब आज एक दो तीन सरकार भारत"
    ),
    "mr": (
        "आहे आहेत आणि च्या चा ची चे झाला झाली झाले होता होती होते नाही केली "
        "केला केले करणार होणार मध्ये साठी यांनी यांच्या यांची यांचा यांना "
        "त्या हा ही हे असे अशी म्हणून म्हणाले मुळे पासून पर्यंत दिला दिली "
        "दिले गेला गेली गेले आता तर पण राज्यात मुंबईत पुण्यात देशात "
        "वर्षांनी सरकारने"
    ),
    "ne": (
        "छ छन् छन छैन थियो थिए भयो भए भएको भएका गर्ने गरेको गरे गर्न गर्छ "
        "गर्दै हुने हुन रहेको रहेका पनि लागि बाट ले लाई मा र यो त्यो नेपाल "
        "नेपाली काठमाडौं भन्दै भने भन्छन् अब तर सरकारले नेपालमा देखि सम्म "
        "दिने दिए लगायत सहित बीच विरुद्ध"
    ),
}
"""Frequent words of the languages in Devanagari, in the spelling of the match form."""
