def seed(customers, progress=None): raise NotImplementedError
