"""The sandbox as a whole: page, timeline, bot process, command line."""
