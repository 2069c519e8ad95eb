"""What a person does at a filter and at the mail host behind it, in the order in which no mail is lost."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.catalog import service_name
from mailwright.catalog.filters import name_of
from mailwright.model.names import bare
from mailwright.model.text import Lang, Text
from mailwright.spec.model import MailSpec

_HOLD = Text(
    "At {filter}: add {domains}, deliver their mail to {service}, and have it refuse addresses that do "
    "not exist "
    "(synchronise or upload them; new ones first here, leavers last)\n"
    "   - Done when: a mail from outside, sent straight to `{mx}`, is read by its person, for every address",
    "在{filter}：添加 {domains}，投递到{service}，并让它拒收不存在的地址（同步或上传地址；新地址先加，"
    "离职地址最后删）\n"
    "   - 确认：从外部直接投递到 `{mx}`，每个地址都已由负责人读到",
)
_TRUST = Text(
    "At {service}: name {filter} as a relay that it trusts, so that SPF and DMARC are not judged by the "
    "filter's "
    "address\n   - Done when: a mail of a sender with p=reject came through and is not in the junk folder",
    "在{service}：把{filter}设为可信中继，避免按网关的地址判断 SPF 和 DMARC\n"
    "   - 确认：来自 p=reject 域名的邮件经网关到达，且不在垃圾箱",
)
_SWITCH = Text(
    "Then the MX: `mailwright up` exchanges it in one write, with consent\n"
    "   - Done when: `mailwright verify` finds the filter's exchangers at every server",
    "然后切换 MX：`mailwright up` 在确认后一次写入\n   - 确认：`mailwright verify` "
    "在每台服务器上都看到网关的 MX",
)
_RESTRICT = Text(
    "At {service}: take mail from {filter} alone. Not before every resolver has forgotten the old MX (its "
    "old TTL) "
    "and five days are over: until then senders still deliver directly, and would be refused\n"
    "   - Done when: a mail sent straight to {service} is refused, and one to `{mx}` arrives",
    "在{service}：只接受{filter}的来信。须等旧 MX 的 TTL 过完并再过五天：在此之前仍有发信方直接投递，"
    "限制后会被拒收\n"
    "   - 确认：直接投递到{service}的邮件被拒收，而投递到 `{mx}` 的能到达",
)
_WAY_OUT = Text(
    "At {service}: send what leaves through {filter} (smart host, connector), once SPF with its terms is "
    "published "
    "everywhere\n   - Done when: the headers of a mail to another provider show the filter, and spf=pass",
    "在{service}：待含网关项的 SPF 在各处生效后，将外发邮件经{filter}发出（智能主机、连接器）\n"
    "   - 确认：发到其他邮箱的邮件头中能看到网关，且 spf=pass",
)
_SIGNS = Text(
    "Who signs last: if {filter} changes mail, it signs after {service}, with the keys of gateway.dkim\n"
    "   - Done when: a mail to another provider shows dkim=pass with d={domain}",
    "最后由谁签名：若{filter}会改动邮件，须由它在{service}之后用 gateway.dkim 的密钥签名\n"
    "   - 确认：发到其他邮箱的邮件显示 dkim=pass 且 d={domain}",
)
_OUT = Text(
    "To end it again later: first let {service} take mail from everybody, then remove "
    "`gateway` from "
    "the spec and run `up`; end the contract with {filter} at least five days after the old TTL",
    "日后要撤下网关时：先让{service}接受所有来信，再从规格中去掉 `gateway` 并运行 `up`；"
    "旧 TTL 过完后至少再等五天，才终止{filter}的合同",
)


def steps(spec: MailSpec, lang: Lang) -> Iterator[tuple[str, str]]:
    """(id, words) of each step; none where no filter stands before the mail host."""
    filtering = spec.gateway
    if filtering is None:
        return
    params: dict[str, object] = {
        "filter": name_of(filtering.service),
        "service": service_name(spec.mail_host.service),
        "domain": spec.domain,
        "domains": ", ".join(f"`{name}`" for name in spec.domains if name not in spec.parked),
        "mx": bare(filtering.mx[0].split()[-1]) if filtering.mx else "–",
    }
    listed = [("hold", _HOLD), ("trust", _TRUST), ("switch", _SWITCH), ("restrict", _RESTRICT)]
    if filtering.sends != "nothing":
        listed += [("way-out", _WAY_OUT), ("signs", _SIGNS)]
    for id, text in (*listed, ("out", _OUT)):
        yield f"gateway:{id}", text.using(**params)(lang)
