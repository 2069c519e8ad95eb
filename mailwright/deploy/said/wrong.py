"""What is wrong with a resource's properties, and with an id that names one, in words."""

from __future__ import annotations

from mailwright.model.text import Text

STRING_NEEDED = Text("must be given, as a string", "必须填写，且为字符串")
STRING = Text("must be a string", "必须是字符串")
NO_PROPERTY = Text("is not a property of {resource}", "不是 {resource} 的属性")
ONE_OF = Text("must be one of {known}", "必须是以下之一：{known}")
NUMBER = Text("must be a number from {least} to {most}", "必须是 {least} 到 {most} 之间的整数")
DATE = Text("must be a date such as 2026-12-24", "必须是日期，例如 2026-12-24")
# -- records
IN_ZONE = Text("must be the zone {zone} or a name below it", "必须是区域 {zone} 或其下的名称")
NOT_IN_ZONE = Text("is not in the zone {zone}", "不在区域 {zone} 内")
RECORDS = Text('must be a map: "NAME TYPE" to {{ttl, values}}', "必须是映射：“NAME TYPE”对应 {{ttl, values}}")
RECORD_KEY = Text(
    "its key must be NAME TYPE, the type one of {types}", "键必须是 NAME TYPE，类型为以下之一：{types}"
)
RECORD = Text("must be {{ttl, values}}", "必须是 {{ttl, values}}")
TTL = Text("must be seconds from {least} to {most}", "必须是 {least} 到 {most} 之间的秒数")
VALUES = Text("must be a list of strings, at least one", "必须是至少含一项的字符串列表")
TAKES = Text("{service} takes {limit}", "{service} 的限制：{limit}")
# -- mailboxes
NOWHERE = Text(
    "must be given, or server: without either there is nothing to set up",
    "必须填写，或填写 server：两者都没有就无从配置",
)
ABSOLUTE = Text("must be an absolute path", "必须是绝对路径")
MASTER = Text(
    "must be given with server: who may open every mailbox there",
    "填写了 server 就必须填写：可以打开其中所有邮箱的用户",
)
MAPS = Text('must be a map: "TABLE ADDRESS" to a value', "必须是映射：“TABLE ADDRESS”对应一个值")
FOREIGN_KEY = Text(
    "its key must be a domain other than {domain}, .DOMAIN for those below it, or one address of {domain}",
    "键必须是 {domain} 以外的域名、表示其下所有名称的 .DOMAIN，或 {domain} 的单个地址",
)
LINE = Text("must be printable ASCII on one line", "必须是一行可打印的 ASCII 字符")
TABLE_KEY = Text(
    "its key must be TABLE ADDRESS@{domain}, the table one of {tables}",
    "键必须是 TABLE ADDRESS@{domain}，表为以下之一：{tables}",
)
SCRIPTS = Text("must be a map: mailbox to script", "必须是映射：邮箱对应脚本")
SCRIPT = Text("must be a mailbox's address and its script", "必须是邮箱地址及其脚本")
SCRIPT_SIZE = Text("is larger than the {most} bytes that a server takes", "超过了服务器可接受的 {most} 字节")
# -- what the engine asks for
NO_TYPE = Text("there is no type of resource {type}", "没有资源类型 {type}")
NO_FUNCTION = Text("there is no function {token}", "没有函数 {token}")
NO_SPEC = Text(
    "no spec at {places}: `pulumi config set mailwright:specs FILE,FILE`, or `mailwright init`",
    "{places} 处没有规格文件：请运行 `pulumi config set mailwright:specs FILE,FILE` 或 `mailwright init`",
)
NO_LIST = Text(
    "mailwright:specs cannot be read as a list: write FILE,FILE",
    "mailwright:specs 无法读作列表：请写 FILE,FILE",
)
DNS_ID = Text(
    "{id!r} cannot be read: an id is DOMAIN@ZONE@SERVER:PORT?key=TSIG-KEY-NAME, or "
    "DOMAIN@ZONE@SERVICE://?OPTION=VALUE",
    "无法读取 {id!r}：id 的写法是 DOMAIN@ZONE@SERVER:PORT?key=TSIG-KEY-NAME，或 DOMAIN@ZONE@SERVICE://?OPTION=VALUE",
)
MAIL_ID = Text(
    "{id!r} cannot be read: an id is DOMAIN?folder=/FOLDER&server=SERVER&user=MASTER-USER",
    "无法读取 {id!r}：id 的写法是 DOMAIN?folder=/FOLDER&server=SERVER&user=MASTER-USER",
)
HOSTED_ID = Text(
    "{id!r} cannot be read: an id is DOMAIN?service=SERVICE&admin=ADMINISTRATOR",
    "无法读取 {id!r}：id 的写法是 DOMAIN?service=SERVICE&admin=ADMINISTRATOR",
)
UNREADABLE = Text("{name}={path} cannot be read: {reason}", "无法读取 {name}={path}：{reason}")
