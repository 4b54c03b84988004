"""What went wrong because of the world outside, not of the program."""


class UserError(RuntimeError):
    """One sentence that says what is wrong and the way out; it is shown without a traceback."""


class PictureError(UserError):
    """Why a picture can't be read, in one sentence."""
