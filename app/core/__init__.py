"""What every register is made of. Knows Flask-AppBuilder and no domain."""
