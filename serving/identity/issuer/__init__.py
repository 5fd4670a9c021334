"""The embedded issuer of the development profile: a real one, that signs anybody in as anybody who asks."""
