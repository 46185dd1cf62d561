"""Places for artifacts on 127.0.0.1: what the real clients ask is answered, counted and checked."""
