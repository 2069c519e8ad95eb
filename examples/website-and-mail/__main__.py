"""A company's website and its mail together: the spec is an object, and takes what the website has.

The form on the website sends mail, so its server stands in SPF; nobody copies the address. The site is made
by ``website.py``: put your own cloud's resources there.
"""

import pulumi
import pulumi_mailwright as mailwright
from website import Website

settings = pulumi.Config()
domain = settings.require("domain")

site = Website("website", domain)

mail = mailwright.MailDomain(
    "mail",
    spec={
        "version": 1,
        "domain": domain,
        "timezone": "Asia/Shanghai",
        "mail_host": {"service": "tencent-exmail"},
        "dns_hosts": [
            {
                "service": "rfc2136",
                "server": settings.require("server"),
                "port": settings.get_int("port") or 53,
                "key_name": settings.require("keyName"),
            }
        ],
        "contact": f"wang@{domain}",
        "senders": [{"custom": "website-form", "ip4": [site.address], "from": f"info@{domain}"}],
        "people": {"wang": {"name": "老王", "send_as": ["info"]}},
        "addresses": {"info": {"to": "wang"}},
    },
)

pulumi.export("page", site.page)
pulumi.export("records", mail.records)
