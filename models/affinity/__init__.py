"""What a subject is likely to want next, learned; the rules decide what may be offered at all."""
