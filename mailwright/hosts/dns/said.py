"""What a nameserver's trouble is called, in both languages. Never with a secret in it."""

from __future__ import annotations

from collections.abc import Sequence

from mailwright.model.text import Text

# -- the way there -------------------------------------------------------------------------------

CLOSED = Text("{where} closed the connection without an answer", "{where} 没有应答就关闭了连接")
SILENT = Text("{where} did not answer within {seconds} s", "{where} 在 {seconds} 秒内没有应答")
NO_CONNECTION = Text(
    "{where} cannot be reached: no connection within {seconds} s",
    "无法连接 {where}：{seconds} 秒内未建立连接",
)
NO_SUCH_HOST = Text("{where} cannot be reached: no such host name", "无法连接 {where}：主机名不存在")
NO_USABLE_NAME = Text("{where} cannot be reached: not a usable host name", "无法连接 {where}：主机名无效")
CONNECTION_REFUSED = Text("{where} cannot be reached: connection refused", "无法连接 {where}：连接被拒绝")
NOT_REACHED = Text("{where} cannot be reached: {reason}", "无法连接 {where}：{reason}")
TOO_BIG = Text(
    "the change does not fit into one DNS message of 64 KiB, and nothing was sent: "
    "split the domain's records over several zones",
    "变更超过单个 DNS 报文的 64 KiB 上限，未发送任何内容：请把该域名的记录分到多个区域",
)

# -- the key -------------------------------------------------------------------------------------

BAD_SIGNATURE = Text(
    "the answer of {where} carries a signature that does not verify", "{where} 的应答签名无法通过验证"
)
PEER_TIME = Text(
    "{where} refuses the key {key} (BADTIME): its clock and ours differ, set both by NTP",
    "{where} 拒绝密钥 {key}（BADTIME）：两边时钟不一致，请都用 NTP 校时",
)
PEER_SIGNATURE = Text(
    "{where} refuses the key {key} (BADSIG): the secret or the algorithm is not the server's",
    "{where} 拒绝密钥 {key}（BADSIG）：密钥内容或算法与服务器上的不一致",
)
PEER_KEY = Text(
    "{where} refuses the key {key} (BADKEY): the server does not know it under this name and "
    "algorithm, or does not let it do this here",
    "{where} 拒绝密钥 {key}（BADKEY）：服务器上没有此名称和算法的密钥，或不允许它在此执行该操作",
)
PEER_OTHER = Text("{where} refuses the key {key}: {kind}", "{where} 拒绝密钥 {key}：{kind}")
ALGORITHM = Text(
    "unknown TSIG algorithm {algorithm!r}: use one of {known}",
    "未知的 TSIG 算法 {algorithm!r}：可用的有 {known}",
)
SECRET = Text("the secret of the TSIG key {name!r} is not base64", "TSIG 密钥 {name!r} 的内容不是 base64")

# -- answers -------------------------------------------------------------------------------------

UNREADABLE = Text(
    "{where} gave an answer that is unsigned or cannot be read", "{where} 的应答没有签名或无法解析"
)
OTHER_QUESTION = Text("{where} answered a question that was not asked", "{where} 的应答与所问的问题不符")
NOT_AUTHORITATIVE = Text(
    "{where} is not authoritative for {zone}: ask the primary server of the zone",
    "{where} 不是 {zone} 的权威服务器：请使用该区域的主服务器",
)
QUESTION_REFUSED = Text(
    "{where} refuses questions about {name} {with_key} ({code}): it does not serve {zone}, "
    "does not know the key, or the secret is another",
    "{where} 拒绝回答关于 {name} 的查询（{with_key}，{code}）：它不提供 {zone}、不认识该密钥，或密钥内容不同",
)
WITH_KEY = Text("with this key", "使用此密钥")
WITHOUT_KEY = Text("without a key", "未使用密钥")
QUESTION_FAILED = Text(
    "{where} could not answer for {name} ({code}): the zone may not be loaded, see its log",
    "{where} 无法回答关于 {name} 的查询（{code}）：该区域可能未加载，请查看服务器日志",
)
QUESTION_UNANSWERED = Text(
    "{where} could not answer for {name} ({code})", "{where} 无法回答关于 {name} 的查询（{code}）"
)
NOT_IN_ZONE = Text("{name} is not in the zone {zone}", "{name} 不在区域 {zone} 中")

# -- updates -------------------------------------------------------------------------------------

WRITE_REFUSED = Text(
    "{where} refuses the change ({code}): this key may not write all of: {sets}",
    "{where} 拒绝该变更（{code}）：此密钥无权写入以下全部内容：{sets}",
)
NOT_PRIMARY = Text(
    "{where} refuses the change ({code}): it is not the primary server of {zone}, "
    "or does not accept this key for it",
    "{where} 拒绝该变更（{code}）：它不是 {zone} 的主服务器，或不接受此密钥用于该区域",
)
NAME_NOT_IN_ZONE = Text(
    "{where} says that a name is not in the zone {zone} ({code}): {sets}",
    "{where} 称有名称不在区域 {zone} 中（{code}）：{sets}",
)
NO_UPDATES = Text(
    "{where} takes no dynamic updates ({code}): enable RFC 2136 updates for {zone}",
    "{where} 不接受动态更新（{code}）：请为 {zone} 启用 RFC 2136 更新",
)
UPDATE_FAILED = Text(
    "{where} failed to carry out the change ({code}), see its log",
    "{where} 执行变更失败（{code}），请查看服务器日志",
)
UPDATE_NOT_DONE = Text(
    "{where} did not carry out the change ({code}): {sets}", "{where} 没有执行变更（{code}）：{sets}"
)
KEY_MAY_NOT_WRITE = Text("{error}; nothing was written of: {sets}", "{error}；以下内容均未写入：{sets}")
NOT_KNOWN = Text(
    "{error}; it is not known whether the change was made, the next run will see",
    "{error}；无法确定变更是否已执行，下次运行时会核实",
)
ASKED_AGAIN = Text("{error}; asked again, {seen}", "{error}；再次查询的结果：{seen}")
UNTOUCHED = Text("nothing was changed", "没有任何改动")
IN_BETWEEN = Text("the zone is neither as before nor as wanted", "区域内容既不是原样，也不是期望的样子")
MOVED = Text(
    "changed by somebody else since it was read, nothing was written: {sets}",
    "读取之后被他人修改，未写入任何内容：{sets}",
)
OTHER_RECORDS = Text(
    "the server has other records than were read at one of these names, nothing was written: {names}",
    "服务器在以下某个名称处的记录与读取时不同，未写入任何内容：{names}",
)
NOT_SERVED = Text(
    "{where} confirmed the change and does not serve it: {told}",
    "{where} 确认了变更，但提供的内容不符：{told}",
)
IS_MISSING = Text("{key} is missing", "缺少 {key}")
LACKS = Text("{key} lacks {missing}", "{key} 缺少 {missing}")
STILL_HAS = Text("{key} still has {extra}", "{key} 仍有 {extra}")
OTHER_TTL = Text("{key} has TTL {now} instead of {ttl}", "{key} 的 TTL 是 {now}，应为 {ttl}")

# -- what is never sent --------------------------------------------------------------------------

TYPE_NEVER_WRITTEN = Text("{key}: records of this type are never written", "{key}：从不写入此类型的记录")
BELOW_CUT = Text(
    "{name} is not served by the zone {zone}: {cut} is delegated to "
    "other nameservers; make that zone the target of these records",
    "{name} 不由区域 {zone} 提供：{cut} 已委派给其他DNS 服务器；请把那个区域设为这些记录的目标",
)
DOES_NOT_ADD_UP = Text(
    "{key}: the change does not add up from before to after, nothing was sent",
    "{key}：变更前后对不上，未发送任何内容",
)
CNAME_BESIDE = Text(
    "{name}: a name with a CNAME cannot have other records", "{name}：CNAME 不能与其他记录并存"
)
CNAME_STANDS = Text(
    "{name} has a CNAME, which excludes all other records: delete the CNAME before adding {type}",
    "{name} 处有 CNAME，不能与其他记录并存：请先删除该 CNAME 再添加 {type}",
)
BAD_VALUE = Text("{key}: {reason}", "{key}：{reason}")


def joined(texts: Sequence[Text]) -> Text:
    """Several sentences as one."""
    places = [f"{{part{number}}}" for number in range(len(texts))]
    parts = {f"part{number}": text for number, text in enumerate(texts)}
    return Text("; ".join(places), "；".join(places), parts)
