"""Lists of what is hot as two platforms tell them: Weibo's topics of the hour, Wikimedia's most read articles."""

from dataclasses import dataclass, field

from aiohttp import web

from tests.sources.platform import SECRET, Answer


@dataclass
class ListsApi:
    """Serves `trends` and `days`; what stands in `faults` is answered first."""

    trends: list[str] = field(default_factory=list)
    days: dict[str, list[str]] = field(default_factory=dict)
    faults: list[Answer] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/2/trends/hourly.json", self._hourly)
        app.router.add_get("/api/rest_v1/metrics/pageviews/top/{project}/all-access/{day:.*}", self._top)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _hourly(self, request: web.Request) -> web.Response:
        self.asked.append("trends")
        if request.query.get("access_token") != SECRET:
            return web.json_response({"error": "invalid_access_token", "error_code": 21332}, status=403)
        if self.faults:
            return self.faults.pop(0).response()
        named = [{"name": name, "query": name, "amount": "61", "delta": "61"} for name in self.trends]
        return web.json_response({"trends": {"2026-03-01 10:54": named}, "as_of": 1772333640})

    async def _top(self, request: web.Request) -> web.Response:
        day = request.match_info["day"]
        self.asked.append(day)
        if self.faults:
            return self.faults.pop(0).response()
        if day not in self.days:
            missing = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "no data yet"}
            return web.json_response(missing, status=404, content_type="application/problem+json")
        articles = [{"article": name, "views": 9, "rank": rank} for rank, name in enumerate(self.days[day], 1)]
        year, month, number = day.split("/")
        item = {"project": request.match_info["project"], "access": "all-access", "year": year, "month": month}
        return web.json_response({"items": [{**item, "day": number, "articles": articles}]})
