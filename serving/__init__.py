"""What people and programs meet: the API under /v1 and the homepages."""
