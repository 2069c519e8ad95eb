"""What Cloudflare's trouble is called, in both languages."""

from __future__ import annotations

from mailwright.model.text import Text

NO_TOKEN = Text(
    "Cloudflare needs an API token: set CLOUDFLARE_API_TOKEN, "
    "or `pulumi config set --secret cloudflare:apiToken`",
    "Cloudflare 需要 API 令牌：请设置 CLOUDFLARE_API_TOKEN，"
    "或运行 `pulumi config set --secret cloudflare:apiToken`",
)
NO_ZONE = Text(
    "{domain}: this token sees no Cloudflare zone {zone}. Give the token "
    "Zone:Read and DNS:Edit on the zone; if the domain is in another zone, write `zone:`",
    "{domain}：此令牌看不到 Cloudflare 区域 {zone}。请授予该区域的 Zone:Read 和 DNS:Edit 权限；"
    "若域名位于另一个区域，请写 `zone:`",
)
SEVERAL_ZONES = Text(
    "{zone}: several Cloudflare zones have this name ({ids}); write `zone_id:`",
    "{zone}：有多个 Cloudflare 区域使用此名称（{ids}）；请写 `zone_id:`",
)
OTHER_ZONE = Text(
    "{domain}: the Cloudflare zone {id} is {zone}, which does not hold this domain; correct `zone_id:`",
    "{domain}：Cloudflare 区域 {id} 是 {zone}，不包含此域名；请更正 `zone_id:`",
)
LEFT_BEHIND = Text(
    "This stack holds records at Cloudflare that no spec asks for any more: {names}. Put their spec back; "
    "or, to take the domain down, pass --allow {rules} (or MAILWRIGHT_ALLOW).",
    "此栈在 Cloudflare 有已无规格对应的记录：{names}。请恢复其规格；若要下线该域名，请使用 --allow {rules}"
    "（或 MAILWRIGHT_ALLOW）。",
)
MADE_ANEW = Text(
    "{name}: somebody deleted the record and made a new one since the stack was last read; "
    "run `pulumi refresh`, then this again",
    "{name}：上次读取之后，有人删除并重新创建了这条记录；请先运行 `pulumi refresh`，再重新运行",
)
TOO_MANY = Text(
    "{zone}: the zone has {most} records or more; it was not read whole",
    "{zone}：该区域有 {most} 条或更多记录，未能完整读取",
)
ROUTING_HOLDS_MX = Text(
    "{zone}: Cloudflare Email Routing holds its MX records and allows no others "
    "beside them. Disable it first (Email > Email Routing > Settings), then run this again.",
    "{zone}：Cloudflare Email Routing 占用了 MX 记录，不允许其他 MX 并存。"
    "请先停用（Email > Email Routing > Settings），再重新运行。",
)
