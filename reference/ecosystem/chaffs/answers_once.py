"""The server takes one request, and that was it.

Caught by:
    test_serve.py::test_answers_in_the_background
    test_serve.py::test_side_by_side
"""


# %% solve_serve
def serve(app):
    """Serve an application to this machine, in the background."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.handle_request, daemon=True).start()
    # at the end of its loop the server gives its port back
    return SimpleNamespace(url=f"http://127.0.0.1:{server.port}", close=server.server_close)
