"""serve_forever is called here and now: the notebook stands still until somebody interrupts it.

Caught by:
    test_serve.py::test_answers_in_the_background
    test_serve.py::test_a_port_of_its_own
    test_serve.py::test_loopback_only
    test_serve.py::test_side_by_side
    test_serve.py::test_close
"""


# %% solve_serve
def serve(app):
    """Serve an application to this machine, in the background."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.serve_forever()
    # at the end of its loop the server gives its port back
    return SimpleNamespace(url=f"http://127.0.0.1:{server.port}", close=server.shutdown)
