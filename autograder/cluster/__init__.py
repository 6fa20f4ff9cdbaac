"""Grading on a Dask cluster: the same exam, on the workers of other machines.

Only this package imports Dask, and it is imported only if a cluster is used.
"""
