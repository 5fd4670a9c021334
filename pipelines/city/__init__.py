"""A synthetic city: subjects whose lives unfold, and the records they leave. Never real people."""
