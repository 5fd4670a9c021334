"""The server-rendered pages: one frozen context a page, one template a context."""
