"""A shop on one server at a domain of its own: its proxy, and what is looked at before a start."""
