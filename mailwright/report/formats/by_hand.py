"""What somebody has to do at a console, in its own words: only what differs from what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mailwright.catalog import console_words
from mailwright.model.names import bare, relative
from mailwright.model.text import Lang, Text
from mailwright.plan.transition.sheet import Action, Entry, Sheet
from mailwright.report.escaping import visible

_HEAD = Text("{domain} is entered by hand at {console}", "{domain} 需在 {console} 手工录入")
_IN_ZONE = Text("{head}; names are relative to the zone {zone}.", "{head}；主机记录相对于区域 {zone}。")
FULL_NAMES = Text(
    "{head}. Nobody could say in which zone it lies, so names are written in full: a console wants them "
    "without "
    "the zone's own name. Say it in the spec: dns_hosts: [{{service: manual, zone: …}}]",
    "{head}。无法确定它属于哪个区域，因此以下是完整域名：在控制台填写时请去掉区域名部分。"
    "请在规格中写明：dns_hosts: [{{service: manual, zone: …}}]",
)
_PROPOSED = Text(
    "The zone was found by the delegation. To fix it, write it into the spec: zone: {zone}",
    "该区域由 NS 委派得出。如需固定，请写入规格：zone: {zone}",
)
_ORDER = Text(
    "Work through it from top to bottom, and leave every other record as it is.",
    "请自上而下逐条操作，其余记录保持不变。",
)
_NOTHING = Text("{domain}: nothing has to be entered by hand.", "{domain}：没有需要手工录入的内容。")
_BLIND = Text(
    "Its nameservers cannot all be queried, so nobody knows what is there: nothing is judged, and nothing "
    "may be deleted. In the end these records have to be there, with one SPF record only (v=spf1 …).",
    "无法查询其 DNS 服务器，因此不知道现有记录：不作任何判断，也不能删除任何记录。"
    "最终应有以下记录；SPF（v=spf1 …）只能有一条。",
)
_DOUBT = Text("Not sure yet: {doubt}", "尚不确定：{doubt}")
_WAIT = Text(
    "Wait, and enter nothing a second time. If it lasts an hour, look at the nameserver that differs.",
    "请等待，不要重复录入。若一小时后仍如此，请检查不一致的 DNS 服务器。",
)
_DOES = {
    Action.ADD: Text("Add", "添加"),
    Action.CHANGE: Text(
        "Change: edit the record in place, never delete it first", "修改：直接编辑该记录，切勿先删除"
    ),
    Action.SWAP: Text(
        "Replace: delete the {type} record, then add the other at once",
        "替换：删除 {type} 记录，随即添加另一条",
    ),
    Action.DELETE: Text("Delete", "删除"),
    Action.THERE: Text("Has to be there", "应有此记录"),
}
_OLD = Text("{word}, now", "现有{word}")
_NEW = Text("{word}, new", "新{word}")
_LATER = Text(
    "Leave for now: {record}. It may go from {day} on; `mailwright up` says so then.",
    "暂时保留：{record}。{day} 起可以删除，届时 `mailwright up` 会提示。",
)
_KEEP = Text(
    "Leave for now: {record}. `mailwright up` says when it may go, once its successor is seen.",
    "暂时保留：{record}。查到替代它的新记录后，`mailwright up` 会提示何时可以删除。",
)
_TERM = Text("{value} in the SPF record of {name}", "{name} 的 SPF 记录中的 {value}")
_RECORD = Text("{name} {type} {value}", "{name} {type} {value}")


def text(sheet: Sheet, lang: Lang) -> str:
    """One block an entry, each field on a line of its own, easy to copy."""
    blocks = [*top(sheet, lang)]
    for number, sheet_entry in enumerate(numbered(sheet), 1):
        head, fields = entry(sheet, sheet_entry, lang)
        lines = (f"    {word}: {visible(value)}" for word, value in fields)
        blocks.append("\n".join([f"[ ] {number}. {head}", *lines]))
    stays = list(staying(sheet, lang))
    blocks += ["\n".join(stays)] if stays else []
    return "\n\n".join(blocks) + "\n"


def numbered(sheet: Sheet) -> list[Entry]:
    """The entries that somebody works through, in their order."""
    return [sheet_entry for sheet_entry in sheet.entries if sheet_entry.action in _DOES]


def top(sheet: Sheet, lang: Lang) -> Iterator[str]:
    """What stands above the entries, a paragraph each."""
    if not sheet.entries and not sheet.doubts:
        yield _NOTHING.using(domain=sheet.domain)(lang)
        return
    console = console_words(sheet.console)["names"][lang]
    head = _HEAD.using(domain=sheet.domain, console=console)
    yield (_IN_ZONE if sheet.zone else FULL_NAMES).using(head=head, zone=sheet.zone)(lang)
    doubts = [_DOUBT.using(doubt=visible(doubt))(lang) for doubt in sheet.doubts]
    if doubts:
        yield "\n".join([*doubts, (_BLIND if sheet.silent else _WAIT)(lang)])
    if sheet.proposed and sheet.zone and sheet.zone != sheet.domain:
        yield _PROPOSED.using(zone=sheet.zone)(lang)
    if sheet.now:
        yield _ORDER(lang)


def entry(sheet: Sheet, sheet_entry: Entry, lang: Lang) -> tuple[str, Sequence[tuple[str, str]]]:
    """What to do, and the fields in the console's words, each with what to put there."""
    words = console_words(sheet.console)["words"]
    head = _DOES[sheet_entry.action].using(type=sheet_entry.old_type)(lang)
    rows = [(words["name"][lang], owner(sheet, sheet_entry.name)), (words["type"][lang], sheet_entry.type)]
    if words["line"]:
        word, _, value = words["line"][lang].replace("：", ":").partition(":")
        rows.append((word, value.strip()))
    rows += _values(sheet_entry, words, lang)
    if sheet_entry.ttl:
        rows.append((words["ttl"][lang], str(sheet_entry.ttl)))
    return head, rows


def _values(sheet_entry: Entry, words: Mapping[str, Any], lang: Lang) -> Iterator[tuple[str, str]]:
    """Old and new, where there are two; a console asks for an exchanger's priority in its own field."""
    new, old = _fields(sheet_entry.type, sheet_entry.value), _fields(sheet_entry.old_type, sheet_entry.old)
    for name in ("value", "priority"):
        word = words[name][lang]
        if old[name] and old[name] != new[name]:
            yield _OLD.using(word=word)(lang), old[name]
            yield _NEW.using(word=word)(lang), new[name]
        elif new[name]:
            yield word, new[name]


def _fields(type: str, value: str) -> dict[str, str]:
    if type == "MX":
        priority, _, host = value.partition(" ")
        return {"value": bare(host), "priority": priority}
    return {"value": bare(value) if type == "CNAME" else value, "priority": ""}


def owner(sheet: Sheet, name: str) -> str:
    """A name as it is entered: relative to the zone, in full while nobody knows that."""
    return relative(name, sheet.zone) if sheet.zone else bare(name)


def staying(sheet: Sheet, lang: Lang) -> Iterator[str]:
    """What is not to be touched yet."""
    for sheet_entry in sheet.entries:
        if sheet_entry.action in (Action.LATER, Action.KEEP):
            name = owner(sheet, sheet_entry.name)
            value = visible(
                " ".join(filter(None, reversed(_fields(sheet_entry.type, sheet_entry.value).values())))
            )
            record = (_TERM if sheet_entry.term else _RECORD).using(
                name=name, type=sheet_entry.type, value=value
            )
            yield (_LATER if sheet_entry.action is Action.LATER else _KEEP).using(
                record=record, day=sheet_entry.day
            )(lang)
