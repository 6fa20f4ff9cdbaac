"""Grading on a Dask cluster: the same exam, on the workers of other machines.

Imports Dask; nothing outside this package does, and nothing imports this package before a cluster
is asked for.
"""
