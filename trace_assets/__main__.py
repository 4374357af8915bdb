"""`python -m trace_assets`: the command line."""

import sys

from trace_assets.cli import main

if __name__ == "__main__":
    sys.exit(main())
