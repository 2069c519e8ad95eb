"""What no document of a mail host says, in words that go on from "not known:"."""

from __future__ import annotations

from mailwright.model.text import Text

PLUS = Text("whether this host delivers {address}", "该服务是否投递发往 {address} 的邮件")
ALIAS_DOMAIN = Text(
    "whether {address}, at an alias domain, takes mail as the company's own address does",
    "别名域名下的 {address} 能否像公司自己的地址一样收信",
)
CLOSING = Text("what answers mail to {address} once it is closed", "{address} 关闭后如何答复来信")
CLOSED_CAUGHT = Text(
    "whether the catch-all takes mail to {address} once it is closed",
    "{address} 关闭后，catch-all 是否会收下其来信",
)
OUTSIDERS = Text("whether outsiders may write to the group {address}", "外部能否向群组 {address} 发信")
CATCH_ALL = Text("whether anybody gets mail to {address}", "发往 {address} 的邮件由谁收到")
MATCHING = Text(
    "whether {rule} of {address} takes this mail: how this host compares words",
    "{address} 的 {rule} 是否命中：该服务如何比对文字",
)
TWICE = Text(
    "whether {address} passes a mail on to {to} that was passed on to it",
    "{address} 是否会把转来的邮件再转给 {to}",
)
OBJECT = Text("whether it has what {address} needs ({question})", "是否支持 {address} 所需的“{question}”")
LEAVER = Text(
    "how mail to {address} goes on once its owner is locked out",
    "停用原使用人后，发往 {address} 的邮件如何继续送达",
)
ADMINISTRATOR = Text(
    "{address} is the administrator's own account here; whether it passes mail on",
    "{address} 是此处管理员自己的账号；它能否转交邮件",
)
RELEASED = Text(
    "for how long mail to {address} bounces between its release and the new alias",
    "{address} 释放后到设为别名之前，退信会持续多久",
)
ACROSS = Text(
    "whether what {of} (a group, a rule or a routing here) sends on to {address} goes to {service}",
    "{of}（此处的群组、规则或路由）发给 {address} 的邮件，是否会转交给{service}",
)
