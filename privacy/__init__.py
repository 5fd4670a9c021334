"""What one purpose may know: consents, the mask, pseudonyms. A stranger to the models."""
