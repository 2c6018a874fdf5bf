"""Who is told of an alert, when, and what follows from having tried; how it is told is the agents'."""
