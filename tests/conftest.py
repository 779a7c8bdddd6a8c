"""What all tests need."""

import signal

# A shell lets what it starts in the background ignore Ctrl-C, and processes pass that on; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

COMPILES = "tests/simulator/test_tally.py"
NEEDS_NO_KERNEL = ("tests/simulator/plan/", "tests/simulator/catalogue/")


def pytest_collection_modifyitems(items):
    """Let one process compile the kernel, while others test what needs none: each would compile it for itself."""
    items.sort(
        key=lambda item: (not item.nodeid.startswith(COMPILES), not item.nodeid.startswith(NEEDS_NO_KERNEL))
    )
