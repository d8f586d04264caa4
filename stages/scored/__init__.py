"""Scores of transcripts that exist already, for a terminal, a spreadsheet or another program."""
