"""What subjects decide on their data and ask of it, for pages and programs alike."""
