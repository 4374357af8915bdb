"""Bytes to records, in bounded memory."""
