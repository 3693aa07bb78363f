"""Import of workbooks: recognise, map, match, try out, write, undo. Knows registers' declarations, no domain.

`sheets` finds the table, `mapping` says where its columns go, `rows` parses, `matching` finds the stored rows,
`plan` is the dry run, `commit` writes it, `undo` takes it back; `batch` keeps one import together.
"""
