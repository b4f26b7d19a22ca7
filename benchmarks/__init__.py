"""Side-by-side measurements against peers, both sides in one run, printed as ratios."""
