"""The rules of an SPF record, in both languages; ``lint`` applies them."""

from __future__ import annotations

from mailwright.model.rules import Severity, rule

SYNTAX = rule(
    "spf-syntax",
    Severity.ERROR,
    en="The SPF record of {domain} is invalid ({reason}); receivers then treat every mail as an error.",
    zh="{domain} 的 SPF 记录无效（{reason}）；收件方会把所有邮件都判为错误（permerror）。",
    hint_en="Correct or remove {term}; a valid record looks like: v=spf1 include:spf.example.com ~all.",
    hint_zh="请改正或删除 {term}；正确的写法例如：v=spf1 include:spf.example.com ~all。",
    reference="RFC 7208 §4.6",
)
SEVERAL = rule(
    "spf-several-records",
    Severity.ERROR,
    en="{domain} has {count} SPF records; receivers use none of them and report a permanent error.",
    zh="{domain} 有 {count} 条 SPF 记录；收件方一条都不采用，并判为永久错误。",
    hint_en="Merge them into one record: one v=spf1, the terms of both, one all at the end.",
    hint_zh="请合并为一条：一个 v=spf1，包含各条的内容，最后一个 all。",
    reference="RFC 7208 §4.5",
)
NOT_READ = rule(
    "spf-not-read",
    Severity.ERROR,
    en="“{text}” at {domain} is not an SPF record: receivers look for “v=spf1” and a space, and find "
    "none{some}.",
    zh="{domain} 处的“{text}”不是 SPF 记录：收件方只认以“v=spf1”加空格开头的值，因此视为没有 SPF{some}。",
    hint_en="Write v=spf1, then one space before each term: no comma, no semicolon, no quotes.",
    hint_zh="请写 v=spf1，各项之间用一个半角空格隔开：不用逗号、分号或引号。",
    reference="RFC 7208 §4.5",
)
ALL_PASS = rule(
    "spf-all-pass",
    Severity.ERROR,
    en="{term} allows anybody to send in the name of {domain}.",
    zh="{term} 允许任何人以 {domain} 的名义发信。",
    hint_en="Write ~all, or -all once every sender is listed.",
    hint_zh="请写 ~all；确认所有发信方都已列出后可写 -all。",
    reference="RFC 7208 §5.1",
)
ALL_NEUTRAL = rule(
    "spf-all-neutral",
    Severity.WARNING,
    en="?all says nothing about strangers: the record of {domain} protects nobody.",
    zh="?all 对陌生来源不作判断：{domain} 的记录起不到保护作用。",
    hint_en="Write ~all, or -all once every sender is listed.",
    hint_zh="请写 ~all；确认所有发信方都已列出后可写 -all。",
    reference="RFC 7208 §5.1",
)
NO_ALL = rule(
    "spf-no-all",
    Severity.WARNING,
    en="The SPF record of {domain} has neither all nor redirect=, which means ?all: nobody is refused.",
    zh="{domain} 的 SPF 记录既没有 all 也没有 redirect=，等同于 ?all：不会拒绝任何来源。",
    hint_en="End the record with ~all or -all.",
    hint_zh="请在记录末尾加上 ~all 或 -all。",
    reference="RFC 7208 §4.7",
)
AFTER_ALL = rule(
    "spf-term-after-all",
    Severity.WARNING,
    en="{term} comes after {all} and is never read.",
    zh="{term} 写在 {all} 之后，不会被读取。",
    hint_en="Move it before {all}, or remove it.",
    hint_zh="请移到 {all} 之前，或删除。",
    reference="RFC 7208 §5.1",
)
REDIRECT_UNUSED = rule(
    "spf-redirect-unused",
    Severity.WARNING,
    en="redirect={target} has no effect beside {all}.",
    zh="已有 {all}，redirect={target} 不起作用。",
    hint_en="Write include:{target} before {all}, or remove one of the two.",
    hint_zh="请在 {all} 之前写 include:{target}，或两者只留其一。",
    reference="RFC 7208 §6.1",
)
DUPLICATE = rule(
    "spf-term-duplicate",
    Severity.WARNING,
    en="{term} repeats {first}: it has no effect, and its look-ups count again.",
    zh="{term} 与 {first} 重复：不起作用，查询次数却会再算一遍。",
    hint_en="Remove {term}.",
    hint_zh="请删除 {term}。",
    reference="RFC 7208 §4.6.4",
)
USES_PTR = rule(
    "spf-uses-ptr",
    Severity.WARNING,
    en="{term} is slow and unreliable and must not be published; some receivers ignore it.",
    zh="{term} 速度慢且不可靠，标准要求不要发布；有的收件方会忽略它。",
    hint_en="Name the addresses instead (ip4:203.0.113.10, or a:mail.{domain}).",
    hint_zh="请直接写地址（ip4:203.0.113.10 或 a:mail.{domain}）。",
    reference="RFC 7208 §5.5",
)
WIDE = rule(
    "spf-network-wide",
    Severity.WARNING,
    en="{term} allows {count} addresses to send in the name of {domain}.",
    zh="{term} 允许 {count} 个地址以 {domain} 的名义发信。",
    hint_en="Write only the addresses that send, such as ip4:203.0.113.10 or ip4:203.0.113.0/28.",
    hint_zh="请只写真正发信的地址，例如 ip4:203.0.113.10 或 ip4:203.0.113.0/28。",
    reference="RFC 7208 §5.6",
)
PRIVATE = rule(
    "spf-network-not-public",
    Severity.WARNING,
    en="{term} is not a public address: no receiver ever sees it, so the term has no effect.",
    zh="{term} 不是公网地址：收件方看不到它，该项不起作用。",
    hint_en="Write the public address that the machine leaves your network with.",
    hint_zh="请写该机器出网时使用的公网地址。",
    reference="RFC 6890 §2.2",
)
OVER_450 = rule(
    "spf-size-over-450",
    Severity.WARNING,
    en="The SPF record of {domain} has {octets} octets; past 450 the answer may not fit one UDP packet.",
    zh="{domain} 的 SPF 记录有 {octets} 字节；超过 450 字节时，应答可能放不进一个 UDP 包。",
    hint_en="Write ranges instead of single addresses, or move a sender to a subdomain of its own.",
    hint_zh="请用地址段代替单个地址，或把发信方移到自己的子域名。",
    reference="RFC 7208 §3.4",
)
OVER_512 = rule(
    "spf-size-over-512",
    Severity.ERROR,
    en="The SPF record of {domain} has {octets} octets; past 512 some receivers silently ignore it.",
    zh="{domain} 的 SPF 记录有 {octets} 字节；超过 512 字节时，部分收件方会直接忽略它。",
    hint_en="Write ranges instead of single addresses, or move a sender to a subdomain of its own.",
    hint_zh="请用地址段代替单个地址，或把发信方移到自己的子域名。",
    reference="RFC 7208 §3.4",
)
NOT_A_NAME = rule(
    "spf-target-not-a-name",
    Severity.WARNING,
    en="{term} names no host: a label is empty or longer than 63 characters, or it is a web or mail address.",
    zh="{term} 不是主机名：其中一段为空或超过 63 个字符，或写成了网址、邮件地址。",
    hint_en="Write the bare name, such as spf.example.com.",
    hint_zh="请只写名称，例如 spf.example.com。",
    reference="RFC 7208 §4.3",
)
EQUALS = rule(
    "spf-equals-for-colon",
    Severity.WARNING,
    en="{term} is read as a modifier that nobody knows, and ignored: it lets nobody send.",
    zh="{term} 会被当作无人认识的修饰符而忽略：它不会放行任何来源。",
    hint_en="Write a colon: {meant}.",
    hint_zh="请改用冒号：{meant}。",
    reference="RFC 7208 §6",
)
LOOKUPS = rule(
    "spf-lookups-over-limit",
    Severity.ERROR,
    en="The SPF record of {domain} needs {cost} DNS look-ups, more than 10: every sender would fail. "
    "What costs: {terms}.",
    zh="{domain} 的 SPF 记录需要 {cost} 次 DNS 查询，超过 10 次：所有发信方都会失败。各项开销：{terms}。",
    hint_en="Move one sender to a subdomain of its own (such as news.{domain}), "
    "or take out what no longer sends.",
    hint_zh="把其中一个发信方移到自己的子域名（例如 news.{domain}），或去掉已不再发信的。",
    reference="RFC 7208 §4.6.4",
)
COST_UNKNOWN = rule(
    "spf-cost-unknown",
    Severity.WARNING,
    en="What {terms} costs has not been measured: whether the SPF record of {domain} stays within 10 "
    "look-ups cannot be determined without a network.",
    zh="{terms} 的开销尚未测量：不联网无法判断 {domain} 的 SPF 是否在 10 次查询以内。",
    hint_en="Measure it: `mailwright check --online SPEC`.",
    hint_zh="请测量：`mailwright check --online 规格文件`。",
    reference="RFC 7208 §4.6.4",
)
COSTLY = rule(
    "spf-include-costly",
    Severity.INFO,
    en="{term} alone uses {cost} of the 10 look-ups of {domain}: hardly any other sender fits beside it.",
    zh="仅 {term} 就用去 {domain} 10 次查询中的 {cost} 次：几乎容不下其他发信方。",
    hint_en="Give further senders subdomains of their own (from: news@news.{domain}).",
    hint_zh="其他发信方请使用各自的子域名（from: news@news.{domain}）。",
    reference="RFC 7208 §4.6.4",
)
VOIDS = rule(
    "spf-voids-over-limit",
    Severity.ERROR,
    en="The SPF record of {domain} asks {count} times for what does not exist, more than 2: "
    "every sender would fail. Nothing is found for: {terms}.",
    zh="{domain} 的 SPF 记录有 {count} 次查询没有结果，超过 2 次：所有发信方都会失败。无结果的项：{terms}。",
    hint_en="Remove these terms, or correct the names in them.",
    hint_zh="请删除这些项，或改正其中的名称。",
    reference="RFC 7208 §4.6.4",
)
VOID = rule(
    "spf-term-finds-nothing",
    Severity.WARNING,
    en="{term} leads to nothing: {name} has no such data.",
    zh="{term} 没有结果：{name} 没有相应的记录。",
    hint_en="Remove the term, or correct the name.",
    hint_zh="请删除该项，或改正名称。",
    reference="RFC 7208 §4.6.4",
)
BROKEN = rule(
    "spf-target-broken",
    Severity.ERROR,
    en="{term} breaks the SPF record of {domain}: {reason}. Every sender would fail.",
    zh="{term} 使 {domain} 的 SPF 记录失效：{reason}。所有发信方都会失败。",
    hint_en="Correct the name, or remove the term until its owner has repaired it.",
    hint_zh="请改正名称；若问题在对方，请先删除该项，待对方修复。",
    reference="RFC 7208 §5.2",
)
LOOP = rule(
    "spf-include-loop",
    Severity.ERROR,
    en="{term} leads back to {name}, from where it came; receivers answer that with a permanent error.",
    zh="{term} 又引用回 {name}，形成循环；收件方会判为永久错误（permerror）。",
    hint_en="Remove {term}.",
    hint_zh="请删除 {term}。",
    reference="RFC 7208 §4.6.4",
)
MANY_MX = rule(
    "spf-mx-over-limit",
    Severity.ERROR,
    en="{term} asks for more than 10 mail exchangers; receivers answer that with a permanent error.",
    zh="{term} 涉及的 MX 超过 10 条；收件方会判为永久错误（permerror）。",
    hint_en="Write the addresses instead (ip4:203.0.113.0/28).",
    hint_zh="请改为直接写地址（ip4:203.0.113.0/28）。",
    reference="RFC 7208 §4.6.4",
)
UNANSWERED = rule(
    "spf-lookup-unanswered",
    Severity.WARNING,
    en="What {term} costs could not be read: {reason}.",
    zh="无法读取 {term} 的开销：{reason}。",
    hint_en="Check again later; while it lasts receivers defer your mail.",
    hint_zh="请稍后再检查；在此期间收件方会延迟接收邮件。",
    reference="RFC 7208 §4.4",
)
