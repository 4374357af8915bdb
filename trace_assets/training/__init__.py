"""Traces to training sets, in the formats of distil labs."""
