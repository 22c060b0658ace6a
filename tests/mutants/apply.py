"""Applies a mutant to the modules that are loaded already, in a process that ends with it.

Test modules hold profiles, rules and functions by name since they were imported. So objects are changed in
place: every loaded copy of the regulation, and the code of the functions whose source is mutated.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from services.kernel.limits.domain import profile_file
from services.kernel.limits.domain.profile import Profile, Profiles
from tests.mutants.catalogue import REGULATION, Mutant


class PlaceGoneError(Exception):
    """What a mutant changes does not stand in the source, or not once."""


def apply(mutant: Mutant) -> None:
    """Raises PlaceGoneError."""
    if mutant.change:
        _to_loaded_profiles(mutant)
        _to_profiles_read_later(mutant)
    else:
        _to_functions(import_module(mutant.module), mutated_source(mutant))


def mutated_source(mutant: Mutant) -> str:
    """The source of the module with its one change. Raises PlaceGoneError."""
    module = import_module(mutant.module)
    assert module.__file__
    source = Path(module.__file__).read_text("utf-8")
    count = source.count(mutant.old)
    if count != 1:
        raise PlaceGoneError(f"{mutant.id}: {mutant.old!r} stands {count} times in {mutant.module}")
    return source.replace(mutant.old, mutant.new)


def _to_loaded_profiles(mutant: Mutant) -> None:
    assert mutant.change
    loaded = [found for found in gc.get_objects() if type(found) is Profile]
    # All are computed before the first is changed: copies of a profile share their rules.
    pairs = [(one, mutant.change(one)) for one in loaded if one.id == REGULATION]
    for before, after in pairs:
        for one, other in zip(before.limits, after.limits, strict=True):
            _overwrite(one, other)
        _overwrite(before.extensions, after.extensions)


def _overwrite(one: Any, other: Any) -> None:
    """Gives a frozen object the values of another one."""
    if one is not other:
        for field in fields(one):
            object.__setattr__(one, field.name, getattr(other, field.name))


def _to_profiles_read_later(mutant: Mutant) -> None:
    change, read = mutant.change, profile_file.parse_profiles
    assert change

    def parse_profiles(texts: Any) -> Profiles:
        found = read(texts).installed
        return Profiles(tuple(change(p) if p.id == REGULATION else p for p in found))

    for module in list(sys.modules.values()):
        if getattr(module, "parse_profiles", None) is read:
            module.parse_profiles = parse_profiles  # type: ignore[attr-defined]


def _to_functions(module: ModuleType, source: str) -> None:
    mutated = ModuleType(module.__name__)
    exec(compile(source, str(module.__file__), "exec"), mutated.__dict__)
    new = dict(_functions(mutated, module.__name__))
    changed = 0
    for name, function in _functions(module, module.__name__):
        code = new[name].__code__
        if code != function.__code__:
            function.__code__ = code
            changed += 1
    if not changed:
        raise PlaceGoneError(f"{module.__name__}: the change reaches no function")


def _functions(holder: Any, module: str, prefix: str = "") -> Iterator[tuple[str, FunctionType]]:
    """Functions, methods and properties that were defined in the module, by their path in it."""
    for name, value in list(vars(holder).items()):
        value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if getattr(value, "__module__", "") != module:
            continue
        if isinstance(value, FunctionType):
            yield f"{prefix}{name}", value
        elif isinstance(value, type) and value is not holder:
            yield from _functions(value, module, f"{prefix}{name}.")
