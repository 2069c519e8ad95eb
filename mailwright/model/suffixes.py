"""Names right below which strangers register their domains: no company's zone, whatever servers say.

The whole list changes every week and is thousands of lines; these are the top level, and the second levels of
country domains that companies meet. So a name that is not known here is not sure to be nobody's.
"""

from __future__ import annotations

#: Under many country domains: com.cn, co.uk, or.jp.
_KINDS = " ac biz co com edu gen go gob gov gr id idv info ltd me mil ne net nom or org plc sch web "
#: Provinces, under .cn alone.
_CN = (
    " ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw xj xz yn zj "
)


def is_suffix(name: str) -> bool:
    """Whether strangers register right below ``name``, as far as is known."""
    labels = name.strip(".").lower().split(".")
    if len(labels) < 2:
        return True
    kind, top = labels[-2:]
    return (
        len(labels) == 2 and len(top) == 2 and (f" {kind} " in _KINDS or (top == "cn" and f" {kind} " in _CN))
    )


def surely_a_zone(name: str) -> bool:
    """Whether a domain must be a zone of its own, because only the registry is above it."""
    above = name.strip(".").partition(".")[2]
    return is_suffix(above) and not is_suffix(name)
