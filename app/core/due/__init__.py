"""Deadlines of records: clocks that registers declare, kept readings, ladders, urging, notices hang on them.

Knows registers by what they declare (`clocks.hang`); how time runs is `app.core.deadlines`, pure.
"""
