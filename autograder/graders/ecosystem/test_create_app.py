"""Hidden tests of task 7: requests over real HTTP, on the loopback interface of the jail."""

import json

import numpy as np
import pytest

from autograder.graders.ecosystem.oracles import singles
from autograder.graders.ecosystem.serving import (
    TOGETHER,
    check_predictions,
    check_refused,
    host,
    path,
    question,
    read_reply,
    replies_of,
    send,
)
from autograder.grading import check


def linear(rng, features=3):
    """The plan for a linear model with two outputs."""
    return {"name": "linear", "w": singles(rng, features, 2)}


def replies(student, plan, *rounds):
    """The replies to rounds of requests, and how often the model was loaded."""
    got, loads = student.run(replies_of, host, send, student.create_app, plan, list(rounds))
    return got, loads


@pytest.mark.points(1)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 2 * x))) as server:\n'
    "    body = b'{\"instances\": [[1, 2], [3, 4]]}'\n"
    '    url = f"{server.url}/v1/models/double:predict"\n'
    '    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})\n'
    "    with urllib.request.urlopen(request, timeout=5) as reply:\n"
    "        answer = json.load(reply)\n"
    "answer",
    gives={"predictions": [[2.0, 4.0], [6.0, 8.0]]},
)
def test_predictions_in_order(student, rng):
    """Every instance gets its prediction, in the order of the instances, as JSON, and with all its digits.

    Hint: one array of all instances for predict; tolist() for the answer. Whole numbers are numbers, too, and
    so is 10**20, for which numpy has no integer type. A body has no largest size, and each request asks predict anew.
    """
    plan = {"name": "Linear_2", "w": singles(rng, 3, 1) * np.float32(1e-6), "beside": True}
    plan["w"][1] = exact = np.float32(1.0000046e-6)  # seven digits are not enough
    batches = [singles(rng, rows, 3).tolist() for rows in (1, 5, 2003)] + [[[0, 1, 2], [4, 0.0, -6], [0, 1, 2]]]
    batches += [[[10**20, 1, -2]], [[0, 1, 0]]]  # 10**20 is a number like any other to JSON
    more = json.dumps({"signature_name": "serving_default", "instances": batches[0]}).encode()
    more = b" " * (1 << 20) + more + b"\n"
    asked = [*(question(x, "Linear_2") for x in batches), (path("Linear_2"), more, "application/json")]
    drifting = [[13.0, 1.0, 2.0]]
    got, _ = replies(student, plan | {"drifts": 13.0}, [*asked, *[question(drifting, "Linear_2")] * 2])
    *fixed, once, again = got[0]
    for x, reply in zip([*batches, batches[0]], fixed, strict=True):
        check_predictions(reply, np.array(x, dtype=np.float32) @ plan["w"])
    check_predictions(fixed[len(batches) - 1], np.array([[exact]]), rtol=1e-7)
    for reply, more_by in ((once, 0.0), (again, 1.0)):
        check_predictions(reply, np.array(drifting, dtype=np.float32) @ plan["w"] + more_by)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 2 * x))) as server:\n'
    "    body = b'{\"instances\": [[1, 2], [3, 4]]}'  # urllib says that it is a form\n"
    '    with urllib.request.urlopen(f"{server.url}/v1/models/double:predict", body, timeout=5) as reply:\n'
    "        answer = json.load(reply)\n"
    "answer",
    gives={"predictions": [[2.0, 4.0], [6.0, 8.0]]},
)
def test_any_content_type(student, rng):
    """A question is answered whatever its Content-Type says: curl, say, calls JSON a form.

    Hint: request.get_json(force=True) in Flask; await request.body() in FastAPI.
    """
    plan, x = linear(rng, features=1), singles(rng, 2, 1)
    kinds = ("application/x-www-form-urlencoded", "text/plain; charset=utf-8", "", "application/octet-stream")
    kinds += ("multipart/form-data; boundary=x", "application/json; charset=nonsense", "text/plain; charset=utf-16")
    got, _ = replies(student, plan, [question(x.tolist(), kind=kind) for kind in kinds])
    for reply in got[0]:
        check_predictions(reply, x @ plan["w"])


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 2 * x))) as server:\n'
    '    url, body = f"{server.url}/v1/models/double:predict", b\'{"instances": [[1, 2]\'\n'
    "    try:\n"
    "        reply = urllib.request.urlopen(url, body, timeout=5)\n"
    "    except urllib.error.HTTPError as error:\n"
    "        reply = error\n"
    "    status, text = reply.status, reply.read()\n"
    '{"status": status, "keys": list(json.loads(text))}',
    gives={"status": 400, "keys": ["error"]},
)
def test_bad_json(student, rng):
    """A body that is no JSON is the caller's mistake: 400.

    Hint: catch the ValueError of json.loads, or see which status your framework gives by itself.
    """
    bodies = [b"", b'{"instances": [[1, 2, 3]]', b"instances=1", b'{"instances": [[1, 2, \xff]]}']
    bodies += [b'{"instances": [[1, 2, 3],]}']
    bodies += [b"{'instances': [[1, 2, 3]]}", b'{"instances": [[1, 2, 3]]}}']
    got, _ = replies(student, linear(rng), [(path("linear"), body, "application/json") for body in bodies])
    for reply in got[0]:
        check_refused(reply, 400)


@pytest.mark.points(1)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    "statuses = []\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 2 * x))) as server:\n'
    '    url = f"{server.url}/v1/models/double:predict"\n'
    '    for instances in ([[1, "2"]], []):\n'
    '        body = json.dumps({"instances": instances}).encode()\n'
    "        try:\n"
    "            statuses.append(urllib.request.urlopen(url, body, timeout=5).status)\n"
    "        except urllib.error.HTTPError as error:\n"
    "            statuses.append(error.code)\n"
    "statuses",
    gives=[400, 400],
)
def test_bad_instances(student, rng):
    """JSON that is no list of instances of the right size is the caller's mistake: 400.

    Hint: look at each row before numpy does, which makes numbers of text, of null and of true.
    """
    rows = [[], [[]], [[1.0, 2.0]], [[1, 2, 3], [1, 2]], [[1, 2, 3, 4, 5, 6]], [1, 2, 3], [[[1], [2], [3]]], 7]
    rows += [[[1, 2], [3, 4, 5, 6]], [{"x": [1, 2, 3]}], {"x": [1, 2, 3]}, ["123"], [{"0": 1, "1": 2, "2": 3}]]
    rows += [[[1, 2, other]] for other in ("3", None, True, False)] + [[[1, 2, 3], ["4", 5, 6], [7, 8, 9]]]
    bodies = [{"instances": instances} for instances in rows]
    bodies += [{}, {"inputs": [[1, 2, 3]]}, [[1, 2, 3]], None, ["instances"], '{"instances": [[1, 2, 3]]}']
    asked = [(path("linear"), json.dumps(body).encode(), "application/json") for body in bodies]
    got, _ = replies(student, linear(rng), asked)
    for reply in got[0]:
        check_refused(reply, 400)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 2 * x))) as server:\n'
    '    url, body = f"{server.url}/v1/models/triple:predict", b\'{"instances": [[1, 2]]}\'\n'
    "    try:\n"
    "        reply = urllib.request.urlopen(url, body, timeout=5)\n"
    "    except urllib.error.HTTPError as error:\n"
    "        reply = error\n"
    "    status, text = reply.status, reply.read()\n"
    '{"status": status, "keys": list(json.loads(text))}',
    gives={"status": 404, "keys": ["error"]},
)
def test_unknown_model(student, rng):
    """For the name of another model the reply is 404, in JSON as well, and the next request is answered.

    Hint: compare the name in the path; a framework's own page for 404 is HTML. Where a connection is kept, as HTTP/1.1
    does, a body that was not read is taken for the next request.
    """
    x = singles(rng, 1, 3).tolist()
    names = [name for other in ("bilinear", "linear2", "linea", "Linear") for name in (other, "linear")]
    got, _ = replies(student, linear(rng) | {"kept": True}, [question(x, name) for name in names])
    for reply in got[0][::2]:
        check_refused(reply, 404)
    for reply in got[0][1::2]:
        read_reply(reply, 200)


@pytest.mark.points(1)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 1 / 0))) as server:\n'
    '    url, body = f"{server.url}/v1/models/double:predict", b\'{"instances": [[1, 2]]}\'\n'
    "    try:\n"
    "        reply = urllib.request.urlopen(url, body, timeout=5)\n"
    "    except urllib.error.HTTPError as error:\n"
    "        reply = error\n"
    "    status, text = reply.status, reply.read()\n"
    '{"status": status, "keys": list(json.loads(text)), "traceback": b"Traceback" in text}',
    gives={"status": 500, "keys": ["error"], "traceback": False},
)
def test_a_model_that_fails(student, rng):
    """When predict raises, the reply is 500 without a traceback or what it said, and the next request is answered.

    Hint: the traceback into the log, a sentence of your own into the reply. A ValueError of predict's is no mistake of
    the caller's.
    """
    plan, x = linear(rng), singles(rng, 2, 3)
    bad = [[[1000.0 + number, 0.0, 0.0]] for number in range(TOGETHER + 1)]
    got, loads = replies(student, plan | {"fails": 500.0}, [question(rows) for rows in [*bad, x.tolist()]])
    *failed, fine = got[0]
    for reply in failed:
        check_refused(reply, 500)
        shown = reply[2].decode(errors="replace")
        check("weights.bin" not in shown, "the reply must be without the text of the exception", got=shown[:300])
    check_predictions(fine, x @ plan["w"])
    check(loads == 1, "load must be called once, also when predict has raised", got=loads)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("large", 2, lambda: lambda x: x * np.float32(1e38)))) as server:\n'
    '    url, body = f"{server.url}/v1/models/large:predict", b\'{"instances": [[1, 2]]}\'\n'
    "    reply = urllib.request.urlopen(url, body, timeout=5)\n"
    '    predictions = json.loads(reply.read())["predictions"]\n'
    "[number / 1e38 for number in predictions[0]]",
    gives=[1.0, 2.0],
)
def test_numbers_of_any_size(student, rng):
    """The largest numbers of float32 come back as they are; NaN or infinity before them does no harm.

    Hint: tolist() gives Python's numbers, whatever their size. What is said of NaN, which JSON has not, is your choice.
    """
    large = 3e38
    plan, (a, b) = linear(rng), singles(rng, 2).tolist()
    plan |= {"says": [(7, np.nan), (8, np.inf), (9, -np.inf), (11, large)]}
    asked = [[[first, a, b], [1.0, b, a]] for first in (7.0, 8.0, 9.0)]
    finite = np.array([[11.0, a, b], [11.0, b, a]], dtype=np.float32)
    got, _ = replies(student, plan, [question(rows) for rows in [*asked, finite.tolist()]])
    fine = got[0][-1]
    expected = finite @ plan["w"]
    expected[:, -1] = large
    check_predictions(fine, expected)


@pytest.mark.points(1)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    "loads = []\n"
    'with closing(serve(create_app("double", 2, lambda: loads.append(1) or (lambda x: 2 * x)))) as server:\n'
    '    url, body = f"{server.url}/v1/models/double:predict", b\'{"instances": [[1, 2]]}\'\n'
    "    for _ in range(3):\n"
    "        urllib.request.urlopen(url, body, timeout=5).close()\n"
    "len(loads)",
    gives=1,
)
def test_loaded_once(student, rng):
    """The model is loaded once, also when 16 first requests come together.

    Hint: load in create_app, or hold a lock while you load.
    """
    plan, x = linear(rng), singles(rng, 1, 3)
    first = [question(x.tolist())] * TOGETHER
    got, loads = replies(student, plan | {"together": True, "loading": 0.05}, first, first[:2])
    for reply in [*got[0], *got[1]]:
        read_reply(reply, 200)
    check(loads == 1, "load must be called once", got=loads)


@pytest.mark.points(1)
@pytest.mark.example(
    "from concurrent.futures import ThreadPoolExecutor\n"
    "from contextlib import closing\n"
    "\n"
    "def ask(number):\n"
    "    body = b'{\"instances\": [[%d]]}' % number\n"
    '    with urllib.request.urlopen(f"{server.url}/v1/models/m:predict", body, timeout=5) as reply:\n'
    '        return json.load(reply)["predictions"]\n'
    "\n"
    "both = threading.Barrier(2, timeout=1)  # waits for two\n"
    'with closing(serve(create_app("m", 1, lambda: lambda x: x + 0 * both.wait()))) as server:\n'
    "    answers = [*ThreadPoolExecutor(2).map(ask, (5, 7))]\n"
    "answers",
    gives=[[[5.0]], [[7.0]]],
)
def test_sixteen_at_once(student, rng):
    """16 requests at once are computed side by side, and each gets its own answer.

    Hint: no lock around predict, nothing shared between requests; in an async function, a thread for predict.
    """
    plan = linear(rng)
    batches = [singles(rng, 1, 3) for _ in range(TOGETHER)]  # who predicts row by row comes once for each, too
    asked, at_once = [question(x.tolist()) for x in batches], {"together": True, "computing": 0.2}
    got, _ = replies(student, plan | at_once | {"wait": TOGETHER}, asked)
    for x, reply in zip(batches, got[0], strict=True):
        check_predictions(reply, x @ plan["w"])
    bad = [question([[1, 2]])]  # comes while two good ones are computed
    (good, *refused), _ = replies(student, plan | at_once | {"wait": 2, "meanwhile": bad}, asked[:2])
    for x, reply in zip(batches[:2], good, strict=True):
        check_predictions(reply, x @ plan["w"])
    check(len(refused) > 0, "each request must ask predict anew, also one that was made before")
    for (reply,) in refused:
        check_refused(reply, 400)
