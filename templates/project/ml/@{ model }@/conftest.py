"""Makes pytest look for imports where train.py does: in this folder."""
