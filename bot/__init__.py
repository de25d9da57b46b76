"""The service: asks become jobs, jobs become pictures in their own thread."""
