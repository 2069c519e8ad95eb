"""What goes wrong between us and a DNS host's API, in both languages. Never with a secret in it."""

from __future__ import annotations

from mailwright.model.text import Text

# -- the way there -------------------------------------------------------------------------------

NOT_ENCRYPTED = Text("{where}: a credential is sent over https only", "{where}：凭据只通过 https 发送")
NOT_AN_ADDRESS = Text("{where} is not the address of an API", "{where} 不是有效的 API 地址")
NOT_REACHED = Text("{where} cannot be reached ({reason})", "无法连接 {where}（{reason}）")
NO_ANSWER = Text("{where} did not answer ({reason})", "{where} 没有应答（{reason}）")
UNREADABLE = Text(
    "{where} gave an answer that cannot be read (HTTP {status})", "{where} 的应答无法解析（HTTP {status}）"
)
FAILED = Text("{where} failed (HTTP {status}): {words}", "{where} 出错（HTTP {status}）：{words}")
REFUSED = Text("{where} refuses (HTTP {status}): {words}", "{where} 拒绝（HTTP {status}）：{words}")
REDIRECTED = Text(
    "{where} points to another address; a credential is sent to this one only",
    "{where} 要求转到另一地址；凭据只发送到此地址",
)
THROTTLED = Text(
    "{where} takes no more calls for now: too many were made (HTTP {status})",
    "{where} 暂不接受更多调用：调用过于频繁（HTTP {status}）",
)

EXPERIMENTAL = Text(
    "{service} is experimental: written from the vendor's documents and never tried there. Read the preview, "
    "and look at the zone afterwards.",
    "{service} 为实验性支持：按官方文档编写，尚未在官方服务上验证。请先看清预览，写入后再核对区域。",
)

# -- the account ---------------------------------------------------------------------------------

NOT_SET = Text("{variable} is not set", "未设置 {variable}")
WRONG_CREDENTIAL = Text("{where} does not take this credential: {words}", "{where} 不接受此凭据：{words}")
NO_RIGHT = Text(
    "{where} knows the credential, and it may not do this: {words}", "{where} 认得此凭据，但无权执行：{words}"
)
NO_ZONE = Text(
    "{where} has no zone {zone} that this credential may see; nothing is created by itself",
    "{where} 上没有此凭据可见的区域 {zone}；不会自动创建",
)
SEVERAL_ZONES = Text(
    "{where} has several zones {zone}: choose one with zone_id: {ids}",
    "{where} 上有多个名为 {zone} 的区域：请用 zone_id 指定其一：{ids}",
)
OTHER_ZONE = Text(
    "the zone {id} of {where} is {found}, not {zone}", "{where} 上的区域 {id} 是 {found}，不是 {zone}"
)
NOT_SERVED_HERE = Text(
    "{where} holds {zone} and does not serve it: {words}", "{where} 存有 {zone} 但并不提供解析：{words}"
)

# -- records -------------------------------------------------------------------------------------

INCOMPLETE = Text(
    "{where} told {found} of {total} records of {zone}: nothing is decided from a part",
    "{where} 只返回了 {zone} 的 {found} / {total} 条记录：不完整的内容不作为依据",
)
CANNOT_CARRY = Text(
    "{key} holds something that would not come back as it is, so the set is not touched: {what}",
    "{key} 中有无法原样写回的内容，因此不会改动该记录集：{what}",
)
SWITCHED_OFF = Text("{value} is switched off", "{value} 已停用")
GENERATED = Text("{value} is worked out by the server", "{value} 由服务器动态生成")
POLICY = Text("{value} is answered by a policy ({word})", "{value} 按策略应答（{word}）")
SEVERAL_SETS = Text("{value} is spread over several sets", "{value} 分散在多个记录集中")
POINTER = Text("an alias of {value}", "指向 {value} 的别名记录")
UNKNOWN_FORM = Text("{value} is in a form that is not known here", "{value} 的形式未知")
CANNOT_HOLD = Text("{key}: {where} holds {what}", "{key}：{where} 的限制：{what}")
CHANGED_MEANWHILE = Text(
    "changed by somebody else since it was read, nothing was written: {sets}",
    "读取之后被他人修改，未写入任何内容：{sets}",
)
CHANGED_BETWEEN = Text("changed by somebody else during this run: {sets}", "本次运行期间被他人修改：{sets}")
PUT_BACK = Text("{told}; what was lost of it was put back", "{told}；丢失的部分已补回")
STILL_UNSEEN = Text(
    "{error}; asked again, the change is not there (yet)", "{error}；再次查询，变更（尚）未出现"
)
