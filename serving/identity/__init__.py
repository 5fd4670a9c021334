"""Who is asking, in which capacity, and what that opens: sign-in, sessions, tokens, hats, access."""
