"""``docs/spec.md``: every key of a spec, its meaning and default, an example, and the records that it makes.

``python -m mailwright.report.docs.spec_page`` writes the pages of both languages. Meanings and defaults are
the schema's, examples are those of ``docs/spec-examples``, and what they make is planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from mailwright.catalog import load_services
from mailwright.model.text import Lang, Text
from mailwright.report.docs.spec_examples import Change, Example, examples, short
from mailwright.report.docs.spec_keys import Key, keys
from mailwright.spec.shape import schema

_TITLE = Text("The spec, key by key", "规格中的每个键")
_OTHER = Text("[中文](spec.zh-CN.md)", "[English](spec.md)")
_HEAD = Text(
    "A spec is one YAML file for one company. Six keys are required, all others have defaults.\n"
    "In a path, `[]` stands for an item of a list and `*` for a name of your choice.\n\n"
    "An example leaves out the other lines of its spec. Below it is what it changes in the plan: `+` is\n"
    "published, `-` no longer. This page is generated from the schema, and every example on it is planned.",
    "一份规格是一个 YAML 文件，对应一家公司。必填的键有六个，其余都有默认值。\n"
    "路径中的 `[]` 表示列表中的一项，`*` 表示自定的名称。\n\n"
    "示例省略了规格中的其他行；示例下方是它给计划带来的变化：`+` 为发布，`-` 为不再发布。\n"
    "本页由 schema 生成，页中每个示例都经过实际规划。",
)
_WHOLE = Text("The whole file", "整份文件")
_HEADS = (Text("Key", "键"), Text("Meaning", "含义"), Text("Default", "默认值"), Text("Example", "示例"))
_REQUIRED = Text("required", "必填")
_SEE = Text("below", "见下文")
_VALUES = Text("One of: {values}.", "可取值：{values}。")
_SAME = Text("The records stay the same.", "记录不变。")
_OBJECTS = Text("Mailboxes and addresses:", "邮箱与地址：")
_SCRIPT = Text("Sieve script of {box}, on a mail server of your own:", "自建服务器上 {box} 的 Sieve 脚本：")
_NOW = Text("`check` says:", "`check` 提示：")
_GONE = Text("`check` no longer says:", "`check` 不再提示：")
_INPUTS = Text("Keys of services", "各服务的键")
_INPUTS_HEAD = Text(
    "Some services need a value that only their console shows. Write it beside `service:`, in `mail_host`\n"
    "or in the item of `senders`.",
    "有些服务需要只有后台才显示的值。该键写在 `mail_host` 或 `senders` 中对应服务的那一项里。",
)
_INPUT_HEADS = (
    Text("Service", "服务"),
    Text("Key", "键"),
    Text("Meaning", "含义"),
    Text("Where to find it", "获取方式"),
)
_LONGEST = 48  # characters of a value in a table


def page(folder: Path, lang: Lang) -> str:
    """The page in one language; ``folder`` holds the examples. Raises ValueError where one is refused."""
    known, shown = list(keys(schema())), examples(folder)
    lines = [f"# {_TITLE(lang)}", "", _OTHER(lang), "", _HEAD(lang), ""]
    for block, mine in groupby(known, lambda key: key.block):
        lines += [
            f"## `{block}`" if block else f"## {_WHOLE(lang)}",
            "",
            *_table(list(mine), shown, lang),
            "",
        ]
        for example in (shown_example for shown_example in shown if shown_example.block == block):
            lines += _example(example, lang)
    lines += [f"## {_INPUTS(lang)}", "", _INPUTS_HEAD(lang), "", *_inputs(lang)]
    return "\n".join(lines).rstrip() + "\n"


def _table(mine: Sequence[Key], shown: Sequence[Example], lang: Lang) -> Iterator[str]:
    yield from _rule(_HEADS, lang)
    for key in mine:
        meaning = key.meaning(lang)
        if key.allowed and not all(value in meaning for value in key.allowed):
            meaning += (
                f"{'。' if lang == 'zh' else '. '}{_VALUES.using(values=_listed(key.allowed, lang))(lang)}"
            )
        default = _REQUIRED(lang) if key.required else key.default(lang) if key.default else "–"
        yield _row(f"`{key.name}`", meaning, default, _value(key, shown, lang))


def _listed(values: Sequence[str], lang: Lang) -> str:
    return ("、" if lang == "zh" else ", ").join(f"`{value}`" for value in values)


def _value(key: Key, shown: Sequence[Example], lang: Lang) -> str:
    if key.inner:
        return f"[{_SEE(lang)}](#{_anchor(key.inner)})"
    value = example_of(key, shown)
    return f"`{value if len(value) <= _LONGEST else value[: _LONGEST - 1] + '…'}`"


def example_of(key: Key, shown: Sequence[Example]) -> str:
    """A value of the key, of its own block's examples if it is there. Raises LookupError without any."""
    first = sorted(shown, key=lambda example: example.block != key.block)
    value = next((value for example in first for value in example.values(key.path)), None)
    if value is None:
        raise LookupError(f"{key.path}: no example in docs/spec-examples/examples.yaml has this key")
    return _flow(value)


def _flow(value: Any) -> str:
    """A value on one line, as a spec has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(child)}" for name, child in value.items()) + "}"
    return f"[{', '.join(map(_flow, value))}]" if isinstance(value, list) else str(value)


def _anchor(path: str) -> str:
    return "".join(char for char in path.lower() if char.isalnum() or char in "_-")


def _example(example: Example, lang: Lang) -> Iterator[str]:
    yield from _fenced("yaml", [short(example.shown.rstrip())])
    change = example.change()
    records, objects = change.records(lang), change.objects(lang)
    if records:
        yield from _fenced("diff", records)
    if objects:
        yield from (_OBJECTS(lang), "", *_fenced("diff", objects))
    scripts = change.scripts()
    for box, text in scripts.items():
        yield from (_SCRIPT.using(box=box)(lang), "", *_fenced("sieve", [text.rstrip()]))
    if not records and not objects and not scripts:
        yield from (_SAME(lang), "")
    yield from _findings(change, lang)


def _findings(change: Change, lang: Lang) -> Iterator[str]:
    name = "rules.zh-CN.md" if lang == "zh" else "rules.md"
    gone, now = change.findings()
    lasting = {finding.rule for finding in gone} & {
        finding.rule for finding in now
    }  # said of something else now
    for words, findings in ((_GONE, gone), (_NOW, now)):
        several = [finding for finding in findings if finding.rule not in lasting]
        if several:
            yield from (words(lang), "")
            yield from (
                f"* [{finding.rule}]({name}#{finding.rule}): {_plain(finding.message(lang))}"
                for finding in several
            )
            yield ""


def _plain(message: str) -> str:
    return message.replace("<", "&lt;").replace("*", "\\*")


def _fenced(language: str, lines: Sequence[str]) -> Iterator[str]:
    yield from (f"```{language}", *lines, "```", "")


def _inputs(lang: Lang) -> Iterator[str]:
    yield from _rule(_INPUT_HEADS, lang)
    for service in load_services().values():
        input_fields = {input_field.name: input_field for input_field in service.all_inputs}
        for service_input in input_fields.values():
            yield _row(
                service.names(lang),
                f"`{service_input.name}`",
                service_input.label(lang),
                service_input.where(lang),
            )


def _rule(heads: Sequence[Text], lang: Lang) -> Iterator[str]:
    yield _row(*(head(lang) for head in heads))
    yield _row(*("---" for _ in heads))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def write(docs: Path) -> None:
    """Write both pages below ``docs``."""
    for name, lang in NAMES:
        (docs / name).write_text(page(docs / "spec-examples", lang), encoding="utf-8")


NAMES: tuple[tuple[str, Lang], ...] = (("spec.md", "en"), ("spec.zh-CN.md", "zh"))


if __name__ == "__main__":
    write(Path("docs"))
