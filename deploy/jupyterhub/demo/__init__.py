"""A demonstration hub on this machine: ``make hub``, and the tests of the hub."""
