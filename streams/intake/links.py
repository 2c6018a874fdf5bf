"""URLs as terms: one spelling for one page, and a domain unless the address is a shortener's."""

import re
from typing import Final

import xxhash

_PARTS: Final = re.compile(
    r"(?:https?://)?(?:[^/@?#]*@)?((?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+)\.?(?::\d+)?(/[^?#]*)?(?:\?([^#]*))?",
    re.IGNORECASE | re.ASCII,
)
_TRAILING: Final = ".,;:!?'\"*~_-)]}"
_MIRRORS: Final = ("www.", "m.", "mobile.", "amp.")
_TRACKING: Final = re.compile(
    r"utm_|fbclid|gclid|igshid|igsh$|mc_[ce]id|spm$|ref$|ref_src|ref_url|share|from$|s$|cmpid|ncid|smid|ocid",
    re.IGNORECASE,
)

_SHORTENERS: Final = """
    t.co t.cn bit.ly goo.gl ow.ly tinyurl.com buff.ly dlvr.it fb.me is.gd ift.tt tmblr.co wp.me url.cn dwz.cn
    sina.lt j.mp lnkd.in trib.al nyti.ms wapo.st bbc.in cnn.it reut.rs on.wsj.com shar.es su.pr tl.gd twitpic.com
    yfrog.com amzn.to youtu.be ask.fm instagr.am pic.twitter.com vine.co po.st soc.li v.gd rurl.cn suo.im
    w.url.cn m.tb.cn
"""
SHORTENERS: Final = frozenset(_SHORTENERS.split())
"""Hosts whose name says nothing about the page."""


def url_terms(address: str, max_chars: int) -> tuple[str, ...]:
    """Return the terms of an address as it stood in a text: "url:…" and "domain:…", none if it is no address.

    One spelling for one page: scheme, port, `www.`, fragment and tracking parameters dropped, host in lower case, the
    remaining parameters in order. A term beyond `max_chars` ends in a hash of the whole address.
    """
    if address.endswith("..."):  # cut off by the platform: what is left names nothing
        return ()
    found = _PARTS.match(address.rstrip(_TRAILING))
    if found is None:
        return ()
    host, path, query = found[1].lower(), (found[2] or "").rstrip("/"), found[3]
    for mirror in _MIRRORS:
        if host.startswith(mirror) and host.count(".") > 1:
            host = host[len(mirror) :]
            break
    if query:
        kept = sorted(part for part in query.split("&") if part and not _TRACKING.match(part.partition("=")[0]))
        query = "&".join(kept)
    page = f"{path}?{query}" if query else path
    short = host in SHORTENERS
    domain = () if short else (f"domain:{host}"[:max_chars],)
    if not page:
        return domain
    term = f"url:{host}{page}"
    if len(term) > max_chars:
        mark = xxhash.xxh3_64_hexdigest(term.encode())
        term = f"{term[: max_chars - 17]}~{mark}"
    return (term, *domain)
