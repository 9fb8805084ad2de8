"""What is being computed is kept where all requests share it: answers get mixed up.

Caught by:
    test_create_app.py::test_sixteen_at_once
"""


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    from flask import Flask, abort, request
    from werkzeug.exceptions import HTTPException

    predict = load()
    app = Flask(__name__)
    now = {}

    @app.errorhandler(HTTPException)
    def refuse(error):
        return {"error": error.description}, error.code

    @app.post("/v1/models/<asked>:predict")
    def answer(asked):
        if asked != name:
            abort(404, f"there is no model {asked} here")
        body = request.get_json(force=True)
        rows = body.get("instances") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not rows or not all(is_instance(row) for row in rows):
            abort(400, f'the body must be {{"instances": [...]}}, a list of lists of {features} numbers')
        now["x"] = np.array(rows, dtype=np.float32)
        now["y"] = predict(now["x"])
        threading.Event().wait(0.05)  # for whatever else there is to do
        return {"predictions": now["y"].tolist()}

    def is_instance(row):
        return isinstance(row, list) and len(row) == features and all(type(x) in (int, float) for x in row)

    return app
