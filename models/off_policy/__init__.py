"""What a page in another order would have brought, told from the log of the pages that were shown."""
