"""Where a subject stands with every item: windows of time, papers, and the standing that follows."""
