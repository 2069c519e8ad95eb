"""Why an evaluation or a budget ends in none, permerror or temperror, in both languages."""

from mailwright.model.text import Text

TOO_MANY = Text("more than {most} DNS look-ups, reached at {term}", "DNS 查询超过 {most} 次（到 {term} 时）")
TOO_VOID = Text(
    "more than {most} look-ups without an answer, reached at {term}",
    "超过 {most} 次查询没有结果（到 {term} 时）",
)
TOO_MANY_MX = Text("{name} has more than {most} MX records", "{name} 的 MX 超过 {most} 条")
NO_ANSWER = Text("no answer to {question}", "{question} 查询无应答")
SEVERAL = Text("{name} has {count} SPF records; one is allowed", "{name} 有 {count} 条 SPF 记录，只允许一条")
INVALID = Text("the SPF record of {name} is invalid: {reason}", "{name} 的 SPF 记录无效：{reason}")
NONE = Text("{name} has no SPF record", "{name} 没有 SPF 记录")
NO_DOMAIN = Text("{name} is not a domain name", "{name} 不是域名")
TARGET_NONE = Text("{term}: {name} has no SPF record", "{term}：{name} 没有 SPF 记录")
LOOP = Text("{name} leads back to itself", "{name} 又引用回自身")
CUT = Text("the tree is larger than can be read", "引用层次过多，无法全部读取")
UNKNOWN_COST = Text("what {term} costs depends on the message", "{term} 的开销取决于具体邮件")
UNMEASURED = Text("nobody has measured what {term} costs", "{term} 的开销尚未测量")
AT_LEAST = Text("at least {count}", "至少 {count}")
