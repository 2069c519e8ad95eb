"""The website: a page in a folder, in place of a bucket, a machine or a host of static pages."""

from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

PAGE = "<!doctype html><title>{domain}</title><a href='mailto:info@{domain}'>Write to us</a>\n"


class _Pages(ResourceProvider):
    def create(self, props):
        path = Path(props["folder"], "index.html")
        path.parent.mkdir(exist_ok=True)
        path.write_text(PAGE.format(domain=props["domain"]), encoding="utf-8")
        return CreateResult(props["domain"], {**props, "page": str(path), "address": "192.0.2.80"})

    def update(self, _id, _olds, news):
        return UpdateResult(self.create(news).outs)

    def delete(self, _id, props):
        Path(props["page"]).unlink(missing_ok=True)


class Website(Resource):
    """A page that says where to write to; ``address`` is its server's, known once it stands."""

    page: pulumi.Output[str]
    address: pulumi.Output[str]

    def __init__(self, name, domain, opts=None):
        inputs = {"domain": domain, "folder": "public", "page": None, "address": None}
        super().__init__(_Pages(), name, inputs, opts)
