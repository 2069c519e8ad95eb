"""Any nameserver that takes RFC 2136 updates with TSIG: BIND, Knot, PowerDNS, our sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from mailwright.hosts.dns.service import (
    Connections,
    DnsService,
    Option,
    Options,
    Secret,
    Shape,
    Stores,
    Target,
    Way,
)
from mailwright.model import variables
from mailwright.model.records import WITH_OLD_SPF
from mailwright.model.text import Text

if TYPE_CHECKING:
    from mailwright.hosts.dns.rfc2136 import Rfc2136Host

SECRET = Secret(variables.TSIG_SECRET, "tsigSecret")
ALGORITHM, PORT = "hmac-sha256", 53
#: How a zone is read: name by name, or by one transfer where the key may do that.
QUESTIONS, TRANSFER = "questions", "transfer"

_NO_SECRET = Text(
    "no secret for the TSIG key {key}: set {variable}, name a file that holds it "
    "(`pulumi config set mailwright:tsigSecretFile PATH`), "
    "or `pulumi config set --secret mailwright:tsigSecret`",
    "缺少 TSIG 密钥 {key} 的内容：请设置 {variable}，或指定存放它的文件"
    "（`pulumi config set mailwright:tsigSecretFile 路径`），"
    "或运行 `pulumi config set --secret mailwright:tsigSecret`",
)
_READ = Text("reached; the key is taken for reading", "可以访问；密钥可用于读取")
_READ_UNSIGNED = Text("reached, without a key", "可以访问（未使用密钥）")


def secret_of(key_name: str, text: str) -> str | None:
    """The secret of a TSIG key: ``text`` holds one for every key, or ``NAME:SECRET`` pairs (commas between).

    Base64 has no colon.
    """
    pairs = [part.strip() for part in text.split(",") if part.strip()]
    if not any(":" in pair for pair in pairs):
        return text.strip() or None
    split = (pair.partition(":") for pair in pairs)
    named = {name.strip().lower().rstrip("."): secret.strip() for name, _, secret in split}
    return named.get(key_name.lower().rstrip("."))


class Nameservers:
    """The connections of a run to nameservers, used again from zone to zone."""

    def __init__(self) -> None:
        from mailwright.hosts.dns.exchange import Pool

        self._pool = Pool()

    def client(self, target: Target, secrets: Mapping[str, str]) -> Rfc2136Host:
        """One zone on one server. Raises Denied where its key has no secret."""
        from mailwright.hosts.dns.base import Denied
        from mailwright.hosts.dns.rfc2136 import Rfc2136Host

        options = target.options
        key_name = str(options["key_name"]) if "key_name" in options else None
        secret = secret_of(key_name, secrets.get(SECRET.variable, "")) if key_name else None
        if key_name and not secret:
            raise Denied(_NO_SECRET, key=key_name, variable=SECRET.variable)
        return Rfc2136Host(
            target.zone,
            str(options["server"]),
            int(options["port"]),
            key_name,
            secret,
            algorithm=str(options["algorithm"]),
            transfer=options["read_by"] == TRANSFER,
            pool=self._pool,
        )

    async def close(self) -> None:
        """Close idle connections."""
        await self._pool.close()


def _open() -> Connections:
    return Nameservers()


def _where(options: Options) -> str:
    server = str(options["server"])
    return f"[{server}]:{options['port']}" if ":" in server else f"{server}:{options['port']}"


def _suffix(options: Mapping[str, str]) -> str:
    return f"{options['server']}:{options['port']}" if options.get("port") else options["server"]


def _id_of(options: Options) -> str:
    server = str(options["server"])
    server = f"[{server}]" if ":" in server else quote(server)
    query = {
        "key": options.get("key_name", ""),
        "algorithm": options["algorithm"],
        "read": options["read_by"],
    }
    shown = {name: value for name, value in query.items() if value not in ("", ALGORITHM, QUESTIONS)}
    return f"{server}:{options['port']}" + (f"?{urlencode(shown)}" if shown else "")


def _options_in(text: str) -> Options:
    url = urlsplit("//" + text)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    options: dict[str, str | int] = {"server": unquote(url.hostname or ""), "port": url.port or PORT}
    names = {"key": "key_name", "algorithm": "algorithm", "read": "read_by"}
    return options | {option: query[name] for name, option in names.items() if name in query}


SERVICE = DnsService(
    name="rfc2136",
    about=Text("BIND, Knot, PowerDNS", "BIND、Knot、PowerDNS"),
    way=Way.PROVIDER,
    stores=Stores(atomic=True, types=WITH_OLD_SPF, shape=Shape.CONDITIONAL, txt_most=65_535),
    tried=Text("BIND, Knot, PowerDNS, the embedded nameserver", "BIND、Knot、PowerDNS、内置 DNS 服务器"),
    options=(
        Option(
            "server", Text("the primary", "主服务器"), "192.0.2.53", required=True, kept=True, folded=True
        ),
        Option("port", Text("port (53)", "端口（53）"), PORT, least=1, most=65_535, default=PORT, kept=True),
        Option("key_name", Text("name of the TSIG key", "TSIG 密钥名"), "mailwright"),
        Option(
            "algorithm",
            Text("TSIG algorithm", "TSIG 算法"),
            ALGORITHM,
            values=("hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1", "hmac-md5"),
            default=ALGORITHM,
            kept=True,
            folded=True,
        ),
        Option(
            "read_by",
            Text(
                "questions (default), or transfer where the key may transfer the zone and it is small",
                "questions（逐条查询，默认）或 transfer（密钥允许区域传送且区域较小时）",
            ),
            QUESTIONS,
            values=(QUESTIONS, TRANSFER),
            default=QUESTIONS,
        ),
    ),
    secrets=(SECRET,),
    where=_where,
    suffix=_suffix,
    open=_open,
    rights=Text("a TSIG key for the names of mail", "仅限邮件名称的 TSIG 密钥"),
    reached=lambda target: _READ if "key_name" in target.options else _READ_UNSIGNED,
    id_of=_id_of,
    options_in=_options_in,
)
