"""Acts on what comes in live: pushes features, re-assesses whom it concerns, sets aside what cannot be."""
