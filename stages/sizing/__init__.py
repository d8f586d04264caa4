"""What models need of a machine, and whether it has that."""
