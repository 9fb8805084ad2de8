"""What crosses into the sandbox, as text. It uses the standard library, numpy, msgpack and its siblings only."""
