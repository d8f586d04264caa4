"""From a recorded stream, or another tool's export, to thinking and answer."""
