"""What is read of the hardware: one lane a file, each with the table that its rows go to."""
