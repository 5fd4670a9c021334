"""Call-back (互动回拨, 未询先答): whoever asked the hotline gets the answer of the catalogue, once."""
