"""What is said of Cloudflare Email Routing, in both languages."""

from __future__ import annotations

from mailwright.model.text import Text

OTHER_MX = Text(
    "{domain}: Email Routing allows no other exchangers beside its own, and the zone has {mx}. Keep that "
    "mail host in the spec; or, once its mail may stop, delete these MX at Cloudflare and run this "
    "again at once",
    "{domain}：Email Routing 不允许其他 MX 并存，而该区域有 {mx}。请在规格中保留原邮件服务；"
    "或在可以停用原服务时，到 Cloudflare 删除这些 MX，并立即重新运行",
)
NOT_APEX = Text(
    "{domain} lies within the zone {zone}: Email Routing of a name below a zone is set up in the console",
    "{domain} 位于区域 {zone} 之内：子域名的 Email Routing 需在后台设置",
)
WAITING = Text(
    "{domain}: waiting for a click: {addresses}. Cloudflare has sent each of them a mail; after the click "
    "run `pulumi up` again, then their mail is passed on.",
    "{domain}：等待确认：{addresses}。Cloudflare 已向其发送确认邮件；点击确认后请再运行 "
    "`pulumi up`，之后才会转发。",
)
HELD_BACK = Text(
    "{domain}: its exchangers are switched to Email Routing only when every destination has agreed and every "
    "rule is as planned.",
    "{domain}：所有目标地址确认、全部规则与规格一致之后，才会把 MX 切换到 Email Routing。",
)
SWITCHED_ON_AGAIN = Text(
    "{domain}: Email Routing was switched off at Cloudflare, so mail was refused; this run switches it on.",
    "{domain}：Email Routing 在 Cloudflare 被关闭，来信会被拒收；本次运行将重新启用。",
)
STRANGERS = Text(
    "{domain}: Email Routing has rules that no spec knows: {rules}. Write them into addresses:, or delete "
    "them: a quiet forward is how payment fraud begins.",
    "{domain}：Email Routing 中有规格未声明的规则：{rules}。请写入 addresses:，或将其删除："
    "暗中转发往往是付款诈骗的开端。",
)
TAKEN_OVER = Text(
    "{domain}: {names} were taken over as they are and differ from the spec, or opened for deletion; "
    "run `pulumi up` again: it makes the change.",
    "{domain}：{names} 已按原样接管但与规格不同，或已允许删除；请再运行 `pulumi up` 完成更改。",
)
SEVERAL = Text(
    "{address}: Email Routing has several rules for it; delete all but one in the console",
    "{address}：Email Routing 中有多条针对它的规则；请在后台只保留一条",
)
