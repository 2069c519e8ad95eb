"""All situations of a variant are one batch on one living pair, in whichever worker process asks first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.living.situations import run_once
from tests.living.variants import Variant


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Variant by variant, so that worker processes do not wait for each other's batch."""

    def variant(item: pytest.Item) -> str:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        return params["variant"].name if isinstance(params.get("variant"), Variant) else ""

    here = [number for number, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    ordered = sorted((items[number] for number in here), key=variant)
    for number, item in zip(here, ordered, strict=True):
        items[number] = item


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for all worker processes of this run of tests."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def outcomes() -> dict[str, dict[str, str]]:
    """What is known here of each variant's batch."""
    return {}


@pytest.fixture
def batch(
    request: pytest.FixtureRequest,
    variant: Variant,
    shared_folder: Path,
    outcomes: dict[str, dict[str, str]],
) -> dict[str, str]:
    """What went wrong in each situation of the variant, after all of them have run."""
    if variant.name not in outcomes:
        outcomes[variant.name] = run_once(variant, request.session.items, shared_folder)
    return outcomes[variant.name]
