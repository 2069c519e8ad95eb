"""What a stack's state calls its resources; free of Pulumi, so that who only reads a state needs none."""

from __future__ import annotations

#: Our own plugin's: a domain's records in one zone by RFC 2136, the mailboxes of an own mail server.
DNS_RECORDS = "mailwright:index:DnsRecords"
MAILBOXES = "mailwright:mail:Mailboxes"
#: The mailboxes at a mail host behind an API.
HOSTED_MAILBOXES = "mailwright:mail:HostedMailboxes"
#: The types of ours that delete anything in the world.
TOKENS = (DNS_RECORDS, MAILBOXES, HOSTED_MAILBOXES)
#: The component that everything of one domain lies below.
MAIL_DOMAIN = "mailwright:index:MailDomain"
#: A record of Cloudflare's plugin, and how the types of its Email Routing begin.
RECORD = "cloudflare:index/dnsRecord:DnsRecord"
ROUTING = "cloudflare:index/emailRouting"
#: The output of MAIL_DOMAIN that remembers, domain by domain, what stands at Cloudflare.
CLOUDFLARE = "cloudflare"
#: The one that remembers, domain by domain, which addresses took mail at a host that people work by hand.
MAIL = "mail"
#: The function of our plugin that judges DNS records.
JUDGE = "mailwright:index:judge"
#: The function of our plugin by which a run says which resources stay as they are.
LEAVE = "mailwright:index:leave"
