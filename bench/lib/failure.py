"""How a script of bench/ ends when it cannot go on."""


class Failure(Exception):
    """Something that the reader of the message can act on; shown without a stack trace."""
