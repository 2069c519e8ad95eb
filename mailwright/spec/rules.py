"""What can be wrong with a spec before it is planned, in both languages."""

from __future__ import annotations

from mailwright.model.rules import Rule, Severity, rule


def _error(id: str, *texts: str) -> Rule:
    """An error; ``texts``: message and hint, each en then zh, then the section of its standard."""
    en, zh, hint_en, hint_zh, *section = texts
    return rule(
        id, Severity.ERROR, en=en, zh=zh, hint_en=hint_en, hint_zh=hint_zh, reference="".join(section)
    )


UNREADABLE = _error(
    "file-unreadable",
    "{file} cannot be read: {reason}.",
    "无法读取 {file}：{reason}。",
    "Name a spec file, or a folder with spec files.",
    "请给出规格文件，或含有规格文件的文件夹。",
)
TOO_LARGE = _error(
    "file-too-large",
    "The file has {size} bytes; a spec has at most {most}.",
    "文件有 {size} 字节；规格最多 {most} 字节。",
    "Write one file per company; --large allows up to {large} bytes.",
    "请每家公司一个文件；加 --large 最多允许 {large} 字节。",
)
BOM = _error(
    "byte-order-mark",
    "The file starts with a byte order mark (BOM).",
    "文件以 BOM（字节顺序标记）开头。",
    "Save it as UTF-8 without BOM.",
    "请另存为“UTF-8 无 BOM”。",
)
ENCODING = _error(
    "not-utf-8",
    "The file is not UTF-8; it looks like {encoding}.",
    "文件不是 UTF-8 编码，看起来是 {encoding}。",
    "Save it as UTF-8.",
    "请另存为 UTF-8。",
)
CONTROL = _error(
    "control-character",
    "There is a control character here (U+{code}).",
    "此处有控制字符（U+{code}）。",
    "Delete it and type the line again.",
    "请删除并重新输入此行。",
)
TAB = _error(
    "tab-indentation",
    "The indentation contains a tab; YAML allows only spaces.",
    "缩进中有制表符（Tab）；YAML 只接受空格。",
    "Indent each level by two spaces.",
    "请每级用两个空格缩进。",
)
FULL_WIDTH = _error(
    "full-width-punctuation",
    "This is the full-width character {char}; YAML needs {plain}.",
    "此处是全角字符 {char}，YAML 需要半角 {plain}。",
    "Write {plain} (half-width).",
    "请改为半角 {plain}。",
)
CURLY = _error(
    "curly-quotes",
    "The value contains the typographic quote {char}; it would become part of the record.",
    "值中有弯引号 {char}，它会成为记录的一部分。",
    "Write straight quotes around the value, or none.",
    "请使用直引号，或不加引号。",
)
SYNTAX = _error(
    "yaml-syntax",
    "This is not valid YAML: {reason}.",
    "YAML 语法错误：{reason}。",
    "Compare the indentation and punctuation with docs or `mailwright init`.",
    "请对照文档或 `mailwright init` 的输出检查缩进与标点。",
)
DUPLICATE = _error(
    "duplicate-key",
    "{key} is written twice; the first time in line {first}.",
    "{key} 写了两次；第一次在第 {first} 行。",
    "Keep one of them.",
    "请只保留一处。",
)
ALIAS = _error(
    "yaml-alias",
    "YAML anchors, aliases, tags and merge keys (& * ! <<) are not used in specs.",
    "规格中不使用 YAML 锚点、别名、标签与合并键（& * ! <<）。",
    "Write the value out.",
    "请直接写出该值。",
)
TOO_DEEP = _error(
    "nested-too-deep",
    "Values are nested more than {most} levels deep here.",
    "此处的值嵌套超过 {most} 层。",
    "Close the brackets, or compare the indentation with `mailwright init`.",
    "请补全括号，或对照 `mailwright init` 的输出检查缩进。",
)
TOO_MANY = _error(
    "list-too-long",
    "{key} has {count} entries; at most {most} can be meant.",
    "{key} 有 {count} 项；最多 {most} 项。",
    "Take out what is written by mistake, or write one spec per company.",
    "请去掉误写的部分，或每家公司一份规格。",
)
MORE = _error(
    "more-findings",
    "More than {most} things are wrong; the rest is not shown.",
    "问题超过 {most} 个，其余未显示。",
    "Mend the first ones and check again.",
    "请先改正前面的问题，再重新检查。",
)
NOT_A_SPEC = _error(
    "not-a-spec",
    "This is not a spec: it should be keys and values, such as domain: acme-trade.com.",
    "这不是规格：应为键和值，例如 domain: acme-trade.com。",
    "Start with `mailwright init`.",
    "请先运行 `mailwright init`。",
)
MISSING = _error(
    "key-missing",
    "{key} is missing.",
    "缺少 {key}。",
    "Add the line {key}: {example}",
    "请添加一行 {key}: {example}",
)
UNKNOWN_KEY = _error(
    "unknown-key",
    "{parent} has no key {key}.",
    "{parent} 中没有 {key} 这个键。",
    "{advice}",
    "{advice}",
)
WRONG_TYPE = _error(
    "wrong-type",
    "{key} must be {wanted}, not {got}.",
    "{key} 应为{wanted}，这里却是{got}。",
    "Write it like this: {example}",
    "请这样写：{example}",
)
BAD_VALUE = _error(
    "value-not-allowed",
    "{key} cannot be {value}.",
    "{key} 不能取值 {value}。",
    "{advice}",
    "{advice}",
)
SECRET = _error(
    "secret-in-spec",
    "{key} looks like a secret; a spec is reviewed and shared.",
    "{key} 像是密钥；规格会被审阅和共享。",
    "Put it into the environment (MAILWRIGHT_TSIG_SECRET, CLOUDFLARE_API_TOKEN) and renew it.",
    "请放入环境变量（MAILWRIGHT_TSIG_SECRET、CLOUDFLARE_API_TOKEN），并更换该密钥：它已被写下。",
)
BAD_DOMAIN = _error(
    "bad-domain",
    "{value} is not a domain name: {reason}.",
    "{value} 不是域名：{reason}。",
    "Write the bare domain, such as acme-trade.com.",
    "请只写域名，例如 acme-trade.com。",
    "RFC 1035 §2.3.1",
)
FREE_MAIL = _error(
    "free-mail-domain",
    "{value} belongs to a free mail provider; nobody but the provider can set its records.",
    "{value} 属于免费邮箱服务商；除服务商外没有人能设置它的记录。",
    "Write your company's own domain.",
    "请写公司自己的域名。",
)
REGISTRY = _error(
    "registry-zone",
    "{value} is a registry's: strangers register their domains right below it.",
    "{value} 属于域名注册局：其下的域名由不同的人注册。",
    "Write the company's own domain; as a zone, the one in which the DNS host keeps its records.",
    "请写公司自己的域名；若是区域，请写 DNS 服务商存放其记录的区域。",
)
WWW = rule(
    "domain-is-www",
    Severity.WARNING,
    en="{value} is the name of a website: is mail really addressed to wang@{value}?",
    zh="{value} 是网站的名称：邮件地址真的是 wang@{value} 吗？",
    hint_en="Write {meant}, if addresses are wang@{meant}.",
    hint_zh="如果地址是 wang@{meant}，请写 {meant}。",
)
DOUBLED = _error(
    "doubled-domain",
    "{value} names the domain twice.",
    "{value} 中域名重复了。",
    "Write {meant}.",
    "请写 {meant}。",
)
BAD_ADDRESS = _error(
    "bad-address",
    "{value} is not a mail address: {reason}.",
    "{value} 不是邮件地址：{reason}。",
    "Write the whole address, such as wang@acme-trade.com.",
    "请写完整地址，例如 wang@acme-trade.com。",
    "RFC 5321 §4.1.2",
)
BAD_IP = _error(
    "bad-ip-address",
    "{value} is not an {kind} address or range.",
    "{value} 不是 {kind} 地址或地址段。",
    "Write an address (203.0.113.10) or a range (203.0.113.0/28).",
    "请写地址（203.0.113.10）或地址段（203.0.113.0/28）。",
)
BAD_ZONE = _error(
    "bad-timezone",
    "{value} is not a known time zone.",
    "{value} 不是有效的时区。",
    "Write a name such as Asia/Shanghai or Europe/Berlin.",
    "请写 Asia/Shanghai、Europe/Berlin 之类的名称。",
)
BAD_DATE = _error(
    "bad-date",
    "{value} is not a date.",
    "{value} 不是日期。",
    "Write it as 2026-12-31.",
    "请写成 2026-12-31。",
)
UNKNOWN_SERVICE = _error(
    "unknown-service",
    "Mailwright does not know the service {value}.",
    "Mailwright 不认识服务 {value}。",
    "{advice}",
    "{advice}",
)
UNKNOWN_SITE = _error(
    "unknown-site",
    "{service} has no site {value}.",
    "{service} 没有站点 {value}。",
    "Sites: {sites}.",
    "可选站点：{sites}。",
)
SITE_MISSING = _error(
    "site-missing",
    "{service} needs a site: its records differ from one to the next.",
    "{service} 需要写明 site（地区、数据中心、集群或版本）：各站点的记录不同。",
    "Write site: one of these. {sites}",
    "请写 site:，从以下选择。{sites}",
)
INPUT_MISSING = _error(
    "service-input-missing",
    "{service} needs {key} ({label}); it cannot be derived.",
    "{service} 需要 {key}（{label}），无法推算得出。",
    "Find it here: {where}.",
    "获取方式：{where}。",
)
QUOTED_TXT = _error(
    "txt-quoted",
    "The value is written with {what}; it would become part of the record.",
    "值中写有{what}，它会成为记录的一部分。",
    "Write the TXT value plainly, in one piece: no quotes, no backslashes.",
    "请直接写完整的 TXT 值：不加引号、不加反斜杠、不拆分。",
)
OUTSIDE = _error(
    "name-outside-domain",
    "{value} is not in {domain}.",
    "{value} 不在 {domain} 之下。",
    "Write the host part as the console shows it, such as s1._domainkey.",
    "请按后台显示写主机记录，例如 s1._domainkey。",
)
BAD_MX = _error(
    "bad-mx",
    "{value} is not a mail exchanger.",
    "{value} 不是 MX 记录值。",
    'Write priority and host name: "10 mail.acme-trade.com" (a name, not an address).',
    '请写优先级与主机名："10 mail.acme-trade.com"（主机名，不是 IP）。',
    "RFC 5321 §5.1",
)
KEY_FILE = _error(
    "key-file",
    "The public key file {file} cannot be used: {reason}.",
    "公钥文件 {file} 无法使用：{reason}。",
    "Name the public half (a PEM file), relative to the spec.",
    "请给出公钥文件（PEM），路径相对于规格文件。",
)
HOST_TWICE = _error(
    "dns-host-twice",
    "This entry of dns_hosts leads to the same place as the one in line {first}.",
    "dns_hosts 的这一项与第 {first} 行指向同一处。",
    "Keep one of them: one domain is written once at a DNS host, and has one sheet.",
    "请只保留一项：同一域名在一个 DNS 服务商处只写入一次，也只有一份变更单。",
)
CLAIMED_TWICE = _error(
    "claimed-twice",
    "{domain} is claimed by this spec and by {other}.",
    "{domain} 同时被本规格与 {other} 声明。",
    "Keep it in one spec.",
    "请只在一个规格中保留。",
)
