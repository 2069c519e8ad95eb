"""A Google Workspace account behind HTTP, from the discovery documents alone.

The documents: ``admin.directory_v1`` revision 20261104, ``groupssettings.v1`` revision 20220614, ``gmail.v1``
revision 20261005, as google-api-python-client 2.202.0 ships them (seen 2026-12-01): paths, methods, scopes,
parameters, bodies, page sizes. What they do not say is drawn or chosen here, and marked "not in the documents".
"""

from tests.mail_host.simulators.google_api.account import Account, Group, Refused, User
from tests.mail_host.simulators.google_api.judging import tenant
from tests.mail_host.simulators.google_api.server import ADMIN, CLIENT, SCOPES, StandIn

__all__ = ["ADMIN", "CLIENT", "SCOPES", "Account", "Group", "Refused", "StandIn", "User", "tenant"]
