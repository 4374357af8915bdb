"""Source x day: what a partition is."""

import os

import dagster as dg

from trace_assets.drops import Drop
from trace_assets.places import Places
from trace_assets.sources import Sources, load_sources

SOURCES = dg.DynamicPartitionsDefinition(name="sources")
"""Dynamic, so that a new folder in the inbox becomes a source by itself."""


def declared(places: Places) -> Sources:
    """What `sources.yaml` says now."""
    return load_sources(places.sources_file)


def drops_partitions(sources: Sources) -> dg.MultiPartitionsDefinition:
    """Every source on every day since the first; today included."""
    days = dg.DailyPartitionsDefinition(start_date=str(sources.first_day), end_offset=1)
    return dg.MultiPartitionsDefinition({"source": SOURCES, "date": days})


def drop_of(partition_key: str) -> Drop:
    """The drop of a partition key, `date|source`: Dagster orders the dimensions by name.

    A launch through GraphQL hands over a plain string, so the key is always read as one.

    >>> drop_of("2026-01-02|telecom-agent")
    Drop(source='telecom-agent', date='2026-01-02')
    """
    date, source = str(partition_key).split("|")
    return Drop(source, date)


def key_of(drop: Drop) -> dg.MultiPartitionKey:
    """The partition key of a drop."""
    return dg.MultiPartitionKey({"source": drop.source, "date": drop.date})


DROPS = drops_partitions(declared(Places.of(os.environ)))
"""The partitions of all assets by source and day."""
