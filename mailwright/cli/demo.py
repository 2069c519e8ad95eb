"""``mailwright demo``."""

from __future__ import annotations

from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang


@language.command(
    epilog="Exit codes: 0, 1 where a step did not go as expected. Example: mailwright demo --lang zh"
)
@common.folder_option("Where state and zone are kept (default: .mailwright/demo).")
@common.engine_option
@common.lang_option
def demo(folder: Path | None, engine: str, lang: Lang) -> int:
    """Run the whole story on this machine: deploy, verify, break the MX, find the drift, repair it."""
    from mailwright.operations.demo import run

    return run(folder, engine, lang, click.echo)
