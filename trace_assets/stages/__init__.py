"""What each asset does, without Dagster: one file per stage, from one artifact to the next.

A stage takes what the one before it left at rest, in one version of it, calls the pure code line
by line, and replaces its own artifact as a whole. Its version is told by its input, its settings
and its code, so that a stage of which all three are as they were does nothing. The code is a number
to count up in the stage, and for formats their source itself.
"""
