"""What a leaver's mailbox asks for, step by step, each with its day: from sign-out to deletion.

Mail is redirected before anybody is locked out, and deletion comes last: no host brings a mailbox back for as
long as customers go on writing to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from mailwright.catalog.behaviour import Behaviour, questions
from mailwright.model.days import later
from mailwright.model.hosted import Due
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text
from mailwright.spec.mailboxes import Person
from mailwright.spec.model import MailSpec

#: How long before it a day is told.
AHEAD = 30  # days

SIGN_OUT = Text(
    "Sign `{of}` out everywhere, change the password, delete app passwords and client passwords",
    "让 `{of}` 在所有设备上退出登录，修改密码，删除应用专用密码与客户端专用密码",
)
LOOK = Text(
    "Look for forwards, rules, delegates and granted applications in `{of}` and take away what leads "
    "outside; remove it from every group",
    "检查 `{of}` 中的转发、规则、委托和已授权应用，去掉通往外部的那些；并将其移出所有群组",
)
REDIRECT = Text(
    "Redirect mail to `{of}` to {to}: {way}. Send a mail from outside and see it arrive before you go on",
    "把 `{of}` 的来信转给 {to}：{way}。先从外部发一封邮件，确认送达后再继续",
)
OLD_MAIL = Text(
    "Old mail of `{of}`: whether {to} may read it is a decision of its own; if so, hand it over now",
    "`{of}` 的历史邮件：是否允许 {to} 查看需单独确认；同意后再移交",
)
#: A mailbox that somebody else reads is handed over whole.
OLD_MAIL_OPENS = Text(
    "The next step lets {to} read the old mail of `{of}` too: that is a decision of its own. If it is not "
    "agreed on, move the old mail out first",
    "下一步会让 {to} 同时看到 `{of}` 的历史邮件：是否允许需单独确认；若不允许，请先移走历史邮件",
)
#: What is released is gone for good: whoever hands old mail over afterwards finds none.
OLD_MAIL_FIRST = Text(
    "Old mail of `{of}`: whether {to} may read it is a decision of its own. Decide, and hand it over or save "
    "it, before the next step: a release cannot be undone",
    "`{of}` 的历史邮件：是否允许 {to} 查看需单独确认。请在下一步之前确认并移交或另存：释放后无法撤销",
)
LOCK = Text(
    "Only now lock `{of}`: {what}. Send a mail from outside again: it must reach {to}",
    "到这一步才停用 `{of}`：{what}。再从外部发一封邮件，须送达 {to}",
)
KEEP_OPEN = Text(
    "Do not suspend `{of}`: here a suspended mailbox takes no mail. Its owner is locked out by the new "
    "password, which stays with the administrator",
    "不要停用 `{of}`：在此服务中停用后将不再收信。原使用人因密码已改而无法登录，新密码由管理员保管",
)
#: No way is known: what is certain is that an open mailbox takes mail.
KEEP_UNTIL_TRIED = Text(
    "Do not suspend, rename or delete `{of}`: no document says how its mail goes on to {to}. Until a mail "
    "from outside was seen there, somebody with the new password reads the mailbox each working day",
    "不要停用、改名或删除 `{of}`：没有文档说明其来信如何继续送达 {to}。在从外部试发并确认送达之前，"
    "请由持有新密码的人每个工作日查看该邮箱",
)
#: All four are written, because each of them is a default somewhere and two of them end mail.
DISABLING = Text(
    "blockIncoming false, removeMailforward false, removeGroupMembership true, removeAlias false",
    "blockIncoming 为 false，removeMailforward 为 false，removeGroupMembership 为 true，removeAlias 为 false",
)
LICENCE = Text(
    "Keep the licence of `{of}` until the address is closed: what its removal does at once is not documented",
    "在关闭地址之前保留 `{of}` 的许可：取消许可后的即时影响没有文档说明",
)
DECIDE = Text(
    "The handover of `{of}` was agreed until {until}: write a later until:, or closed:",
    "`{of}` 的交接约定至 {until}：请把 until: 延后，或写 closed:",
)
CLOSE = Text(
    "Close `{of}`: look once more who still writes, take the redirection away, then let the host refuse mail",
    "关闭 `{of}`：最后确认还有谁来信，取消转交，然后让服务拒收",
)
DELETE = Text(
    "Delete the mailbox `{of}` at the earliest now{undo}",
    "此时才可删除邮箱 `{of}`{undo}",
)
_UNDO = Text("; it comes back for {days} days", "；{days} 天内可恢复")
_FOR_GOOD = Text("; for how long it could come back no document says", "；可恢复多久没有文档说明")


def steps(spec: MailSpec, mailboxes: Mailboxes, host: Behaviour) -> Iterator[Due]:
    """Every step of everybody who left or is about to, in its order."""
    for person in spec.mailboxes.people:
        if person.left and person.left <= later(mailboxes.as_of, AHEAD):
            yield from _of(spec, mailboxes, person, host)


def _of(spec: MailSpec, mailboxes: Mailboxes, person: Person, host: Behaviour) -> Iterator[Due]:
    address = f"{person.key}@{spec.domain}"
    route = mailboxes.route(address)
    to = route.to if route else (person.successor,) if person.successor else ()
    shown = ", ".join(f"`{address}`" for address in to) or "–"
    way = host.says("leaver")

    def due(step: str, day: dt.date | None, text: Text, **more: object) -> Due:
        return Due(address, step, day, to, text.using(of=address, to=shown, **more), person.position)

    yield due("sign-out", person.left, SIGN_OUT)
    yield due("look", person.left, LOOK)
    if to:
        before = {"public": OLD_MAIL_OPENS, "release": OLD_MAIL_FIRST}
        if way in before:
            yield due("old-mail", person.left, before[way])
        if way:
            yield due("redirect", person.left, REDIRECT, way=questions()["leaver"].answers[way])
        if way not in before:
            yield due("old-mail", person.left, OLD_MAIL)
        if way == "disable":
            yield due("lock", person.left, LOCK, what=_locking(host, DISABLING))
        elif way == "routing" or (way and host.says("suspended") == "receives"):
            yield due("lock", person.left, LOCK, what=_locking(host))
        elif way != "release":  # a released mailbox has no address any more
            yield due("keep-open", person.left, KEEP_OPEN if way else KEEP_UNTIL_TRIED)
        if way != "release":
            yield due("licence", None, LICENCE)
    if person.handover_until and not person.closed:
        day = later(person.handover_until, 1)
        yield due("decide", day, DECIDE, until=person.handover_until)
    if person.closed:
        yield due("close", person.closed, CLOSE)
        undo = _UNDO.using(days=host.undo_days) if host.undo_days else _FOR_GOOD
        yield due("delete", person.closed, DELETE, undo=undo)


def _locking(host: Behaviour, more: Text | None = None) -> Text:
    word = host.words.get("suspend")
    if word is None:
        return Text("suspend it", "停用")
    text = Text("{word} ({path})", "{word}（{path}）", {"word": word.word, "path": word.path})
    return Text("{said}; {more}", "{said}；{more}", {"said": text, "more": more}) if more else text
