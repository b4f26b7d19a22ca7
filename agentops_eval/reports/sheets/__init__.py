"""Sheets of operations in Markdown, put into files that people edit, and as one HTML page."""
