"""Before a new catalogue takes effect: whose standing it changes, and who must agree to that."""
