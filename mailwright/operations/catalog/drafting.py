"""Gathered facts → draft files of services.

What is confirmed is written, what one source has seen is asked for with that guess shown, what nobody has
confirmed is left out; everything left out is listed with its reason.

The facts are a YAML file, an entry a service, each value with ``c:`` D, R, W or M. A draft is for a person to
finish: its marks may be too wide, its sites need words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailwright.catalog.capability import features

KINDS = {
    "mailbox_host": "mail_host",
    "forwarding_host": "forwarding_host",
    "sender": "sender",
    "signature_relay": "signature_relay",
}
_FORWARDS = {"alias": "checklist", "forward": "checklist"}
_NEVER_FORWARDED = (
    "shared", "rule_subject", "rule_body", "rule_header", "rule_size", "rule_attachments", "tag", "notify",
    "auto_reply", "suspend", "quota",
)  # fmt: skip
_PASTED_MX = r"[0-9]{1,5} [a-z0-9-]+(\.[a-z0-9-]+)+\.?"
_NUMBER, _NAME, _LABELS = (
    "[0-9]{1,5}",
    r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+",
    r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*",
)
_RECEIVES = {"en": "mail comes in here", "zh": "来信由此接收"}
_SEEN = {
    "en": "{where}. One source has seen {shown}; it is not confirmed",
    "zh": "{where}。仅有一个来源见过 {shown}，未经证实",
}
_FINDS = {"en": "mail programs find the server by it", "zh": "邮件客户端由此找到服务器"}


@dataclass(frozen=True, slots=True)
class Reject:
    """A gathered value that is not written: whose, which, and why."""

    service: str
    value: str
    reason: str


@dataclass(slots=True)
class Drafts:
    """The content of each file by id, and what did not get into one."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    def counted(self) -> Counter[str]:
        """Rejects by reason."""
        return Counter(reject.reason for reject in self.rejects)


def drafts(facts: Mapping[str, Any], *, checked: str) -> Drafts:
    """A draft of each service; ``checked`` is the day the facts were gathered."""
    result = Drafts()
    for name, entry in facts.items():
        if not isinstance(entry, Mapping) or entry.get("kind") not in KINDS:
            reason = "of an existing service: by hand" if isinstance(entry, Mapping) else "no service"
            result.rejects.append(Reject(name, "", reason))
            continue
        id = name.replace("_", "-")
        result.files[id] = _Draft(id, entry, checked, result.rejects).file()
    return result


def _split(c: object) -> Iterator[str]:
    yield from map(str, c.values()) if isinstance(c, Mapping) else (str(c),)


def weakest(c: object) -> str:
    """The least of one or several confidences; none is given: M."""
    order = "DRWM"
    known = [part for part in _split(c) if part in order]
    return max(known, key=order.index) if known else "M"


class _Draft:
    """One entry on its way into a file."""

    def __init__(self, id: str, entry: Mapping[str, Any], checked: str, rejects: list[Reject]) -> None:
        self.id, self.entry, self.checked, self.rejects = id, entry, checked, rejects
        self.inputs: dict[str, dict[str, Any]] = {}
        names = entry.get("names", {})
        own = names.get("en") or id.replace("-", " ").title()
        self.names = {"en": own, "zh": names.get("zh") or own}
        console = entry.get("console", {})
        self.where = {
            "en": console.get("en") or f"{self.names['en']}: the DNS records that its console shows",
            "zh": console.get("zh") or f"{self.names['zh']}后台给出的 DNS 记录",
        }

    def file(self) -> dict[str, Any]:
        """The whole content."""
        kind = KINDS[self.entry["kind"]]
        sites = list(self.sites(kind))
        body: dict[str, Any] = {"kind": kind, "names": self.names, "sites": sites}
        body["dkim"] = list(self.dkim())
        body["return_path"] = list(self.return_path())
        body["spf_costs"] = dict(self.costs(sites))
        body["client"] = dict(self.client())
        body["inputs"] = list(self.placed(body))
        if kind in ("mail_host", "forwarding_host"):
            body["capabilities"] = self.capabilities(kind)
        body["recognise"] = {
            k: list(v) for k, v in self.entry.get("recognise", {}).items() if isinstance(v, list) and v
        }
        body["sources"] = {"facts": f"gathered 2026-11: {'; '.join(map(str, self.entry.get('sources', ())))}"}
        return {key: part for key, part in body.items() if part}

    def placed(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The inputs that all sites need; what only some need moves there, and what none needs goes."""
        shared = str([body["dkim"], body["return_path"]])
        for name, input_field in self.inputs.items():
            using = [site for site in body["sites"] if f"{{{name}}}" in str(site)]
            if f"{{{name}}}" in shared or len(using) == len(body["sites"]):
                yield input_field
                continue
            for site in using:
                site.setdefault("inputs", []).append(input_field)

    def drop(self, value: object, reason: str) -> None:
        """Note what is left out."""
        self.rejects.append(Reject(self.id, str(value), reason))

    def evidence(self, c: str) -> dict[str, str]:
        """What every written value carries."""
        return {"c": c, "checked": self.checked, "source": "facts"}

    def ask(self, name: str, label: tuple[str, str], pattern: str, guess: str = "") -> str:
        """An input; its template."""
        body: dict[str, Any] = {"name": name, "label": {"en": label[0], "zh": label[1]}, "where": self.where}
        body |= {"pattern": pattern} | ({"guess": guess} if guess else {})
        self.inputs.setdefault(name, body)
        return "{" + name + "}"

    # ── sites ──

    def sites(self, kind: str) -> Iterator[dict[str, Any]]:
        """One for each current variant of exchangers or of SPF; senders have one at least."""
        variants = self.entry.get("mx", [{"records": []}])
        spf = self.entry.get("spf", {})
        by_site = (
            spf.get("sites")
            if isinstance(spf, Mapping) and spf.get("needed_at_apex") != "old set-ups only"
            else None
        )
        if kind not in ("mail_host", "forwarding_host"):
            for name, include in (by_site or {"default": ""}).items():
                terms = list(self.terms({**spf, "mechanism": f"include:{include}"} if include else spf))
                yield self.site(name.replace("_", "-"), [], [], terms)
            return
        for number, variant in enumerate(variants):
            if str(variant.get("note", "")).startswith("detect only"):
                self.drop(variant["records"], "old: recognised only")
                continue
            mx, records = self.exchangers(variant, number)
            terms = list(self.terms(spf[0] if isinstance(spf, list) else spf))
            records += list(self.discovery())
            called = str(variant.get("variant", "default")).replace(" ", "-")
            yield self.site(called, mx, records, terms, weakest(variant.get("c")))

    def site(
        self, id: str, mx: list[Any], records: list[Any], terms: list[Any], c: str = "R"
    ) -> dict[str, Any]:
        """A site whose words are still to be written."""
        only = id in ("default", "current", "plain")
        hint = (
            ("There is only one.", "只有一种。") if only else (f"The console shows {id}.", f"后台显示 {id}。")
        )
        body: dict[str, Any] = {
            "id": "default" if only else id,
            "label": self.names if only else {"en": id, "zh": id},
            "how_to_tell": {"en": hint[0], "zh": hint[1]},
        }
        if mx:
            body["mx"] = {"records": mx, **self.evidence(c)}
        body["spf"] = terms
        if records:
            body["records"] = records
        return body

    def exchangers(self, variant: Mapping[str, Any], number: int) -> tuple[list[Any], list[Any]]:
        """Those that are written, and records with inputs for those that are asked for."""
        c = variant.get("c", "M")
        host_c = str(c.get("host", "M")) if isinstance(c, Mapping) else str(c)
        number_c = str(c.get("priority", host_c)) if isinstance(c, Mapping) else host_c
        written, asked = [], []
        for place, record in enumerate(variant["records"], 1):
            host, priority = self.template(str(record["host"])), record["priority"]
            named = "." in host.strip("{}")
            sure = host_c in "DR" and number_c in "DR" and isinstance(priority, int) and named
            if sure:
                written.append({"priority": priority, "host": host})
                continue
            suffix = f"{place}" if number == 0 else f"{number + 1}_{place}"
            if host_c in "DR" and named:
                guess = str(priority) if number_c == "W" and isinstance(priority, int) else ""
                label = (f"priority of {record['host']}", f"{record['host']} 的优先级")
                value = f"{self.ask(f'priority_{suffix}', label, _NUMBER, guess)} {host}"
            else:
                guess = (
                    f"{priority} {host}"
                    if host_c == "W" and "{" not in host and "<" not in str(priority)
                    else ""
                )
                value = self.ask(
                    f"mx_{suffix}", ("an MX, priority and host", "一条 MX（优先级与主机）"), _PASTED_MX, guess
                )
            asked.append(
                {
                    "type": "MX",
                    "host": "@",
                    "value": value,
                    **self.evidence(max(host_c, "R")),
                    "why": _RECEIVES,
                }
            )
        return written, asked

    def template(self, text: str) -> str:
        """Placeholders of the facts as ours: ``<d>`` is the domain, the rest are inputs."""
        input_names = iter(self.entry.get("inputs_required", ()))

        def input(match: re.Match[str]) -> str:
            inner = match[1]
            if inner in ("d", "dashed"):
                return {"d": "{domain}", "dashed": "{dashed}"}[inner]
            named = re.sub(r"[^a-z0-9_]", "_", inner.removeprefix("in").strip().lower()) or next(
                input_names, "in_1"
            )
            named = {"mx": "server"}.get(re.sub("x+$", "", named), named)
            return self.ask(named, (named.replace("_", " "), named), _LABELS)

        return re.sub(r"<([^>]+)>", input, text)

    def terms(self, spf: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """SPF terms; a redirect is the include it means."""
        c = spf.get("c", "M")
        sure = str(c.get("mechanism", "M")) if isinstance(c, Mapping) else str(c)
        if spf.get("needed_at_apex") in (False, "old set-ups only") or "mechanism" not in spf or "on" in spf:
            return
        for term in str(spf["mechanism"]).replace("redirect=", "include:").split():
            plain = term.lstrip("+")
            if sure in "DR" and "<in>" not in plain:
                yield {"term": plain.replace("<d>", "{domain}"), **self.evidence(sure)}
            elif plain.startswith("include:") or "<in>" in plain:
                guess = plain.removeprefix("include:") if sure == "W" and "<" not in plain else ""
                value = self.ask("spf_include", ("SPF include", "SPF include"), _NAME, guess)
                yield {"term": f"include:{value}", **self.evidence("W")}
            else:
                self.drop(plain, f"confidence {sure}")

    def discovery(self) -> Iterator[dict[str, Any]]:
        """Records by which mail programs find the servers."""
        entry = self.entry.get("autodiscovery", {})
        for optional_record in entry.get("optional", ()):
            self.drop(f"{optional_record['type']} {optional_record['host']}", "optional for mail")
        for record in (*entry.get("records", ()), *self.entry.get("mta_sts", {}).get("records", ())):
            if weakest(record.get("c")) in "WM":
                self.drop(f"{record['type']} {record['host']}", f"confidence {weakest(record.get('c'))}")
                continue
            value = self.template(str(record.get("target") or record["value"]))
            yield {
                "type": record["type"],
                "host": record["host"],
                "value": value,
                "why": _FINDS,
                **self.evidence(weakest(record["c"])),
            }

    # ── keys, costs, clients ──

    def dkim(self) -> Iterator[dict[str, Any]]:
        """Aliases that are known, and forms for what has to be pasted."""
        forms: list[dict[str, Any]] = []
        for record in self.entry.get("dkim", ()):
            host, target, c = str(record["host"]), str(record.get("target", "<in>")), weakest(record.get("c"))
            type = record["form"] if record["form"] in ("TXT", "CNAME") else "CNAME"
            plain = re.fullmatch(r"[a-z0-9_-]+\._domainkey", host) is not None
            if type == "CNAME" and plain and "<in" not in target and c in "DR" and "variant" not in record:
                yield {
                    "type": type,
                    "host": host,
                    "target": target.replace("<d>", "{domain}"),
                    **self.evidence(c),
                }
                continue
            form: dict[str, Any] = {"type": type, "where": self.where}
            if plain and c in "DR":
                form = {"type": type, "host": host, "where": self.where}
            else:
                self.drop(f"{type} {host} {target}", f"key to paste, confidence {c}")
            if plain and c == "W":  # shown to whoever is asked, never written
                shown = f"{host} → {target}" if "<in" not in target else host
                form["where"] = {
                    lang: text.format(where=self.where[lang], shown=shown) for lang, text in _SEEN.items()
                }
            if form not in forms:
                forms.append(form)
        yield from forms

    def return_path(self) -> Iterator[dict[str, Any]]:
        """Hosts for bounces."""
        for record in self.entry.get("return_path", ()):
            value, c = str(record.get("target") or record["value"]), weakest(record.get("c"))
            shown = f"{record['form']} {record['host']} {value}"
            if c in "WM" or "<in" in value or "<assigned>" in str(record):
                self.drop(shown, f"return path to paste, confidence {c}")
                continue
            host = (
                self.ask("return_path", ("return path host", "退信主机"), "[A-Za-z0-9_-]+")
                if "<in" in record["host"]
                else record["host"]
            )
            value = f"{record['priority']} {value}" if record["form"] == "MX" else value
            yield {"type": record["form"], "host": host, "value": self.template(value), **self.evidence(c)}

    def costs(self, sites: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
        """Every include that is named, with its cost where the facts have one."""
        spf = self.entry.get("spf", {})
        known = {}
        for mechanism in spf if isinstance(spf, list) else [spf]:
            for term in re.findall(
                r"(?:include:|redirect=)([a-z0-9._-]+)", str(mechanism.get("mechanism", ""))
            ):
                known[term] = mechanism.get("lookups")
        names = [t["term"].removeprefix("include:") for s in sites for t in s["spf"] if "{" not in t["term"]]
        names += [mark for mark in self.entry.get("recognise", {}).get("spf", ()) if not mark.startswith(".")]
        for name in dict.fromkeys(host for host in names if "." in host):
            lookups = known.get(name)
            cost = {"lookups": lookups, "void": "unknown", **self.evidence("R")}
            yield name, cost if lookups else {"lookups": "unknown"}

    def client(self) -> Iterator[tuple[str, Any]]:
        """Servers for mail programs that are confirmed with their port."""
        entry = self.entry.get("client", {})
        for protocol in ("imap", "pop3", "smtp"):
            several = entry.get(protocol, ())
            for server in several if isinstance(several, list) else [several]:
                if not isinstance(server, Mapping) or "host" not in server:
                    continue
                if weakest(server.get("c")) in "WM" or "<" in server["host"] or " " in server["host"]:
                    self.drop(
                        f"{protocol} {server['host']}",
                        f"confidence {weakest(server.get('c'))} or per account",
                    )
                    continue
                yield (
                    protocol,
                    {
                        **{k: server[k] for k in ("host", "port", "tls")},
                        **self.evidence(weakest(server["c"])),
                    },
                )
                break

    def capabilities(self, kind: str) -> dict[str, Any]:
        """Nothing is known of what a mailbox host can do; a forwarder has no mailboxes by its nature."""
        answers = dict.fromkeys(features(), "unknown")
        if kind == "forwarding_host":  # no mailboxes, by its nature
            answers |= _FORWARDS | dict.fromkeys(_NEVER_FORWARDED, "no")
            return {"answers": answers, "stores_mail": False, **self.evidence("R")}
        return {"answers": answers}
