"""Generates gen/ from proto/: `python proto/generate.py`, and the build hook of `pip install -e .`.

The import path of a generated module is its proto package (dondoc.tasks.v1.task_pb2); imports are
never rewritten. protovalidate ships its rules as a descriptor but not as validate.proto, so the
descriptor set handed to protoc carries it, and validate_pb2 is generated beside our own messages.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROTO, GEN = ROOT / "proto", ROOT / "gen"
IMAGE = GEN / "image.binpb"  # read by `buf lint` and by the CLI's reflection-free look-ups


def _validate_descriptor_set(target: Path) -> None:
    from google.protobuf import (
        descriptor_pb2,
        duration_pb2,
        field_mask_pb2,
        timestamp_pb2,
    )
    from protovalidate._gen.buf.validate import validate_pb

    files = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, timestamp_pb2, field_mask_pb2):
        module.DESCRIPTOR.CopyToProto(files.file.add())
    files.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    target.write_bytes(files.SerializeToString())


def generate(target: Path = GEN, proto: Path = PROTO) -> None:
    """Writes the packages of the tree `proto` into `target`, replacing what was there."""
    import google.type.date_pb2
    import grpc_tools

    common = Path(google.type.date_pb2.__file__).parent.parent.parent
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    sources = sorted(str(path.relative_to(proto)) for path in proto.rglob("*.proto"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        out = Path(scratch) / "gen"
        out.mkdir()
        validate = Path(scratch) / "validate.binpb"
        _validate_descriptor_set(validate)
        plugins = [
            f"--plugin=protoc-gen-{name}={Path(sys.executable).parent / f'protoc-gen-{name}'}"
            for name in ("mypy", "mypy_grpc")
        ]
        includes = [
            f"-I{proto}",
            f"-I{common}",
            f"-I{well_known}",
            f"--descriptor_set_in={validate}",
        ]
        protoc = [sys.executable, "-m", "grpc_tools.protoc", *includes]
        subprocess.run(
            [
                *protoc, *plugins,
                f"--python_out={out}", f"--grpc_python_out={out}",
                f"--mypy_out=quiet:{out}", f"--mypy_grpc_out=quiet:{out}",
                *sources, "buf/validate/validate.proto",
            ],
            check=True,
        )  # fmt: skip
        subprocess.run(
            [
                *protoc, "--include_imports", "--include_source_info",
                f"--descriptor_set_out={out / IMAGE.name}", *sources,
            ],
            check=True,
        )  # fmt: skip
        for folder in {path.parent for path in out.rglob("*.py")}:
            (folder / "py.typed").touch()
        shutil.rmtree(target, ignore_errors=True)
        out.rename(target)


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script without hatchling
    pass
else:

    class ProtoBuildHook(BuildHookInterface):  # type: ignore[type-arg]
        """Generates the messages before hatchling collects the files of the wheel."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            generate()


if __name__ == "__main__":
    generate()
