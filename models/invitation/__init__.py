"""Which admitted or upcoming items to propose to a subject (候选), on which day."""
