"""A company's mail beside its other resources: the site that serves the MTA-STS policy, then the records.

The policy must be there before the record that announces it, so ``MailDomain`` depends on the site.
"""

from pathlib import Path

import pulumi
import pulumi_cloudflare as cloudflare

from mailwright.deploy.component import MailDomain

SPEC = Path(__file__).with_name("mail.yaml")
DOMAIN = "pulumi-company.example"

account = pulumi.Config().require("cloudflareAccount")

# `mailwright mta-sts mail.yaml --out public` writes what this site serves.
site = cloudflare.PagesProject(
    "mta-sts", account_id=account, name="pulumi-company-mta-sts", production_branch="main"
)
host = cloudflare.PagesDomain("mta-sts", account_id=account, project_name=site.name, name=f"mta-sts.{DOMAIN}")

mail = MailDomain("mail", SPEC, opts=pulumi.ResourceOptions(depends_on=[site, host]))

pulumi.export("policy", pulumi.Output.concat("https://", host.name, "/.well-known/mta-sts.txt"))
