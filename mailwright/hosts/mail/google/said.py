"""What goes wrong between us and Google's APIs, in both languages. Never with a secret in it."""

from __future__ import annotations

from mailwright.model.text import Text

NO_ACCOUNT = Text(
    "{variable} is not set: it names the JSON file of a service account, or holds its text",
    "未设置 {variable}：应为服务账号 JSON 文件的路径，或文件内容本身",
)
NO_FILE = Text(
    "{variable} names a file that cannot be read: {reason}", "{variable} 指向的文件无法读取：{reason}"
)
BAD_ACCOUNT = Text(
    "{variable} holds no service account: its JSON needs {needs}",
    "{variable} 不是服务账号：JSON 中需要 {needs}",
)
BAD_KEY = Text("{variable}: the private key in it cannot be read", "{variable}：其中的私钥无法读取")
NO_TOKEN = Text(
    "Google gives no access as {subject} with {scope}: {words}. In the Admin console, Security > API "
    "controls > Domain-wide delegation, the client {client} needs this scope",
    "Google 不允许以 {subject} 的身份使用 {scope}：{words}。请在管理控制台“安全 > API 控制 > 全网域授权”中"
    "为客户端 {client} 添加此权限范围",
)
NO_PERSON = Text("Google does not know {subject} (yet): {words}", "Google（尚）不认识 {subject}：{words}")
WRONG_KEY = Text(
    "Google does not take the key of {client}: {words}. Make a new key for the service account, and see that "
    "admin: names an administrator",
    "Google 不接受 {client} 的密钥：{words}。请为该服务账号重新创建密钥，并确认 admin: 写的是管理员",
)
NO_RIGHT = Text(
    "Google refuses {call} as {subject}: {words}. The scope is {scope}; {subject} needs the rights of an "
    "administrator for it",
    "Google 拒绝以 {subject} 的身份执行 {call}：{words}。"
    "权限范围为 {scope}；{subject} 须具备相应的管理员权限",
)
REFUSED = Text(
    "Google refuses {call} (HTTP {status}): {words}", "Google 拒绝 {call}（HTTP {status}）：{words}"
)
PAGES = Text(
    "Google told more than {most} pages of {call}: nothing is decided from a part",
    "Google 返回的 {call} 超过 {most} 页：不完整的内容不作为依据",
)
SUSPENDED = Text("{address} is suspended", "{address} 已停用")
TAKEN = Text(
    "{address} is taken at Google by something that its lists do not show: look for it in the Admin console",
    "{address} 在 Google 已被占用，但列表中没有显示：请在管理控制台中查找",
)
