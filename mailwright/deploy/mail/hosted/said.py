"""What is said of a mail host behind its API, in the reader's language."""

from __future__ import annotations

from mailwright.model.text import Text

EXPERIMENTAL = Text(
    "{domain}: the API of {service} is used by its documents and was never tried at a living account "
    "(api: experimental). docs/google-workspace.md says how to try it in ten minutes.",
    "{domain}：按{service}的文档使用其 API，未在真实账号上验证过（api: experimental）。"
    "docs/google-workspace.zh-CN.md 说明如何用十分钟验证。",
)
MOVED = Text(
    "{domain}: changed by somebody else since it was looked at: {places}. Nothing was written; look again "
    "(`refresh`), then decide.",
    "{domain}：查看之后又被他人修改：{places}。未写入任何内容；请重新查看（`refresh`）再决定。",
)
STOPPED = Text(
    "{reason}. Written so far: {done}. Still to do: {left}. Run this again: it goes on from there.",
    "{reason}。已写入：{done}。尚未完成：{left}。请再次运行，会从此处继续。",
)
WAITS = Text(
    "{domain}: {addresses} must agree first, by the link in Google's mail to them; until then mail stays in "
    "the mailbox. Run this again afterwards",
    "{domain}：须先由 {addresses} 点击 Google 邮件中的链接确认；在此之前邮件留在邮箱中。确认后请再次运行",
)
UNSEEN = Text(
    "{domain}: Google took everything and does not show it yet: {places}. Run this again in some minutes",
    "{domain}：Google 已接受全部操作，但尚未显示：{places}。请几分钟后再次运行",
)
MAILBOX_IN_THE_WAY = Text(
    "{domain}: {addresses} are mailboxes at {service}, and the spec asks for something else there. A mailbox "
    "is never deleted by a program: move its mail and delete or rename it in the Admin console first",
    "{domain}：{addresses} 在{service}是邮箱，而规格要求的是其他对象。程序不会删除邮箱："
    "请先移走邮件，并在管理控制台删除或改名",
)
STAYS = Text("= {key} stays: a mailbox is never deleted by a program", "= {key} 保留：程序不会删除邮箱")
CHANGES = Text("becomes {kind} and was {was}", "由{was}改为{kind}")
SECONDS = Text(
    "some seconds, or as long as Google needs to show it everywhere", "几秒，或直至 Google 在各处生效"
)
TWO_HOSTS = Text(
    "{domain}: `up` writes at one mail host, and here it would write at two. Remove experimental: from api:, "
    "or maps: and sieve: from the own server",
    "{domain}：`up` 只写入一处邮件服务，而此处要写入两处。请从 api: 中去掉 experimental:，"
    "或去掉自建服务器的 maps: 和 sieve:",
)
