"""What a training run is told by its TOML file."""

import dataclasses
import hashlib
import json
import pathlib
import tomllib
import typing

from training.errors import BAD_INPUT, TrainingError


@dataclasses.dataclass(frozen=True)
class Data:
    modalities: tuple[str, ...]  # the first is what the teacher sees by default
    size: int = 224  # pixels a side
    validation: float = 0.05  # of the samples of each class
    test: float = 0.0  # the same; 0 where a test set is given
    repeat_complete: int = 1  # how often an epoch has a sample of all modalities


@dataclasses.dataclass(frozen=True)
class Model:
    width: int
    depths: tuple[int, ...]
    drop_path: float = 0.0


@dataclasses.dataclass(frozen=True)
class Teacher:
    module: str = ""  # "package.module:function" that makes it; else a Swin trained here
    width: int = 0
    depths: tuple[int, ...] = ()
    drop_path: float = 0.0


@dataclasses.dataclass(frozen=True)
class Geometry:
    scale: tuple[float, float] = (0.3, 1.0)  # of the area of a crop
    ratio: tuple[float, float] = (0.75, 1.33)  # of its width to its height
    flip: float = 0.5


@dataclasses.dataclass(frozen=True)
class Photometry:
    """Largest change of each kind; 0 leaves it out."""

    brightness: float = 0.0  # factor of all values, 1 ± this: a scaling of depths
    contrast: float = 0.0  # factor around the mean
    saturation: float = 0.0  # factor around the grey of each pixel, for colour
    noise: float = 0.0  # standard deviation in values of 0..255
    holes: float = 0.0  # share of the image without a value
    dropout: float = 0.0  # how often a sample comes without this modality


@dataclasses.dataclass(frozen=True)
class Stage:
    epochs: int
    loss: typing.Literal["affinity", "distil", "infonce", "triplet"]
    batch: int = 256  # samples, each of all modalities
    rate: float = 1e-3
    final_rate: float = 1e-5
    warm_up: float = 0.05  # of the steps
    weight_decay: float = 0.05
    clip: float = 1.0  # of the gradient's norm
    modalities: tuple[str, ...] = ()  # empty: all
    quantised: bool = False
    temperature: float = 0.05  # affinity, infonce
    smoothing: float = 0.0  # infonce: of the labels
    margin: float = 0.3  # triplet
    negatives: int = 3  # triplet
    # Of a stage that distils: the share of samples that the teacher is surest about, and what is
    # learnt: its embedding of the first modality, its mean over those of the stage, or that of the
    # same image.
    confident: float = 1.0
    target: typing.Literal["first", "mean", "own"] = "first"

    def distils(self) -> bool:
        return self.loss in ("affinity", "distil")


@dataclasses.dataclass(frozen=True)
class Config:
    data: Data
    model: Model
    stages: dict[str, Stage]  # in order; of "teacher" it is the teacher that is trained
    teacher: Teacher = Teacher()
    geometry: Geometry = Geometry()
    photometry: dict[str, Photometry] = dataclasses.field(default_factory=dict)
    seed: int = 0
    checkpoint_steps: int = 200

    def has_teacher(self) -> bool:
        return "teacher" in self.stages or any(s.distils() for s in self.stages.values())

    def digest(self) -> str:
        text = json.dumps(dataclasses.asdict(self))
        return hashlib.sha256(text.encode()).hexdigest()


def parsed(kind, value, place: str):
    """`value` of TOML as the type `kind`; `place` is its key, for messages."""
    if dataclasses.is_dataclass(kind):
        return parsed_table(kind, value, place)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is dict and isinstance(value, dict):
        return {key: parsed(arguments[1], item, f"{place}.{key}") for key, item in value.items()}
    if origin is tuple and isinstance(value, list):
        if arguments[-1] is not Ellipsis and len(value) != len(arguments):
            raise TrainingError(BAD_INPUT, f"'{place}' needs {len(arguments)} values")
        return tuple(parsed(arguments[0], item, place) for item in value)
    if origin is typing.Literal and value in arguments:
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    wanted = " or ".join(arguments) if origin is typing.Literal else getattr(kind, "__name__", kind)
    raise TrainingError(BAD_INPUT, f"'{place}' is {value!r}, not {wanted}")


def parsed_table(kind: type, table, place: str):
    if not isinstance(table, dict):
        raise TrainingError(BAD_INPUT, f"'{place}' is no table")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    types_of = typing.get_type_hints(kind)
    for key in table:
        if key not in fields:
            raise TrainingError(BAD_INPUT, f"'{place}' has no '{key}'",
                                f"it has {', '.join(fields)}")
    required = [name for name, field in fields.items()
                if field.default is field.default_factory is dataclasses.MISSING]
    missing = [name for name in required if name not in table]
    if missing:
        raise TrainingError(BAD_INPUT, f"'{place}' lacks '{missing[0]}'")
    return kind(**{key: parsed(types_of[key], value, f"{place}.{key}" if place else key)
                   for key, value in table.items()})


def read_config(path: pathlib.Path) -> Config:
    """The configuration in `path`; TrainingError names what is wrong in it."""
    try:
        config = parsed_table(Config, tomllib.loads(path.read_text()), "")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(BAD_INPUT, f"'{path}' is no TOML: {error}") from None
    except TrainingError as error:
        error.args = (f"'{path}': {error}",)
        raise
    check(config, path)
    return config


def check(config: Config, path: pathlib.Path) -> None:
    def demand(condition: bool, message: str) -> None:
        if not condition:
            raise TrainingError(BAD_INPUT, f"'{path}': {message}")

    data = config.data
    demand(len(data.modalities) > 0, "'data.modalities' is empty")
    demand(0 < data.validation and 0 <= data.test and data.validation + data.test < 1,
           "'data.validation' and 'data.test' are shares, together below 1")
    demand(data.repeat_complete >= 1 and config.checkpoint_steps >= 1,
           "'data.repeat_complete' and 'checkpoint_steps' start at 1")
    models = {"model": config.model}
    if config.has_teacher() and not config.teacher.module:
        models["teacher"] = config.teacher
    for name, model in models.items():
        demand(model.width > 0 and model.width % 32 == 0, f"'{name}.width' is no multiple of 32")
        demand(len(model.depths) > 0 and all(depth > 0 for depth in model.depths) and
               data.size == 28 << len(model.depths) - 1,
               f"'{name}.depths' needs one number for each halving of the image from 224 to 28, "
               f"as 'data.size' is {data.size}")
    for name, stage in config.stages.items():
        demand(stage.epochs > 0 and stage.batch > 0, f"'stages.{name}' does nothing")
        demand(set(stage.modalities) <= set(data.modalities),
               f"'stages.{name}.modalities' names one that 'data.modalities' lacks")
        demand(0 < stage.confident <= 1 and 0 <= stage.warm_up < 1,
               f"'stages.{name}': 'confident' and 'warm_up' are shares")
        demand(stage.temperature > 0 and stage.negatives > 0,
               f"'stages.{name}': 'temperature' and 'negatives' are above 0")
    demand(not (config.teacher.module and "teacher" in config.stages),
           "a teacher that 'teacher.module' names is not trained here: remove 'stages.teacher'")
