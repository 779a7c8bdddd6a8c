"""What all tests need."""

import signal

# A shell lets what it starts in the background ignore Ctrl-C, and processes pass that on; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
