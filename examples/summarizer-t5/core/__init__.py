"""What every model of this project shares: runs, artifacts, data sources, reports, the server."""
