"""What is known of subjects: its shape, its packing, and its way through the feature store."""
