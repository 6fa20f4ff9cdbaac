"""The audit: do a topic's tests judge every right answer right and every wrong one wrong."""
