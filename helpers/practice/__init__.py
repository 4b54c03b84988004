"""Pictures made by code: photographs of digits, to practise on and to measure with."""

from helpers.practice.camera import photograph
from helpers.practice.no_digits import write_nothing
from helpers.practice.pages import page_of
from helpers.practice.redrawing import enlarge
from helpers.practice.scenes import ANY, Scene
from helpers.practice.subjects import ink_of

__all__ = ["ANY", "Scene", "enlarge", "ink_of", "page_of", "photograph", "write_nothing"]
