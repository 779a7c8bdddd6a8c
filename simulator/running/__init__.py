"""Run blocks of lifetimes anywhere, keep what is done, and put it together: the same bytes whoever did it."""
