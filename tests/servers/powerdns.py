"""PowerDNS with the SQLite backend, unprivileged, everything below one folder.

PowerDNS knows no rule by name or type of its own: a Lua policy script replaces its checks
and says the same as Knot's ACL and BIND's update-policy.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.servers.base import (
    ADDRESS,
    BASE_ZONE,
    FULL,
    MAIL_NAMES,
    MAIL_TYPES,
    NARROW,
    DnsServer,
    Missing,
    free_port,
    program,
)

#: Protects nothing but the tests' own zones.
API_KEY = "api-key-of-the-tests-8f1c"

SCHEMA = Path("/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql")

CONFIG = """\
launch=gsqlite3
gsqlite3-database={dir}/pdns.sqlite
gsqlite3-pragma-synchronous=0
local-address={address}
local-port={port}
socket-dir={dir}
daemon=no
guardian=no
dnsupdate=yes
lua-dnsupdate-policy-script={dir}/policy.lua
allow-dnsupdate-from={address}/32
disable-axfr=no
allow-axfr-ips=
receiver-threads=1
distributor-threads=1
zone-cache-refresh-interval=0
security-poll-suffix=
loglevel=5
webserver=yes
webserver-address={address}
webserver-port={api_port}
webserver-allow-from={address}/32
api=yes
api-key={api_key}
"""

POLICY = """\
function updatepolicy(input)
  -- Asking an unsigned update for its key raises an error.
  local signed, key = pcall(function() return tostring(input:getTsigName()) end)
  if not signed then return false end
  local name = tostring(input:getQName())
  local zone = tostring(input:getZoneName())
  local type = input:getQType()
  if key == "{full}." then return true end
  if key ~= "{narrow}." then return false end
  if name == zone then return type == pdns.MX or type == pdns.TXT end
  local allowed = false
  for _, each in ipairs({{ {types} }}) do allowed = allowed or type == each end
  if not allowed then return false end
  for _, each in ipairs({{ {names} }}) do
    local base = each .. "." .. zone
    if name == base or name:sub(-#base - 1) == "." .. base then return true end
  end
  return false
end
"""


class PowerDns(DnsServer):
    """pdns_server of the Debian packages ``pdns-server`` and ``pdns-backend-sqlite3``."""

    kind = "powerdns"
    api_port = 0

    def configure(self) -> None:
        if not SCHEMA.exists():
            raise Missing("the SQLite backend is not installed (Debian package pdns-backend-sqlite3)")
        policy = POLICY.format(
            full=FULL.name,
            narrow=NARROW.name,
            types=", ".join(f"pdns.{type}" for type in MAIL_TYPES),
            names=", ".join(f'"{name}"' for name in MAIL_NAMES),
        )
        (self.folder / "policy.lua").write_text(policy)
        self.api_port = free_port()
        config = CONFIG.format(
            dir=self.folder, address=ADDRESS, port=self.port, api_port=self.api_port, api_key=API_KEY
        )
        (self.folder / "pdns.conf").write_text(config)
        with sqlite3.connect(self.folder / "pdns.sqlite") as database:
            database.executescript(SCHEMA.read_text())
            self._fill(database)
        database.close()

    def _fill(self, database: sqlite3.Connection) -> None:
        for key in (FULL, NARROW):
            database.execute(
                "INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, ?, ?)",
                (key.name, key.algorithm, key.secret),
            )
        for number, zone in enumerate(self.zones, 1):
            bare = zone.rstrip(".")
            database.execute("INSERT INTO domains (id, name, type) VALUES (?, ?, 'MASTER')", (number, bare))
            for line in BASE_ZONE.splitlines():
                self._record(database, number, bare, line)
            metadata = [("TSIG-ALLOW-DNSUPDATE", key.name) for key in (FULL, NARROW)]
            metadata += [("TSIG-ALLOW-AXFR", FULL.name), ("SOA-EDIT-DNSUPDATE", "INCREASE")]
            metadata += [("SOA-EDIT-API", "INCREASE")]
            database.executemany(
                "INSERT INTO domainmetadata (domain_id, kind, content) VALUES (?, ?, ?)",
                [(number, *entry) for entry in metadata],
            )

    @staticmethod
    def _record(database: sqlite3.Connection, number: int, zone: str, line: str) -> None:
        owner, ttl, _, type, content = line.split(None, 4)
        name = zone if owner == "@" else f"{owner}.{zone}"
        if type in ("NS", "SOA"):
            content = content.replace("ns1", f"ns1.{zone}").replace("hostmaster", f"hostmaster.{zone}")
        database.execute(
            "INSERT INTO records (domain_id, name, type, content, ttl, auth) VALUES (?, ?, ?, ?, ?, 1)",
            (number, name, type, content, int(ttl)),
        )

    def command(self) -> list[str]:
        return [program("pdns_server", "pdns-server"), f"--config-dir={self.folder}"]
