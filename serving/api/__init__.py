"""The programming interface: one endpoint family a module, every answer a declared schema."""
