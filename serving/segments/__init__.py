"""Segments: named rules over scores and stages, what they would give, and whom they take."""

from serving.segments.audience import write_audience
from serving.segments.parser import parse
from serving.segments.preview import Preview, preview
from serving.segments.segment import Segment
from serving.segments.selection import select
from serving.segments.table import CustomerTable

__all__ = ["CustomerTable", "Preview", "Segment", "parse", "preview", "select", "write_audience"]
