"""Drops of raw agent logs in, validated trace datasets out."""
