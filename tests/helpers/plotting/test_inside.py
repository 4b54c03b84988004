"""The map of digits shows each of them, where it belongs, as what it is."""

import torch

from helpers import plotting


def test_map_draws_each_digit_as_its_numeral_and_some_kinds_dark() -> None:
    points = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    (ax,) = plotting.show_map({"a": points}, torch.tensor([4, 7]), dark=[7]).axes
    four, seven = ax.texts
    assert (four.get_text(), four.get_position()) == ("4", (0, 1))
    assert (seven.get_text(), seven.get_position()) == ("7", (2, 3))
    assert four.get_color() != seven.get_color()
    assert seven.get_weight() == "bold"
    low, high = ax.get_xlim()
    assert low <= 0
    assert high >= 2
