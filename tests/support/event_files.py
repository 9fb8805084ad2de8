"""TensorBoard's event files, as bytes, for tests: written with TensorBoard's own writer of records."""

from __future__ import annotations

import io
from collections.abc import Iterable

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.record_writer import RecordWriter

FIRST = Event(wall_time=1.0, file_version="brain.Event:2")


def event_file(events: Iterable[Event]) -> bytes:
    """The events, one record each."""
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    return file.getvalue()


def scalar(tag: str, step: int, value: float) -> Event:
    """A scalar as PyTorch writes it."""
    return Event(wall_time=2.0, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))


def histogram(tag: str, step: int) -> Event:
    """What is no scalar."""
    value = Summary.Value(tag=tag, histo=HistogramProto(bucket=[1.0], bucket_limit=[2.0]))
    return Event(wall_time=2.0, step=step, summary=Summary(value=[value]))
