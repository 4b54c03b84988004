"""What the programs at the root do once their options are right.

train    prepare a run, train it, save it, say how it went
predict  find the pictures, read them, say what they show
serve    answer requests with what is on their pictures, until it is told to end
answers  what is said of a picture, wherever it comes from
serving  the parts of the service
"""
