"""Errors that come from the world outside, not from a mistake in the program."""


class UserError(RuntimeError):
    """An error in one sentence: what is wrong, and what to do; shown without a traceback."""


class PictureError(UserError):
    """The reason why a picture can't be read, in one sentence."""
