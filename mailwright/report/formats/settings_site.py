"""The files that mail programs ask a domain for, and the set-up of a web server that gives them out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from mailwright.standards import autoconfig, autodiscover


@dataclass(frozen=True, slots=True)
class Site:
    """Files below the served folder, and set-ups beside it, by path; all text."""

    files: Mapping[str, str]
    setups: Mapping[str, str]


def site(settings: autoconfig.Settings, host: str = "") -> Site:
    """``host`` is the one that Outlook's SRV record names; empty: ``autodiscover.DOMAIN`` alone."""
    files = {path: str(settings) for path in (autoconfig.PATH, autoconfig.WELL_KNOWN)}
    names = [f"autoconfig.{settings.domain}"]
    answer = autodiscover.xml(settings)
    if answer:
        own = f"autodiscover.{settings.domain}"
        host = host.rstrip(".").lower() or own
        files[autodiscover.XML_PATH] = answer
        files[autodiscover.JSON_PATH] = autodiscover.redirection(host)
        names += dict.fromkeys((own, host))
    setups = {
        "nginx.conf": _nginx(settings.domain, names, files),
        "Caddyfile": _caddy(settings.domain, names, files),
    }
    return Site(files, {**setups, "worker.js": _worker(settings.domain, names, files)})


_NGINX = """\
# nginx: the folder DOMAIN of `mailwright autoconfig --out` is served, and nothing else.
server {
  listen 443 ssl;
  server_name NAMES;
  ssl_certificate /etc/ssl/DOMAIN/fullchain.pem;
  ssl_certificate_key /etc/ssl/DOMAIN/privkey.pem;
  root /var/www/DOMAIN;
  types { text/xml xml; application/json json; }
  charset utf-8;
  charset_types text/xml application/json;
  location / { return 404; }
  location = /mail/config-v1.1.xml { }
  location = /.well-known/autoconfig/mail/config-v1.1.xml { }
"""
#: A static file answers 405 to POST; ``error_page`` turns the request into GET.
_NGINX_OUTLOOK = """\
  # Outlook sends POST, in several spellings.
  location ~* ^/autodiscover/autodiscover\\.xml$ {
    error_page 405 =200 /autodiscover/autodiscover.xml;
    try_files /autodiscover/autodiscover.xml =404;
  }
  location ~* ^/autodiscover/autodiscover\\.json(/|$) {
    default_type application/json;
    if ($arg_protocol !~* "^AutodiscoverV1$") {
      return 400 '{"ErrorCode":"ProtocolNotSupported","ErrorMessage":"Only AutodiscoverV1 is served."}';
    }
    try_files /autodiscover/autodiscover.json =404;
  }
"""
_CADDY = """\
# Caddy: the folder DOMAIN of `mailwright autoconfig --out` is served, and nothing else.
NAMES {
	root * /var/www/DOMAIN
	@settings path /mail/config-v1.1.xml /.well-known/autoconfig/mail/config-v1.1.xml
	handle @settings {
		file_server
	}
"""
_CADDY_OUTLOOK = """\
	# Outlook sends POST, in several spellings (path is matched in any case).
	@outlook path /autodiscover/autodiscover.xml
	handle @outlook {
		method GET
		rewrite * /autodiscover/autodiscover.xml
		file_server
	}
	@v2 {
		path /autodiscover/autodiscover.json /autodiscover/autodiscover.json/*
		query Protocol=AutodiscoverV1 Protocol=Autodiscoverv1 Protocol=autodiscoverv1
	}
	handle @v2 {
		rewrite * /autodiscover/autodiscover.json
		file_server
	}
"""
_CADDY_END = """\
	handle {
		respond 404
	}
}
"""
_WORKER = """\
// Cloudflare Worker: no other host is needed. Routes: NAMES
// Outlook is given the whole address as login name.
const DOMAIN_NAME = @domain;
const FILES = @files;
const REFUSAL = '{"ErrorCode":"ProtocolNotSupported","ErrorMessage":"Only AutodiscoverV1 is served."}';
const XML = "text/xml; charset=utf-8", JSON_TYPE = "application/json; charset=utf-8";
const answer = (body, type, status = 200) =>
  new Response(body, { status, headers: { "content-type": type, "cache-control": "no-store" } });

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const path = url.pathname.toLowerCase().slice(1);
    if (path === @xml && FILES[@xml]) {
      const body = (await request.text()).slice(0, 65536);
      const pattern = /<EMailAddress>\\s*([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253})\\s*</i;
      const address = (body.match(pattern) || [])[1] || "";
      const ours = address.toLowerCase().endsWith("@" + DOMAIN_NAME);
      const login = ours ? "<LoginName>" + address + "</LoginName>" : "";
      return answer(FILES[@xml].replaceAll("<DomainRequired>", login + "<DomainRequired>"), XML);
    }
    if ((path === @json || path.startsWith(@json + "/")) && FILES[@json]) {
      const protocol = [...url.searchParams].find(([key]) => key.toLowerCase() === "protocol");
      if (!protocol || protocol[1].toLowerCase() !== "autodiscoverv1")
        return answer(REFUSAL, JSON_TYPE, 400);
      return answer(FILES[@json], JSON_TYPE);
    }
    return FILES[path] ? answer(FILES[path], XML) : answer("", "text/plain", 404);
  },
};
"""


def _filled(text: str, domain: str, names: str) -> str:
    return text.replace("NAMES", names).replace("DOMAIN", domain)


def _nginx(domain: str, names: list[str], files: Mapping[str, str]) -> str:
    outlook = _NGINX_OUTLOOK if autodiscover.XML_PATH in files else ""
    return _filled(_NGINX, domain, " ".join(names)) + outlook + "}\n"


def _caddy(domain: str, names: list[str], files: Mapping[str, str]) -> str:
    outlook = _CADDY_OUTLOOK if autodiscover.XML_PATH in files else ""
    return _filled(_CADDY, domain, ", ".join(names)) + outlook + _CADDY_END


def _worker(domain: str, names: list[str], files: Mapping[str, str]) -> str:
    """One file with all the others in it, as ASCII."""
    text = _WORKER.replace("NAMES", ", ".join(f"{name}/*" for name in names))
    words = {"@domain": domain, "@xml": autodiscover.XML_PATH, "@json": autodiscover.JSON_PATH}
    for word, value in words.items():
        text = text.replace(word, json.dumps(value))
    return text.replace("@files", json.dumps(dict(files), indent=1))
