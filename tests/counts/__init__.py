"""What can be counted instead of timed: queries, transactions, calls, memory, as numbers and ratios."""
