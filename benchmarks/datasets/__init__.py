"""Adapters: each turns an evaluation data set into the features and interactions affinity learns from."""
