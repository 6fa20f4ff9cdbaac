"""The attacks are read, never imported: importing one would run it here."""

collect_ignore = ["submissions", "topics"]
