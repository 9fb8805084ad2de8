"""Every run is compiled: a plan for each set of fetches, kept in the session; compile writes Python source and executes it."""

# %% solve_run
class Session:
    """Runs a graph by plans that are made once."""

    def __init__(self, graph=None):
        self.graph = graph or get_default_graph()
        self.variables = {}
        self.closed = False
        self._plans = {}

    def run(self, fetches, feed_dict=None):
        if self.closed:
            raise RuntimeError("closed")
        feeds = dict(feed_dict or {})
        wanted = tuple(flatten(fetches))
        if any(node.graph is not self.graph for node in [*wanted, *feeds]):
            raise ValueError("a node of another graph")
        key = (wanted, frozenset(feeds))
        if key not in self._plans:
            self._plans[key] = make_plan(wanted, feeds)
        slots = {}
        for node, value in feeds.items():
            slots[node] = check_value(node, value)
        for node in self._plans[key]:
            slots[node] = node.compute(self, *[slots[i] for i in node.inputs])
        answers = iter([slots[node] for node in wanted])
        return rebuild(fetches, answers)


def flatten(fetches):
    if isinstance(fetches, Operation):
        return [fetches]
    parts = fetches.values() if isinstance(fetches, dict) else fetches
    return [node for part in parts for node in flatten(part)]


def rebuild(fetches, answers):
    if isinstance(fetches, Operation):
        return next(answers)
    if isinstance(fetches, dict):
        return {key: rebuild(part, answers) for key, part in fetches.items()}
    made = [rebuild(part, answers) for part in fetches]
    return type(fetches)(*made) if hasattr(fetches, "_fields") else type(fetches)(made)


def make_plan(wanted, known):
    """The nodes to compute, inputs first: depth-first search with a stack of iterators."""
    plan, seen = [], set(known)
    for start in wanted:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(start.inputs))]
        while stack:
            node, rest = stack[-1]
            for parent in rest:
                if parent not in seen:
                    seen.add(parent)
                    stack.append((parent, iter(parent.inputs)))
                    break
            else:
                plan.append(node)
                stack.pop()
    return plan


def check_value(node, value):
    value = np.asarray(value, dtype=float)
    shape = getattr(node, "shape", None)
    if shape is not None:
        if len(shape) != value.ndim:
            raise ValueError("wrong number of axes")
        for wanted, got in zip(shape, value.shape):
            if wanted is not None and wanted != got:
                raise ValueError("wrong length")
    return value


def ancestors(nodes, known=()):
    return set(make_plan(tuple(nodes), known))


# %% solve_compile
def compile(output):
    """Write the graph down as the source of a function; what depends on constants only is computed now."""
    plan = make_plan((output,), {})
    where = {node: i for i, node in enumerate(output.graph.operations)}
    arguments = sorted((node for node in plan if isinstance(node, Placeholder)), key=where.get)
    lines = [f"def function({', '.join(f'v{where[node]}' for node in arguments)}):"]
    names, folded = {}, {}
    for node in plan:
        i = where[node]
        if not isinstance(node, Placeholder) and all(x in folded for x in node.inputs):
            names[f"v{i}"] = folded[node] = node.compute(None, *[folded[x] for x in node.inputs])
        elif isinstance(node, Placeholder):
            names[f"p{i}"] = node
            lines.append(f"    v{i} = check(p{i}, v{i})")
        else:
            names[f"f{i}"] = node.compute
            lines.append(f"    v{i} = f{i}({', '.join(['None', *(f'v{where[x]}' for x in node.inputs)])})")
    lines.append(f"    return own(v{where[output]})")
    names["check"] = check_value
    names["own"] = lambda result: result.copy() if isinstance(result, np.ndarray) else result
    exec("\n".join(lines), names)
    return names["function"]
