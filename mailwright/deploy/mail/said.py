"""What goes wrong at a mail host of one's own, in the reader's language."""

from __future__ import annotations

from mailwright.model.text import Text

NO_PASSWORD = Text(
    "no password for {login}: set {variable}, or `pulumi config set --secret mailwright:sievePassword`",
    "缺少 {login} 的密码：请设置 {variable}，或运行 `pulumi config set --secret mailwright:sievePassword`",
)
LOGIN_REFUSED = Text(
    "{login} refuses the login ({word}): check the master user and {variable}",
    "{login} 拒绝登录（{word}）：请检查 master user 和 {variable}",
)
CANNOT_OPEN = Text(
    "{login} denies access to: {mailboxes}. Create these mailboxes on the server first, or check the master "
    "user and {variable}.",
    "{login} 不允许打开：{mailboxes}。请先在服务器上建立这些邮箱，或检查 master user 和 {variable}。",
)
FOLDER_LOST = Text(
    "{folder} is not there, and tables were written into it before. Nothing was done: mount it, or create "
    "an empty folder to start again.",
    "{folder} 不存在，而之前曾在其中写入过表。未写入任何内容：请先挂载；若要从头开始，请建立一个空文件夹。",
)
MOVED = Text(
    "{domain}: changed by somebody else since it was looked at: {places}. Nothing was written; look again "
    "(`refresh`), then decide.",
    "{domain}：查看之后又被他人修改：{places}。未写入任何内容；请重新查看（`refresh`）再决定。",
)
NOT_AS_PLANNED = Text(
    "{folder}: written, and yet not as planned: {places}", "{folder}：已写入，但与计划不符：{places}"
)
