"""close ends nothing.

Caught by:
    test_serve.py::test_close
"""


# %% solve_serve
def serve(app):
    """Serve an application to this machine, in the background."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    # at the end of its loop the server gives its port back
    return SimpleNamespace(url=f"http://127.0.0.1:{server.port}", close=lambda: None)
