"""The embedded nameserver as a process: what the ``sandbox`` command and the demo run."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from mailwright.sandbox.keys import KEY_FILE, load_or_make, read_key
from mailwright.sandbox.nameserver import Nameserver


async def serve(
    folder: Path,
    zones: Sequence[str],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    demo_key: bool = False,
    ready: Callable[[Nameserver], None],
) -> None:
    """Serve the zones kept in ``folder`` until SIGTERM or Ctrl-C; ``ready`` is called once listening.

    ``demo_key`` makes a TSIG key on first use, in ``folder``/tsig.key (mode 0600); a key file that
    is there is always used. Raises ``OSError``, ``ValueError``, or Busy where another process
    serves from the folder.
    """
    key_file = folder / KEY_FILE
    keys = [load_or_make(folder)] if demo_key else [read_key(key_file)] if key_file.exists() else []
    server = Nameserver(zones, keys, host=host, port=port, journal=folder)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop_signal in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises instead
            loop.add_signal_handler(stop_signal, stop.set)
    await server.start()
    try:
        ready(server)
        await stop.wait()
    finally:
        await server.stop()
