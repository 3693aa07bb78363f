"""Hidden columns that complete a natural key, made of others whenever these are set. Knows no register."""

from sqlalchemy import event


def keep_key(model, target, key_of, names):
    """Write ``target`` anew by ``key_of(values)`` at every setting of the named columns, whatever door it comes by.

    The function is kept in ``model.derived_key`` too: importing finds records by it before anything is saved.
    """
    model.derived_key = {target: key_of}

    def listen(name):
        def written(record, value, _old, _initiator):
            setattr(record, target, key_of({each: getattr(record, each) for each in names} | {name: value}))

        event.listen(getattr(model, name), "set", written)

    for each in names:
        listen(each)
