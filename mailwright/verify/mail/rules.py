"""What a check of living mail may say, in both languages."""

from __future__ import annotations

from mailwright.model.rules import Rule, Severity, rule


def _said(id: str, severity: Severity, *texts: str) -> Rule:
    """``texts``: message and hint, each en then zh, then the section of its standard."""
    en, zh, hint_en, hint_zh, *section = texts
    return rule(id, severity, en=en, zh=zh, hint_en=hint_en, hint_zh=hint_zh, reference="".join(section))


TAKEN = _said(
    "address-takes-mail",
    Severity.ERROR,
    "the server takes mail for it: {said}",
    "服务器接收发往它的邮件：{said}",
    "The plan closes this address: apply the plan, or look for an alias that nobody planned.",
    "计划中该地址已关闭：请执行计划，或检查是否有未规划的别名。",
    "RFC 5321 §3.3",
)
REFUSED = _said(
    "address-refused",
    Severity.ERROR,
    "the server refuses it: {said}",
    "服务器拒收：{said}",
    "Apply the plan at the mail host (`mailwright export` writes the steps), then ask again.",
    "请在邮件服务上执行计划（`mailwright export` 会写出步骤），然后再检查。",
    "RFC 5321 §3.3",
)
DETAIL_REFUSED = _said(
    "detail-refused",
    Severity.ERROR,
    "the server refuses it, and mail to {addresses} goes over it: {said}",
    "服务器拒收，而发往 {addresses} 的邮件要经过它：{said}",
    "Set recipient_delimiter in Postfix and Dovecot as the spec has it (+): without it such mail returns to "
    "its sender.",
    "请在 Postfix 与 Dovecot 中按规格设置 recipient_delimiter（+）：否则这些邮件会被退回发件人。",
    "RFC 5233 §1",
)
DELIMITER_OTHER = _said(
    "delimiter-differs",
    Severity.ERROR,
    "the server refuses it and takes {other}: sub-addresses begin with {sign} there, and mail to {addresses} "
    "returns to its sender",
    "服务器拒收它，却接受 {other}：那里的子地址以 {sign} 开头，发往 {addresses} 的邮件会被退回",
    'Write mail_host: {{delimiter: "{sign}"}}, or recipient_delimiter as in the spec.',
    '请写 mail_host: {{delimiter: "{sign}"}}，或把 recipient_delimiter 改为规格中的值。',
    "RFC 5233 §1",
)
FOLDER_NAMES = _said(
    "folder-names-differ",
    Severity.ERROR,
    "the server parts folders by {separator} and begins their names with {prefix}; the scripts are written "
    "for {expected}",
    "服务器以 {separator} 划分文件夹，名称前缀为 {prefix}；而脚本是按 {expected} 写的",
    "Write mail_host: {{folders: {{separator: …, prefix: …}}}} as shown: a script with an impossible folder "
    "fails as a whole.",
    "请按所示写 mail_host: {{folders: {{separator: …, prefix: …}}}}：含有无法建立的文件夹的脚本会整体失败。",
    "RFC 2342 §5",
)
NOT_NOW = _said(
    "address-not-answered",
    Severity.ERROR,
    "the server gives no answer at present: {said}",
    "服务器暂未给出答复：{said}",
    "Greylisting, or this network is blocked: ask again later, or from another network.",
    "可能是灰名单，或本网络被拒：请稍后或换个网络再试。",
    "RFC 6647",
)
INCONCLUSIVE = _said(
    "probe-inconclusive",
    Severity.WARNING,
    "the server takes mail for any address, so its yes says nothing",
    "服务器接收任意地址的邮件，因此它的“接收”说明不了什么",
    "Use --mail-test: a test mail shows where it ends.",
    "请使用 --mail-test：由测试邮件查看最终去向。",
)
OVER_LIMIT = _said(
    "probe-limit",
    Severity.WARNING,
    "not tried: at most {most} addresses per run, so as not to be taken for a spammer",
    "未询问：一次最多询问 {most} 个地址，以免被视为垃圾邮件来源",
    "Use --mail-test for the others.",
    "其余地址请使用 --mail-test。",
)
EXCHANGER = _said(
    "exchanger-not-reached",
    Severity.ERROR,
    "cannot be queried: {problem}",
    "无法询问：{problem}",
    "Many networks block outgoing port 25: run this on a server, or redirect with --connect-to.",
    "许多网络封锁出站 25 端口：请在服务器上运行，或用 --connect-to 指定路径。",
)
NO_EXCHANGER = _said(
    "exchanger-not-planned",
    Severity.WARNING,
    "no exchanger is planned, so there is none to query",
    "没有规划收信服务器（MX），无处可问",
    "Write mail_host with its mx.",
    "请在 mail_host 中写明 mx。",
)
CONNECTS = _said(
    "mail-server-connects",
    Severity.INFO,
    "answers over TLS with a certificate for its name",
    "可经 TLS 连接，证书与主机名相符",
    "Compare host and port with the service's own page.",
    "请与服务商页面核对主机与端口。",
    "RFC 8314 §3",
)
UNREACHABLE = _said(
    "mail-server-unreachable",
    Severity.ERROR,
    "cannot be reached: {problem}",
    "无法连接：{problem}",
    "Look whether this network lets the port out, and whether the protocol is switched on in the console.",
    "请检查本网络是否放行该端口，以及后台是否已开启该协议。",
)
BAD_TLS = _said(
    "mail-server-certificate",
    Severity.ERROR,
    "does not prove who it is: {problem}; no password was sent",
    "无法证明身份：{problem}；未发送密码",
    "Give an own authority's certificates with --ca-file; at a public service somebody is in between.",
    "自建 CA 请用 --ca-file 指定证书；若是公共服务，则可能有人在中间窃听。",
    "RFC 8314 §4",
)
LOGIN = _said(
    "mail-login",
    Severity.INFO,
    "{address} can log in",
    "{address} 可以登录",
    "Make a new app password (authorization code) in the mailbox's settings; switch the protocol on there.",
    "请在邮箱设置中重新生成客户端专用密码（授权码），并开启该协议。",
)
LOGIN_REFUSED = _said(
    "mail-login-refused",
    Severity.ERROR,
    "{address} cannot log in: {said}",
    "{address} 无法登录：{said}",
    "Use an app password (authorization code), not the web page's; see whether the protocol is switched on.",
    "请使用客户端专用密码（授权码），而非网页登录密码；并检查是否已开启该协议。",
)
LOGIN_UNTRIED = _said(
    "mail-login-untried",
    Severity.INFO,
    "no login tried: {why}",
    "未尝试登录：{why}",
    "",
    "",
)
MAIL_UNTRIED = _said(
    "mail-test-untried",
    Severity.INFO,
    "no test mail sent: {why}",
    "未发送测试邮件：{why}",
    "",
    "",
)
CLOSED = _said(
    "mail-login-closed",
    Severity.ERROR,
    "{address} is suspended and can still log in",
    "{address} 已停用，却仍可登录",
    "Suspend the account at the mail host now, and change the passwords it may know.",
    "请立即在邮件服务上停用该账号，并更换其可能知道的密码。",
)
ARRIVES = _said(
    "test-mail-arrives",
    Severity.INFO,
    "a test mail ends where the plan says: {where}",
    "测试邮件的去向与计划一致：{where}",
    "",
    "",
)
ASTRAY = _said(
    "test-mail-astray",
    Severity.ERROR,
    "a test mail ends at {where}; planned is {planned}",
    "测试邮件到了 {where}；计划为 {planned}",
    "Compare the rules on the mail host with `mailwright trace`; in a junk folder, look at SPF, DKIM, DMARC.",
    "请将邮件服务上的规则与 `mailwright trace` 对照；若进了垃圾箱，请检查 SPF、DKIM 与 DMARC。",
)
NOT_SEEN = _said(
    "test-mail-not-seen",
    Severity.ERROR,
    "a test mail ({tag}) was not seen within {seconds} s; planned is {planned}",
    "{seconds} 秒内未见到测试邮件（{tag}）；计划为 {planned}",
    "Look for it later by its subject; slow hosts take minutes (--mail-wait SECONDS).",
    "请稍后按主题查找；较慢的服务需要几分钟。--mail-wait 可延长等待秒数。",
)
UNSENT = _said(
    "test-mail-untried",
    Severity.INFO,
    "no test mail: {why}",
    "未发送测试邮件：{why}",
    "",
    "",
)
