"""The provider plugin of this checkout: the package beside this folder, whatever the environment."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailwright.deploy.plugin import main  # the path comes first

main()
