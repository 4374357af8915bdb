"""What each asset does, without Dagster: one file per stage, from one artifact to the next.

A stage takes what the one before it left at rest, calls the pure code line by line, and replaces
its own artifact as a whole. Its version is told by its input and its code, so that a stage whose
input and code are as they were does nothing.
"""
