"""python -m nitro.sampler: proposes the trials of `nitro search` by Optuna and keeps them in its storage.

One JSON object per line on stdin, one reply per line on stdout: {"id", "verb", …} is answered by {"id", "ok": true, …} or by
{"id", "ok": false, "error": {"code", "message", "hint"}}. The first is `open`, the last `close`.

open     storage (a URL), study, sampler ("tpe" or "nsga2"), seed, objectives (names, all to be small), dimensions, identity,
         resume. What was running when a search ended is failed and will be asked again.
         -> optuna (its version), trials (all that are finished: number, state, parameters, attributes), again (a count)
ask      -> number, parameters, attributes; several may be under way
enqueue  parameters, attributes: to be asked before any other, unless a trial has them already
tell     number, state ("complete" or "failed"), values, constraints (name -> above 0 where violated), attributes
close    ends the process

A dimension is {"name", "choices": [text, …]} or {"name", "low", "high", "step"}; with "when" it has a value only where the
dimension of that name, which comes before it, is "on".
"""

from __future__ import annotations

import warnings

from nitro.runners.errors import RunnerError
from nitro.runners.request_line import answered, serve_lines, verb_of

MAX_LINE = 16 << 20
MOST_ATTEMPTS = 3  # of a trial in which the search was ended again and again
POPULATION = 16


def import_optuna():
    try:
        import optuna
    except ImportError as error:
        raise RunnerError("environment", f"the Python package {error.name} is not installed",
                          "scripts/bootstrap.sh search, or pip install optuna") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    return optuna


class Sampler:
    """One study, and the trials of it that are under way."""

    def __init__(self):
        self.finished = False
        self._study = None
        self._dimensions: list[dict] = []
        self._running = {}
        self._verbs = {"open": self._open, "ask": self._ask, "enqueue": self._enqueue,
                       "tell": self._tell, "close": self._close}

    def answer(self, line: bytes) -> dict:
        """The reply to one request line, whatever it holds."""
        return answered(line, self._act)

    def _act(self, request: dict) -> dict:
        verb = verb_of(request, self._verbs)
        if self._study is None and request["verb"] not in ("open", "close"):
            raise RunnerError("usage", "open comes first")
        try:
            return verb(request)
        except (KeyError, TypeError, ValueError) as error:
            raise RunnerError("usage", f"not a request: {type(error).__name__}: {error}") from None

    def _open(self, request: dict) -> dict:
        optuna = import_optuna()
        self._dimensions = [checked(dimension) for dimension in request["dimensions"]]
        try:
            study = optuna.create_study(
                storage=request["storage"], study_name=request["study"], load_if_exists=True,
                directions=["minimize"] * len(request["objectives"]))
        except Exception as error:
            raise RunnerError("environment", f"the storage {request['storage']} cannot be used: {error}",
                              "--storage takes what Optuna takes, such as sqlite:///search.db") from None
        known = len(study.get_trials(deepcopy=False))
        if known and not request["resume"]:
            raise RunnerError("usage", f"{request['storage']} has {known} trials of {request['study']!r} already",
                              "go on with them by --resume, or choose another --output or --storage")
        self._check_identity(study, request)
        # Of a seed of its own, or a search that goes on would propose what it began with.
        study.sampler = sampler_of(optuna, request["sampler"], int(request["seed"]) + known)
        self._study = study
        again = self._ask_again(optuna)
        over = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL)
        trials = [{"number": trial.number, "state": "complete" if trial.state == over[0] else "failed",
                   "parameters": trial.params, "attributes": trial.user_attrs}
                  for trial in study.get_trials(deepcopy=False, states=over)]
        return {"optuna": optuna.__version__, "trials": trials, "again": again}

    @staticmethod
    def _check_identity(study, request: dict) -> None:
        """The study must be of the same model, data and space."""
        wanted = {**request["identity"], "dimensions": request["dimensions"], "objectives": request["objectives"]}
        for key, value in wanted.items():
            if study.user_attrs.get(key, value) != value:
                raise RunnerError("usage", f"the trials of {request['study']!r} are of another search: its {key} differs",
                                  "go on with the arguments that it began with, or choose another --output or --storage")
            if key not in study.user_attrs:
                study.set_user_attr(key, value)

    def _ask_again(self, optuna) -> int:
        """First what is asked again, then the end of the old trial: an end in between loses and doubles nothing."""
        states = optuna.trial.TrialState
        trials = self._study.get_trials(deepcopy=False)
        asked = {trial.user_attrs.get("retry_of") for trial in trials}
        count = 0
        for trial in trials:
            if trial.state != states.RUNNING:
                continue
            attempt = trial.user_attrs.get("attempt", 1)
            if trial.number not in asked and attempt < MOST_ATTEMPTS:
                attributes = {**trial.user_attrs, "retry_of": trial.number, "attempt": attempt + 1}
                parameters = {**trial.system_attrs.get("fixed_params", {}), **trial.params}
                self._study.enqueue_trial(parameters, user_attrs=attributes)
                count += 1
            self._study.tell(trial.number, state=states.FAIL)
        return count

    def _ask(self, request: dict) -> dict:
        del request
        trial = self._study.ask()
        for dimension in self._dimensions:
            if "when" in dimension and trial.params.get(dimension["when"]) != "on":
                continue
            suggest(trial, dimension)
        self._running[trial.number] = trial
        return {"number": trial.number, "parameters": trial.params, "attributes": trial.user_attrs}

    def _enqueue(self, request: dict) -> dict:
        self._study.enqueue_trial(dict(request["parameters"]), user_attrs=dict(request["attributes"]),
                                  skip_if_exists=True)
        return {}

    def _tell(self, request: dict) -> dict:
        import optuna

        trial = self._running.get(request["number"])
        if trial is None:
            raise RunnerError("usage", f"the trial {request['number']!r} is not under way")
        for key, value in request["attributes"].items():
            trial.set_user_attr(key, value)
        for key, value in request["constraints"].items():
            trial.set_constraint(key, value)
        if request["state"] == "complete":
            values = [float(value) for value in request["values"]]
            if len(values) != len(self._study.directions):
                raise RunnerError("usage", f"a trial has {len(self._study.directions)} values")
            self._study.tell(trial, values)
        else:
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        del self._running[trial.number]
        return {}

    def _close(self, request: dict) -> dict:
        del request
        self.finished = True
        return {}


def sampler_of(optuna, name: str, seed: int):
    if name == "nsga2":
        return optuna.samplers.NSGAIISampler(population_size=POPULATION, seed=seed)
    if name == "tpe":
        # What is under way on other devices counts as bad, or all of them would get nearly the same.
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True)
    raise RunnerError("usage", f"there is no sampler {name!r}", "tpe or nsga2")


def checked(dimension: dict) -> dict:
    if not isinstance(dimension["name"], str):
        raise TypeError("a dimension has a name")
    if "choices" in dimension:
        if not dimension["choices"] or not all(isinstance(choice, str) for choice in dimension["choices"]):
            raise TypeError(f"{dimension['name']} needs texts to choose from")
    elif not dimension["low"] <= dimension["high"] or dimension["step"] <= 0:
        raise ValueError(f"{dimension['name']} has no value between low and high")
    return dimension


def suggest(trial, dimension: dict) -> None:
    name = dimension["name"]
    if "choices" in dimension:
        trial.suggest_categorical(name, dimension["choices"])
    elif all(isinstance(dimension[key], int) for key in ("low", "high", "step")):
        trial.suggest_int(name, dimension["low"], dimension["high"], step=dimension["step"])
    else:
        trial.suggest_float(name, dimension["low"], dimension["high"], step=dimension["step"])


def main() -> None:
    sampler = Sampler()
    serve_lines(sampler.answer, lambda: sampler.finished, MAX_LINE)


if __name__ == "__main__":
    main()
