"""The settings of one mailbox, by the Gmail API."""

from __future__ import annotations

from tests.mail_host.simulators.google_api.account import Account, Body, Refused, User

_CRITERIA = {
    *("from", "to", "subject", "query", "negatedQuery"),
    *("hasAttachment", "excludeChats", "size", "sizeComparison"),
}
_SYSTEM = {"INBOX", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT"}


def mailbox(account: Account, key: str) -> User:
    """The mailbox, where Gmail serves it already."""
    user = account.users.get(key.lower())
    if user is None:
        raise Refused(404, "notFound", "Requested entity was not found.")
    if user.suspended or user.mail_lag.hidden():
        raise Refused(400, "failedPrecondition", "Mail service not enabled")
    return user


def list_filters(user: User) -> Body:
    """``filters.list``."""
    return {"filter": list(user.filters)} if user.filters else {}


def insert_filter(account: Account, user: User, body: Body) -> Body:
    """``filters.create``: a forward needs a forwarding address that is confirmed."""
    criteria, action = body.get("criteria") or {}, body.get("action") or {}
    if not criteria or set(criteria) - _CRITERIA:
        raise Refused(400, "invalidArgument", "Filter criteria are missing or unknown")
    if not action:
        raise Refused(400, "invalidArgument", "Filter doesn't have any actions")
    target = str(action.get("forward", "")).lower()
    if target and user.forwarding.get(target) != "accepted":
        raise Refused(400, "invalidArgument", "Unrecognized forwarding address")
    labels = {*action.get("addLabelIds", ()), *action.get("removeLabelIds", ())}
    if labels - _SYSTEM - {row["id"] for row in user.labels}:
        raise Refused(400, "invalidArgument", "Invalid label ID")
    if any((row["criteria"], row["action"]) == (criteria, action) for row in user.filters):
        raise Refused(400, "failedPrecondition", "Filter already exists")  # not in the documents
    row = {"id": f"F{next(account.ids)}", "criteria": criteria, "action": action}
    user.filters.append(row)
    return row


def delete_filter(user: User, id: str) -> Body:
    """``filters.delete``."""
    if all(row["id"] != id for row in user.filters):
        raise Refused(404, "notFound", "Requested entity was not found.")
    user.filters = [row for row in user.filters if row["id"] != id]
    return {}


def list_forwarding(user: User) -> Body:
    """``forwardingAddresses.list``."""
    rows = [{"forwardingEmail": to, "verificationStatus": how} for to, how in user.forwarding.items()]
    return {"forwardingAddresses": rows} if rows else {}


def insert_forwarding(account: Account, user: User, body: Body) -> Body:
    """``forwardingAddresses.create``: an address elsewhere has to confirm it (the documents: "if required")."""
    target = str(body["forwardingEmail"]).lower()
    if target in user.forwarding:
        raise Refused(409, "alreadyExists", "Requested entity already exists")
    user.forwarding[target] = "accepted" if account.inside(target) else "pending"
    return {"forwardingEmail": target, "verificationStatus": user.forwarding[target]}


def delete_forwarding(user: User, target: str) -> Body:
    """``forwardingAddresses.delete``."""
    if target.lower() not in user.forwarding:
        raise Refused(404, "notFound", "Requested entity was not found.")
    del user.forwarding[target.lower()]
    return {}


def put_auto(user: User, body: Body) -> Body:
    """``updateAutoForwarding``: "a verified forwarding address must be specified"."""
    if body.get("enabled") and user.forwarding.get(str(body.get("emailAddress", "")).lower()) != "accepted":
        raise Refused(400, "failedPrecondition", "Unrecognized forwarding address")
    user.auto = dict(body)
    return user.auto


def put_vacation(user: User, body: Body) -> Body:
    """``updateVacation``: "either the response subject or the response body must be nonempty"."""
    if body.get("enableAutoReply") and not (body.get("responseSubject") or body.get("responseBodyPlainText")):
        raise Refused(400, "invalidArgument", "Missing response")
    user.vacation = dict(body)
    return user.vacation


def list_delegates(user: User) -> Body:
    """``delegates.list``."""
    rows = [{"delegateEmail": to, "verificationStatus": how} for to, how in user.delegates.items()]
    return {"delegates": rows} if rows else {}


def insert_delegate(account: Account, user: User, body: Body) -> Body:
    """``delegates.create``: accepted at once, of the same organisation."""
    delegate = str(body["delegateEmail"]).lower()
    if delegate not in account.users:
        raise Refused(400, "invalidArgument", "Invalid delegate")
    if delegate in user.delegates:
        raise Refused(409, "alreadyExists", "Requested entity already exists")
    user.delegates[delegate] = "accepted"
    return {"delegateEmail": delegate, "verificationStatus": "accepted"}


def delete_delegate(user: User, delegate: str) -> Body:
    """``delegates.delete``."""
    if delegate.lower() not in user.delegates:
        raise Refused(404, "notFound", "Requested entity was not found.")
    del user.delegates[delegate.lower()]
    return {}


def list_send_as(user: User) -> Body:
    """``sendAs.list``: the primary address too."""
    rows = [{"sendAsEmail": to, "verificationStatus": how} for to, how in user.send_as.items()]
    return {"sendAs": [{"sendAsEmail": user.address, "isPrimary": True, "isDefault": True}, *rows]}


def insert_send_as(account: Account, user: User, body: Body) -> Body:
    """``sendAs.create``."""
    sender = str(body["sendAsEmail"]).lower()
    if sender in user.send_as:
        raise Refused(409, "alreadyExists", "Requested entity already exists")
    user.send_as[sender] = "accepted" if account.inside(sender) else "pending"
    return {"sendAsEmail": sender, "verificationStatus": user.send_as[sender]}


def delete_send_as(user: User, sender: str) -> Body:
    """``sendAs.delete``."""
    if sender.lower() not in user.send_as:
        raise Refused(404, "notFound", "Requested entity was not found.")
    del user.send_as[sender.lower()]
    return {}


def list_labels(user: User) -> Body:
    """``labels.list``: Google's own too."""
    return {
        "labels": [*({"id": name, "name": name, "type": "system"} for name in sorted(_SYSTEM)), *user.labels]
    }


def insert_label(account: Account, user: User, body: Body) -> Body:
    """``labels.create``."""
    name = str(body["name"])
    if any(row["name"] == name for row in user.labels):
        raise Refused(409, "aborted", "Label name exists or conflicts")
    user.labels.append({"id": f"Label_{next(account.ids)}", "name": name, "type": "user"})
    return user.labels[-1]
