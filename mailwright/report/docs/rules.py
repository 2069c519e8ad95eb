"""``docs/rules.md``: every rule that a finding may carry, each with a bad and a good example.

``python -m mailwright.report.docs.rules`` writes the pages of both languages.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mailwright.model.rules import RULES, Rule
from mailwright.model.text import Lang, Text
from mailwright.report.docs.examples import examples as read
from mailwright.report.docs.examples import reasons

_TITLE = Text("Rules", "规则")
_HEAD = Text(
    "Every finding carries one of these ids. An error stops a plan, a warning stops `check --strict`,\n"
    "a note stops nothing. A spec silences a warning or a note with a reason:\n"
    "`silence: [{{rule: ID, why: …}}]`; an error cannot be silenced.\n"
    "Examples from a spec leave out the lines that every spec has.\n"
    "This page is made from the code; `tests/rules/` tries every example.",
    "每条提示都带有以下某个 id。error 会阻止规划，warning 会使 `check --strict` 失败，note 不阻止任何事。\n"
    "规格可以写明理由来屏蔽 warning 或 note：`silence: [{{rule: ID, why: …}}]`；error 不能屏蔽。\n"
    "规格示例省略了每份规格都有的几行。\n"
    "本页由代码生成；`tests/rules/` 会试验每个示例。",
)
_NONE = Text("No example: ", "无示例：")
_OTHER = Text("[中文](rules.zh-CN.md)", "[English](rules.md)")
_SEVERITY = {
    "error": Text("error", "错误"),
    "warning": Text("warning", "警告"),
    "info": Text("note", "提示"),
}
#: Rooms whose modules declare rules; what talks to the world is not needed for them.
_ROOMS = (
    "standards",
    "spec",
    "plan",
    "deploy.claims",
    "deploy.given.beside",
    "deploy.run.members",
    "verify",
    "operations.world.drift",
    "operations.world.mail_drift",
    "operations.world.standing_in",
    "operations.world.old_zone",
    "operations.world.hosted_drift",
    "operations.world.routing_drift",
    "operations.world.expecting",
    "operations.world.verification",
)


def all_rules() -> Mapping[str, Rule]:
    """Every rule of the project, by id: their modules are imported first."""
    for room in _ROOMS:
        root = importlib.import_module(f"mailwright.{room}")
        for package in pkgutil.walk_packages(getattr(root, "__path__", ()), f"{root.__name__}."):
            importlib.import_module(package.name)
    return RULES


def page(examples: Mapping[str, Any], lang: Lang) -> str:
    """The page in one language. ``examples`` is the content of ``docs/rules-examples.yaml``."""
    shown, without = read(examples, shorten=True), reasons(examples)
    lines = [f"# {_TITLE(lang)}", "", _OTHER(lang), "", _HEAD(lang), ""]
    for id, rule in sorted(all_rules().items()):
        lines += [f"## {id}", "", " · ".join(_facts(rule, lang)), "", _code(rule.message, lang), ""]
        if rule.hint.en:
            lines += [f"→ {_code(rule.hint, lang)}", ""]
        if id in shown:
            lines += shown[id].lines(lang)
        elif id in without:
            lines += [f"*{_NONE(lang)}{without[id](lang)}*", ""]
    return "\n".join(lines).rstrip() + "\n"


def entry(id: str, lang: Lang) -> str:
    """One rule as text. Raises KeyError where there is none; its message names the nearest."""
    rules = all_rules()
    if id not in rules:
        close = difflib.get_close_matches(id, rules, 3, 0.4)
        raise KeyError(", ".join(close) or "docs/rules.md")
    rule = rules[id]
    lines = [f"{id} · {' · '.join(_facts(rule, lang)).replace('**', '')}", _code(rule.message, lang)]
    return "\n".join([*lines, f"→ {_code(rule.hint, lang)}"] if rule.hint.en else lines)


def _facts(rule: Rule, lang: Lang) -> Iterator[str]:
    yield f"**{_SEVERITY[str(rule.severity)](lang)}**"
    if rule.reference:
        yield rule.reference


def _code(template: Text, lang: Lang) -> str:
    """A message as people see it, its parameters in angle brackets."""
    text = (template.zh if lang == "zh" else template.en).replace("{{", "\0").replace("}}", "\1")
    return text.replace("{", "‹").replace("}", "›").replace("\0", "{").replace("\1", "}")


def write(folder: Path) -> None:
    """Write both pages below ``folder``, the project's docs."""
    import yaml

    body = yaml.safe_load((folder / "rules-examples.yaml").read_text(encoding="utf-8"))
    (folder / "rules.md").write_text(page(body, "en"), encoding="utf-8")
    (folder / "rules.zh-CN.md").write_text(page(body, "zh"), encoding="utf-8")


if __name__ == "__main__":
    write(Path("docs"))
