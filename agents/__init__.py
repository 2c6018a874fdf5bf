"""What moves: Faust agents, the program around them, and adapters to the world. Decisions are taken in `streams`."""
