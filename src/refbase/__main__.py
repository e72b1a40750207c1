"""`python -m refbase`, for where the command is not on the path."""

import sys

from refbase.cli import main

sys.exit(main())
