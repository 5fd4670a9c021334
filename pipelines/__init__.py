"""One module a step: city, ingest, features, train, evaluate, promote, score. A stranger to serving."""
