"""The code that is sent into the sandbox as text. It imports only the standard library, numpy, msgpack, and itself."""
