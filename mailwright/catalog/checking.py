"""Whether a service's file is whole, in words that say what to write."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mailwright.catalog.marks import HOSTING
from mailwright.catalog.service import GIVEN
from mailwright.model.text import Text

SCHEMA = Path(__file__).with_name("service.schema.json")

_LACKS = Text("{id}: {place} lacks `{key}`{advice}", "{id}：{place} 缺少 `{key}`{advice}")
_UNKNOWN = Text(
    "{id}: {place} has `{key}`, which is not a known key", "{id}：{place} 中的 `{key}` 不是可用的键"
)
_SHAPE = Text("{id}: {place}: {reason}", "{id}：{place}：{reason}")
_NO_SOURCE = Text(
    "{id}: {place} names the source `{key}`, which is not among `sources`",
    "{id}：{place} 引用的来源 `{key}` 不在 `sources` 中",
)
_NO_COST = Text(
    "{id}: `spf_costs` lacks {key}: measure it with `mailwright catalog compare --dns`, or mark it as "
    "unknown",
    "{id}：`spf_costs` 缺少 {key}：请用 `mailwright catalog compare --dns` 测量，或标为 unknown",
)
_NOT_ASKED = Text(
    "{id}: {place} uses {{{key}}}, and no input of that name is asked for",
    "{id}：{place} 用到了 {{{key}}}，但没有询问同名的输入",
)
_HOSTING = Text(
    "{id}: the mark {key} is everybody's who rents a machine there; name the mail hosts themselves",
    "{id}：特征 {key} 下是任何租用服务器的客户，请写出邮件主机本身的名称",
)
_GUESSED = Text(
    "{id}: {place} has confidence W and would be written: what one source has seen is an "
    "input with a `guess`",
    "{id}：{place} 的可信度为 W，却会被写入：仅一个来源见过的值应作为输入询问，并写在 `guess` 中",
)
_CLAIMED = Text(
    "{id}: {place} has confidence W and says that the service does it by itself: say checklist or unknown",
    "{id}：{place} 的可信度为 W，却称服务可自行完成：请写 checklist 或 unknown",
)
_NOT_IN_DNS = Text(
    "{id}: {place} rests on a capture of DNS, which shows nothing of it: name where it can be read",
    "{id}：{place} 以 DNS 采集为依据，但 DNS 中看不出它：请写明可以查到的出处",
)
_PLACE_FILE = Text("the file", "文件")
_NOTHING = Text("", "")
#: What is to be written where a key is missing.
_ADVICE = {
    "capabilities": Text(
        " (what it can do with mailboxes: an answer to each feature; `unknown` is one)",
        "（邮箱功能：逐项给出答案，可写 `unknown`）",
    ),
    "spf_costs": Text(
        " (what each include costs, with the void look-ups; unknown where nobody measured it)",
        "（各 include 的查询次数与空查询数；未测量写 unknown）",
    ),
    "void": Text(" (look-ups of it that find nothing)", "（其中没有结果的查询次数）"),
    "checked": Text(" (the day the value was last seen at its source)", "（最近一次在来源处核对的日期）"),
    "source": Text(" (a key of `sources`)", "（`sources` 中的键）"),
    "sources": Text(" (where the values can be opened)", "（可以打开核对的来源）"),
    "names": Text(" (en and zh)", "（en 与 zh）"),
    "kind": Text(" (mail_host, forwarding_host, sender, signature_relay or crm)", "（服务种类）"),
}
_ANSWER = Text(": say apply, api, checklist, no or unknown", "：请写 apply、api、checklist、no 或 unknown")


def problems(id: str, data: Mapping[str, Any]) -> tuple[Text, ...]:
    """Everything that the file lacks or has too much; empty where it is whole."""
    wrong = tuple(dict.fromkeys(_of_shape(id, data)))
    return wrong or (
        *_of_sources(id, data),
        *_of_costs(id, data),
        *_of_inputs(id, data),
        *_of_guesses(id, data),
        *_of_captures(id, data),
        *_of_marks(id, data),
    )


@functools.cache
def _validator() -> Any:
    import jsonschema

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def _of_shape(id: str, data: Mapping[str, Any]) -> Iterator[Text]:
    for error in _validator().iter_errors(data):
        path = "".join(f"[{e}]" if isinstance(e, int) else f".{e}" for e in error.absolute_path).lstrip(".")
        place: object = f"`{path}`" if path else _PLACE_FILE
        if error.validator == "required":
            for key in error.validator_value:
                if key not in error.instance:
                    advice = _ADVICE.get(key, _ANSWER if path == "capabilities.answers" else _NOTHING)
                    yield _LACKS.using(id=id, place=place, key=key, advice=advice)
        elif error.validator == "additionalProperties" and "properties" in error.schema:
            for key in error.instance:
                if key not in error.schema["properties"]:
                    yield _UNKNOWN.using(id=id, place=place, key=key)
        else:
            yield _SHAPE.using(id=id, place=place, reason=error.message[:200])


def _of_sources(id: str, data: Mapping[str, Any]) -> Iterator[Text]:
    known = data["sources"]
    for path, node in _nodes(data):
        named = node.get("source", ())
        for key in (named,) if isinstance(named, str) else named:
            if key not in known:
                yield _NO_SOURCE.using(id=id, place=f"`{path}`", key=key)


def _nodes(node: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        yield path, node
        for key, child in node.items():
            yield from _nodes(child, f"{path}.{key}".lstrip("."))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from _nodes(child, f"{path}[{number}]")


def _of_costs(id: str, data: Mapping[str, Any]) -> Iterator[Text]:
    for name in includes(data):
        if name not in data.get("spf_costs", {}):
            yield _NO_COST.using(id=id, key=name)


def includes(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The includes that a file writes or knows by their whole name."""
    terms = [term["term"] for site in data.get("sites", ()) for term in site.get("spf", ())]
    names = [
        term.removeprefix("include:") for term in terms if term.startswith("include:") and "{" not in term
    ]
    names += [m for m in data.get("recognise", {}).get("spf", ()) if "*" not in m and not m.startswith(".")]
    return tuple(dict.fromkeys(names))


def _of_inputs(id: str, data: Mapping[str, Any]) -> Iterator[Text]:
    general = {input_field["name"] for input_field in data.get("inputs", ())} | GIVEN
    for number, site in enumerate(data.get("sites", ())):
        asked = general | {input_field["name"] for input_field in site.get("inputs", ())}
        shared = {key: data[key] for key in ("dkim", "return_path") if key in data}
        for path, node in (*_nodes(site, f"sites[{number}]"), *_nodes(shared)):
            for key in ("host", "value", "target", "term"):
                for name in re.findall(r"{(\w+)}", str(node.get(key, ""))):
                    if name not in asked:
                        yield _NOT_ASKED.using(id=id, place=f"`{path}.{key}`", key=name)


def _of_guesses(id: str, data: Mapping[str, Any]) -> Iterator[Text]:
    """What one source has seen is asked for: of confidence W nothing but the inputs themselves is written."""
    for path, node in _nodes({key: section for key, section in data.items() if key != "spf_costs"}):
        if node.get("c") != "W":
            continue
        if "answers" in node:
            if {"api", "apply"} & set(node["answers"].values()):
                yield _CLAIMED.using(id=id, place=f"`{path}`")
            continue
        written = (node, *node.get("records", ()))
        if any(_written(value) for value in written) or "port" in node or "most" in node:
            yield _GUESSED.using(id=id, place=f"`{path}`")


def _written(node: Mapping[str, Any]) -> bool:
    """Whether a record's value, or an exchanger's name, says anything of its own."""
    text = str(node.get("value") or node.get("term") or node.get("target") or node.get("host") or "")
    return re.sub(r"{\w+}|^include:", "", text) != ""


def _of_captures(id: str, data: Mapping[str, Any]) -> Iterator[Text]:
    """Mailboxes, limits and servers for mail programs are nothing that a capture of DNS could show."""
    hidden = {key: data[key] for key in ("capabilities", "limits", "client") if key in data}
    for path, node in _nodes(hidden):
        named = node.get("source", ())
        keys = (named,) if isinstance(named, str) else named
        if keys and all(data["sources"].get(key, "").startswith("capture ") for key in keys):
            yield _NOT_IN_DNS.using(id=id, place=f"`{path}`")


def _of_marks(id: str, data: Mapping[str, Any]) -> Iterator[Text]:
    for kind in ("mx", "spf", "cname"):
        for mark in data.get("recognise", {}).get(kind, ()):
            if (mark.startswith(".") and mark[1:] in HOSTING) or (
                mark.startswith(("*.", "**.")) and mark.partition(".")[2] in HOSTING
            ):
                yield _HOSTING.using(id=id, key=mark)
