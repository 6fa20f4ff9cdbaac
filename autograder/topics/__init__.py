"""From a topic's text to the notebooks: its header and the rules of its course."""
