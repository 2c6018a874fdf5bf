"""Support: questions answered from live hotspots and the operator's documents, cited, or handed to a person."""
