"""Records of the type SPF (99), which RFC 7208 §3.1 ended: told, never written, never deleted unasked."""

from __future__ import annotations

from collections.abc import Sequence

from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.model.text import shortened

OLD_TYPE = rule(
    "spf-type-99",
    Severity.WARNING,
    en="{domain} has a record of the old type SPF (99): {text}. Receivers read TXT only; a few old ones take "
    "this one, and senders that it lacks fail there.",
    zh="{domain} 有旧的 SPF 类型（99）记录：{text}。收件方只读 TXT；"
    "个别旧系统仍会采用它，其中没有的发信方在那里会失败。",
    hint_en="Delete it at the DNS host once the TXT record has all that it says. To have `up` do so, take it "
    "over (as_found: [{{type: SPF, values: […]}}], `up`), then remove that line; else it is left alone.",
    hint_zh="确认 TXT 记录已包含其全部内容后，请在 DNS 服务商处删除它。若要由 `up` 删除，请先接管它"
    "（as_found: [{{type: SPF, values: […]}}]，再 `up`），然后去掉这一行；否则不会动它。",
    reference="RFC 7208 §3.1",
)


def lint_old_type(texts: Sequence[str], *, domain: str) -> list[Finding]:
    """Judge the values of type SPF (99) at a name: each is one too many."""
    return [found(OLD_TYPE, domain=domain, text=shortened(text)) for text in texts]
