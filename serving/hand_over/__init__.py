"""Doing it: a matter is handed over to the portal, signed, and what came of it comes back as a case."""
