"""What is read as a number says itself: in words, with its marks, and as plain values."""

from handreader.results import Number, Page, Placed, Reading

SURE = Placed("4", 0.98, False, (2, 3, 10, 20))
GUESS = Placed("7", 0.51, True, (15, 4, 9, 20))
POINT = Placed(".", 0.9, False, (13, 20, 2, 2))
SHORT, LONG = Number([SURE], 0.98), Number([SURE, POINT, GUESS], 0.5)


def test_number_says_its_text_with_marks_and_without():
    assert (LONG.text, LONG.digits_only) == ("4.7", "47")
    assert LONG.digits == [SURE, GUESS]
    assert LONG.box == (2, 3, 22, 21)


def test_number_is_unsure_if_any_part_of_it_is():
    assert LONG.unsure
    assert not SHORT.unsure
    assert str(LONG) == "4.7?"


def test_page_of_one_number_says_how_sure_it_may_be():
    assert str(Page([LONG])) == "4.7? (50 %)"
    assert str(Page([LONG, SHORT])) == "4.7?\n4"


def test_page_as_plain_values_has_each_line_and_its_digits():
    assert Page([LONG, SHORT]).to_dict() == {
        "lines": [
            {
                "text": "4.7",
                "digits_only": "47",
                "confidence": 0.5,
                "unsure": True,
                "box": [2, 3, 22, 21],
                "digits": [
                    {"digit": 4, "confidence": 0.98, "unsure": False, "box": [2, 3, 10, 20]},
                    {"digit": 7, "confidence": 0.51, "unsure": True, "box": [15, 4, 9, 20]},
                ],
            },
            {
                "text": "4",
                "digits_only": "4",
                "confidence": 0.98,
                "unsure": False,
                "box": [2, 3, 10, 20],
                "digits": [
                    {"digit": 4, "confidence": 0.98, "unsure": False, "box": [2, 3, 10, 20]}
                ],
            },
        ]
    }


def test_notebook_shows_what_was_read_as_a_table():
    reading = Reading([0.9] + [0.1 / 9] * 9, unsure=False)
    assert reading._repr_html_().count("<td>") == 10
    assert "90.0 %" in reading._repr_html_()
    line = Number([Placed("7", 0.5, True, (1, 2, 3, 4))], 0.5)
    assert "<td>7?</td><td>50.0 %</td>" in Page([line, line])._repr_html_()


def test_page_is_a_collection_of_its_numbers():
    page = Page([SHORT, LONG])
    assert (len(page), [number.text for number in page]) == (2, ["4", "4.7"])
    assert Reading([0.9] + [0.1 / 9] * 9, unsure=False).text == "0"
