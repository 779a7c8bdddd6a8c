"""Run the command line of a checkout that is not installed: python -m simulator.cli."""

from __future__ import annotations

from simulator.cli import main

main()
