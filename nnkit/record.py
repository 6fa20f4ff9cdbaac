"""The MIME type of the record that a check leaves in a cell's outputs, for whoever reads it."""

RECORD_TYPE = "application/vnd.nnkit.check+json"
