"""Each digit of a map, and each layer of a network, is drawn as what it is."""

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


def test_network_draws_its_layers_and_the_weights_of_one_unit() -> None:
    (ax,) = plotting.show_network((784, 12, 3)).axes
    said = [text.get_text() for text in ax.texts]
    assert said == ["⋮", "784 inputs", "⋮", "12 units", "3 scores"]
    columns = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata()) > 1]
    assert [len(column.get_xdata()) for column in columns] == [8, 8, 3]
    (unit,) = (line for line in ax.lines if line.get_marker() == "o" and line not in columns)
    chosen = [line for line in ax.lines if line.get_color() == unit.get_color()]
    assert len(chosen) == 8 + 1, "one line from each dot before it, and itself"
    weights = chosen[:8]
    assert {line.get_ydata()[1] for line in weights} == {unit.get_ydata()[0]}
    assert [line.get_ydata()[0] for line in weights] == columns[0].get_ydata().tolist()
