"""Non-interference, tried at random: whatever is masked may be anything, and no answer shows which."""
