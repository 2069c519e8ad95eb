"""The Directory API and Groups Settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.mail_host.simulators.google_api.account import Account, Body, Group, Lag, Refused, User

Query = Mapping[str, str]
_NOT_FOUND = "Resource Not Found: "


def _user(account: Account, key: str) -> User:
    user = account.user(key)
    if user is None or user.lag.hidden():
        raise Refused(404, "notFound", _NOT_FOUND + "userKey")
    return user


def _group(account: Account, key: str) -> Group:
    group = account.group(key)
    if group is None or group.lag.hidden():
        raise Refused(404, "notFound", _NOT_FOUND + "groupKey")
    return group


def _shown(user: User) -> Body:
    aliases = [alias for alias, lag in user.aliases.items() if not lag.hidden()]
    body: Body = {"primaryEmail": user.address, "suspended": user.suspended, "archived": False}
    body |= {"name": {"fullName": user.name}, "isMailboxSetup": not user.mail_lag.reads}
    body |= {"aliases": aliases} if aliases else {}
    return body | ({"recoveryEmail": user.recovery} if user.recovery else {})


def page(rows: list[Body], name: str, query: Query, default: int, most: int) -> Body:
    """One page; a page token is where the next one begins."""
    size = min(int(query.get("maxResults", default)), most)
    start = int(query.get("pageToken", "0"))
    more = {"nextPageToken": str(start + size)} if start + size < len(rows) else {}
    return {**({name: rows[start : start + size]} if rows else {}), **more}


def list_users(account: Account, query: Query) -> Body:
    """``users.list``."""
    if query.get("domain") != account.domain and "customer" not in query:
        raise Refused(404, "notFound", "Domain not found.")
    rows = [_shown(user) for user in account.users.values() if not user.lag.hidden()]
    return page(rows, "users", query, 100, 500)


def get_user(account: Account, key: str) -> Body:
    """``users.get``."""
    return _shown(_user(account, key))


def insert_user(account: Account, body: Body) -> Body:
    """``users.insert``: name and password are required."""
    address = str(body["primaryEmail"]).lower()
    if account.taken(address):
        raise Refused(409, "duplicate", "Entity already exists.")
    if not body.get("password") or not (body.get("name") or {}).get("familyName"):
        raise Refused(400, "required", "Missing required field")
    local = address.partition("@")[0]
    if local in ("abuse", "postmaster"):
        raise Refused(400, "invalid", "Invalid Input: primary_user_email")
    name = body["name"]
    user = User(
        address, f"{name.get('givenName', '')} {name['familyName']}".strip(), password=body["password"]
    )
    user.lag, user.mail_lag = Lag(account.lag), Lag(account.lag)
    account.users[address] = user
    return _shown(user)


def patch_user(account: Account, key: str, body: Body) -> Body:
    """``users.patch``: what is written changes."""
    user = _user(account, key)
    unknown = set(body) - {"suspended", "password", "changePasswordAtNextLogin"}
    if unknown:
        raise Refused(400, "invalid", f"not simulated: {unknown}")
    user.suspended = bool(body.get("suspended", user.suspended))
    user.password = str(body.get("password", user.password))
    return _shown(user)


def insert_alias(account: Account, key: str, body: Body) -> Body:
    """``users.aliases.insert``."""
    user, alias = _user(account, key), str(body["alias"]).lower()
    if account.taken(alias):
        raise Refused(409, "duplicate", "Entity already exists.")
    if alias.partition("@")[0] in ("abuse", "postmaster"):
        raise Refused(400, "invalid", "Invalid Input: alias")
    user.aliases[alias] = Lag(account.lag)
    return {"alias": alias, "primaryEmail": user.address}


def delete_alias(account: Account, key: str, alias: str) -> Body:
    """``users.aliases.delete``."""
    user = _user(account, key)
    if alias.lower() not in user.aliases:
        raise Refused(404, "notFound", _NOT_FOUND + "alias")
    del user.aliases[alias.lower()]
    return {}


def sign_out(account: Account, key: str) -> Body:
    """``users.signOut``."""
    _user(account, key).signed_out += 1
    return {}


def list_asps(account: Account, key: str) -> Body:
    """``asps.list``."""
    return {"items": list(_user(account, key).asps)}


def delete_asp(account: Account, key: str, id: str) -> Body:
    """``asps.delete``."""
    user = _user(account, key)
    user.asps = [row for row in user.asps if str(row["codeId"]) != id]
    return {}


def list_tokens(account: Account, key: str) -> Body:
    """``tokens.list``."""
    return {"items": list(_user(account, key).tokens)}


def delete_token(account: Account, key: str, id: str) -> Body:
    """``tokens.delete``."""
    user = _user(account, key)
    user.tokens = [row for row in user.tokens if row["clientId"] != id]
    return {}


# -- groups ------------------------------------------------------------------------------------------


def _shown_group(group: Group) -> Body:
    return {
        "email": group.address,
        "directMembersCount": str(len(group.members)),
        "aliases": [*group.aliases],
    }


def list_groups(account: Account, query: Query) -> Body:
    """``groups.list``."""
    rows = [_shown_group(group) for group in account.groups.values() if not group.lag.hidden()]
    return page(rows, "groups", query, 200, 200)


def get_group(account: Account, key: str) -> Body:
    """``groups.get``."""
    return _shown_group(_group(account, key))


def insert_group(account: Account, body: Body) -> Body:
    """``groups.insert``."""
    address = str(body["email"]).lower()
    if account.taken(address):
        raise Refused(409, "duplicate", "Entity already exists.")
    account.groups[address] = Group(address, lag=Lag(account.lag))
    return _shown_group(account.groups[address])


def delete_group(account: Account, key: str) -> Body:
    """``groups.delete``."""
    del account.groups[_group(account, key).address]
    return {}


def _member(member: Body) -> Body:
    return {name: value for name, value in member.items() if name != "delivery_settings"}


def list_members(account: Account, key: str, query: Query) -> Body:
    """``members.list``: without the delivery settings."""
    return page([_member(row) for row in _group(account, key).members.values()], "members", query, 200, 200)


def get_member(account: Account, key: str, member: str) -> Body:
    """``members.get``."""
    group = _group(account, key)
    if member.lower() not in group.members:
        raise Refused(404, "notFound", _NOT_FOUND + "memberKey")
    return group.members[member.lower()]


def insert_member(account: Account, key: str, body: Body) -> Body:
    """``members.insert``."""
    group, member = _group(account, key), str(body["email"]).lower()
    if member in group.members:
        raise Refused(409, "duplicate", "Member already exists.")
    if not account.inside(member) and group.settings["allowExternalMembers"] != "true":
        raise Refused(
            403, "forbidden", "External members are not allowed"
        )  # not in the documents: which word
    if account.inside(member) and not account.taken(member):
        raise Refused(404, "notFound", _NOT_FOUND + "memberKey")
    row = {"email": member, "role": body.get("role", "MEMBER"), "type": "USER", "status": "ACTIVE"}
    group.members[member] = {**row, "delivery_settings": body.get("delivery_settings", "ALL_MAIL")}
    return group.members[member]


def patch_member(account: Account, key: str, member: str, body: Body) -> Body:
    """``members.patch``."""
    row = get_member(account, key, member)
    row.update(body)
    return row


def delete_member(account: Account, key: str, member: str) -> Body:
    """``members.delete``."""
    get_member(account, key, member)
    del _group(account, key).members[member.lower()]
    return {}


def get_settings(account: Account, key: str) -> Body:
    """``groups.get`` of Groups Settings."""
    return {"email": key, **_group(account, key).settings}


def patch_settings(account: Account, key: str, body: Mapping[str, Any]) -> Body:
    """``groups.patch`` of Groups Settings: every value is a string."""
    if not all(isinstance(value, str) for value in body.values()):
        raise Refused(400, "invalid", "Invalid Value")
    _group(account, key).settings.update(body)
    return get_settings(account, key)
