"""Other people's catalogues, turned into folders of our YAML, which the loader then checks like our own."""
