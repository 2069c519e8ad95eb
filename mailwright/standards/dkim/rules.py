"""The rules that a DKIM key record is held to, in both languages."""

from __future__ import annotations

from mailwright.model.rules import Severity, rule

MALFORMED = rule(
    "dkim-record-malformed",
    Severity.ERROR,
    en="The value at {name} is not a DKIM key record: {reason}.",
    zh="{name} 处的值不是 DKIM 密钥记录：{reason}。",
    hint_en="Copy the value again, whole, without quotes and backslashes: v=DKIM1; k=rsa; p=…",
    hint_zh="请重新完整复制，不带引号和反斜杠：v=DKIM1; k=rsa; p=…",
    reference="RFC 6376 §3.6.1",
)
UNREADABLE = rule(
    "dkim-key-unreadable",
    Severity.ERROR,
    en="p= at {name} holds no usable key: {reason}. Every signature with it fails.",
    zh="{name} 处的 p= 不是可用的密钥：{reason}。用它签名的邮件全部验证失败。",
    hint_en="Copy p= again to its last character; consoles cut it at 255 characters or put spaces in.",
    hint_zh="请重新复制 p= 直到最后一个字符；有些后台会在 255 个字符处截断或插入空格。",
    reference="RFC 6376 §3.6.1",
)
PRIVATE = rule(
    "dkim-private-key-published",
    Severity.ERROR,
    en="p= at {name} holds the PRIVATE key: whoever reads it can sign as you.",
    zh="{name} 处的 p= 里是私钥：任何人读到后都能冒用您的签名。",
    hint_en="Publish only the public half of a new pair: this one is compromised if it was ever in DNS.",
    hint_zh="只能发布公钥；若已进入 DNS，此密钥已泄露，请重新生成一对。",
    reference="RFC 6376 §3.6.1, §8.2",
)
UNDER_1024 = rule(
    "dkim-rsa-under-1024",
    Severity.ERROR,
    en="The RSA key at {name} has {bits} bits; receivers ignore signatures of fewer than 1024.",
    zh="{name} 处的 RSA 密钥只有 {bits} 位；收件方会忽略 1024 位以下的签名。",
    hint_en="Make a key of 2048 bits.",
    hint_zh="请生成 2048 位密钥。",
    reference="RFC 8301 §3.2",
)
UNDER_2048 = rule(
    "dkim-rsa-under-2048",
    Severity.WARNING,
    en="The RSA key at {name} has {bits} bits; at least 2048 are advised.",
    zh="{name} 处的 RSA 密钥只有 {bits} 位；建议至少 2048 位。",
    hint_en="Make a key of 2048 bits under a new selector and change over.",
    hint_zh="请用新的选择器生成 2048 位密钥，然后切换过去。",
    reference="RFC 8301 §3.2",
)
OVER_4096 = rule(
    "dkim-rsa-over-4096",
    Severity.WARNING,
    en="The RSA key at {name} has {bits} bits; receivers need not verify more than 4096.",
    zh="{name} 处的 RSA 密钥有 {bits} 位；收件方不必支持 4096 位以上。",
    hint_en="Make a key of 2048 bits.",
    hint_zh="请生成 2048 位密钥。",
    reference="RFC 8301 §3.2",
)
NOT_SPKI = rule(
    "dkim-rsa-bare",
    Severity.WARNING,
    en="p= at {name} is a bare RSA key; many receivers read only the SubjectPublicKeyInfo form.",
    zh="{name} 处的 p= 是裸 RSA 公钥；许多收件方只认 SubjectPublicKeyInfo 格式。",
    hint_en="Export the key with “BEGIN PUBLIC KEY”, not “BEGIN RSA PUBLIC KEY”.",
    hint_zh="请以“BEGIN PUBLIC KEY”而不是“BEGIN RSA PUBLIC KEY”格式导出。",
    reference="RFC 6376 §3.6.1",
)
TESTING = rule(
    "dkim-test-mode",
    Severity.WARNING,
    en="The key at {name} says t=y (testing): receivers may treat signed mail as unsigned{policy}.",
    zh="{name} 处的密钥带有 t=y（测试）：收件方可能把已签名的邮件当作未签名{policy}。",
    hint_en="Remove t=y when signing works, and before DMARC asks for quarantine or reject.",
    hint_zh="签名正常后、DMARC 收紧为 quarantine 或 reject 之前，请去掉 t=y。",
    reference="RFC 6376 §3.6.1",
)
REVOKED = rule(
    "dkim-key-revoked",
    Severity.WARNING,
    en="The key at {name} is revoked (p= is empty): whatever is signed with it fails.",
    zh="{name} 处的密钥已吊销（p= 为空）：用它签名的邮件全部验证失败。",
    hint_en="Sign with another selector, or put the public key back.",
    hint_zh="请改用其他选择器签名，或恢复公钥。",
    reference="RFC 6376 §3.6.1",
)
SHA1 = rule(
    "dkim-hash-sha1-only",
    Severity.ERROR,
    en="h={value} at {name} allows no sha256, the only hash that receivers still accept.",
    zh="{name} 处的 h={value} 不允许 sha256，而收件方如今只接受 sha256。",
    hint_en="Write h=sha256, or remove h.",
    hint_zh="请写 h=sha256，或去掉 h。",
    reference="RFC 8301 §3.1",
)
SERVICE = rule(
    "dkim-service-not-email",
    Severity.ERROR,
    en="s={value} at {name} says that the key is not for mail: receivers ignore it.",
    zh="{name} 处的 s={value} 表示该密钥不用于邮件：收件方会忽略。",
    hint_en="Write s=email, or remove s.",
    hint_zh="请写 s=email，或去掉 s。",
    reference="RFC 6376 §3.6.1",
)
KEY_TYPE = rule(
    "dkim-key-type-unknown",
    Severity.ERROR,
    en="k={value} at {name} is not a key type that receivers know.",
    zh="{name} 处的 k={value} 不是收件方认识的密钥类型。",
    hint_en="Write k=rsa or k=ed25519.",
    hint_zh="请写 k=rsa 或 k=ed25519。",
    reference="RFC 6376 §3.6.1, RFC 8463 §4",
)
GRANULARITY = rule(
    "dkim-granularity-removed",
    Severity.WARNING,
    en="g={value} at {name} is of the old RFC 4871: receivers ignore it, old ones fail on an empty one.",
    zh="{name} 处的 g={value} 属于旧的 RFC 4871：收件方会忽略，旧系统遇到空值会验证失败。",
    hint_en="Remove g.",
    hint_zh="请去掉 g。",
    reference="RFC 6376 Appendix C.2",
)
STRICT = rule(
    "dkim-strict-identity",
    Severity.INFO,
    en="t=s at {name}: the signer's identity (i=) has to be at the very domain, not below it.",
    zh="{name} 处的 t=s：签名者标识（i=）必须就是该域名本身，不能是子域名。",
    hint_en="Keep it where mail is signed for this domain only; else remove s from t.",
    hint_zh="仅为该域名签名时可保留；否则请从 t 中去掉 s。",
    reference="RFC 6376 §3.6.1",
)
