"""Traces as a dataset: `<key>.jsonl`, `<key>.yaml` and `manifest.json`."""
