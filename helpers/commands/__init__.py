"""What the programs at the root do once their options are right.

train    prepare a run, train it, save it, say how it went
predict  find the pictures, read them, say what they show
"""
