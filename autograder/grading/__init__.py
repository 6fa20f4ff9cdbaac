"""Grade a class: collect the pile, sanitise, examine, record, read the scores back."""
