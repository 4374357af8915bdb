"""The only code that knows Dagster: a thin shell around the stages."""
