"""The records: who there is, what is held and what happened, in a relational database."""
