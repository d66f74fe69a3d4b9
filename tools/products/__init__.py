"""Check a catalogue of products, and load it into the laptop stack or a deployed stage."""
