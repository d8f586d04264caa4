"""What the hardware did, second by second: a sampler process, its lanes and its store."""
