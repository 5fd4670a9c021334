"""Attacks on what was learned and on what is shown, as an outsider with good data would mount them."""
