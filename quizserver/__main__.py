"""``python -m quizserver``."""

from __future__ import annotations

import sys

from quizserver.cli import main

sys.exit(main())
