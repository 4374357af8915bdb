"""The assets: one file each."""
