"""How long the best assignment of a whole street takes, and how much better than greed it is."""
