"""Rented machines without a provider: its API is a server on this machine, and time is told, not waited for."""
