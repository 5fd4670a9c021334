"""Delivery of the outbox: claims what is due, re-checks it, words it, sends it, marks what became of it."""
