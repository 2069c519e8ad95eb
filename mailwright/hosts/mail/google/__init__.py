"""Google Workspace by its APIs: Directory, Groups Settings and Gmail's settings of each mailbox.

Written from the discovery documents that google-api-python-client 2.202.0 ships, seen on 2026-12-01:
``admin.directory_v1`` (revision 20261104), ``groupssettings.v1`` (20220614), ``gmail.v1`` (20261005).
It was never tried at a living account, so what is said of it holds by these documents.
"""
