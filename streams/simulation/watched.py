"""The watchlists of the simulated stream: what its people always talk of, and the towns where things happen."""

from typing import Final

from streams.contracts.watchlists import Watchlist

_EVERYDAY: Final = {
    "food and drink": 'coffee OR tea OR dinner OR breakfast OR pizza OR "ice cream" OR 奶茶 OR 火锅 OR 面条 OR 咖啡',
    "things": "phone OR headphones OR bike OR keyboard OR printer OR 手机 OR 耳机 OR 相机",
    "pastimes": "music OR football OR podcast OR series OR chess OR swimming OR 电视剧 OR 小说 OR 篮球 OR 游戏 OR 钢琴",
}
_TOWNS: Final = ("Eastport", "Hillside", "Marlow", "Norvale")


def watchlists(since: str) -> list[Watchlist]:
    """Return the watchlists; posts created before `since` (RFC 3339) do not count."""
    return [
        *(
            Watchlist(name=name, query=query, since=since, group="everyday", aspects={"taste": ("delicious", "好吃")})
            for name, query in _EVERYDAY.items()
        ),
        *(Watchlist(name=town, query=town, since=since, group="towns") for town in _TOWNS),
    ]
