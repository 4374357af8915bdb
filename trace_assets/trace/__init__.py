"""The Trace model: items, events, traces and turns."""
