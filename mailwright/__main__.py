"""``python -m mailwright``: the command line."""

import sys

from mailwright.cli import main

sys.exit(main())
