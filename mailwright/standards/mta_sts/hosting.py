"""Where the policy is served (RFC 8461 §3.3): files for a static host, or a Cloudflare Worker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from mailwright.standards.mta_sts.policy import Policy

PATH = ".well-known/mta-sts.txt"


def policy_host(domain: str) -> str:
    """The host that serves the policy over HTTPS, with a certificate for this very name."""
    return f"mta-sts.{domain.rstrip('.').lower()}"


def policy_url(domain: str) -> str:
    """Where senders fetch the policy: status 200 only, redirects are not followed."""
    return f"https://{policy_host(domain)}/{PATH}"


def static_files(policy: Policy) -> Mapping[str, bytes]:
    """The site as files by path, for any static host.

    ``.nojekyll`` makes GitHub Pages serve a folder that begins with a dot; ``_headers`` gives the media
    type (text/plain) at hosts that read it, such as Cloudflare Pages and Netlify.
    """
    return MappingProxyType(
        {
            PATH: str(policy).encode("ascii"),
            ".nojekyll": b"",
            "_headers": f"/{PATH}\n  Content-Type: text/plain; charset=utf-8\n".encode(),
        }
    )


def worker(policy: Policy) -> str:
    """A Cloudflare Worker that serves the policy; its custom domain is ``policy_host``."""
    return f"""// MTA-STS policy (RFC 8461). Change the policy in the mail spec, not here.
const POLICY = {json.dumps(str(policy))};

export default {{
  async fetch(request) {{
    if (new URL(request.url).pathname !== "/{PATH}") {{
      return new Response("Not found\\n", {{ status: 404 }});
    }}
    return new Response(POLICY, {{ headers: {{ "Content-Type": "text/plain; charset=utf-8" }} }});
  }},
}};
"""
