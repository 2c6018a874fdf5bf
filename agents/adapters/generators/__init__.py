"""Language models that tell a brief in other words. What they say is checked elsewhere (`streams/content`)."""
