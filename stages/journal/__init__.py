"""Every finished response, kept on disk whatever happens next; what makes runs resumable."""
