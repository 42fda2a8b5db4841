"""The shuffle of `mlcourse/src/random.rs`, written a second time from its documentation: the unit test's expected order.

Prints what seed 42 makes of 0..10.
"""

MASK = (1 << 32) - 1


def quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & MASK
        s[z] ^= s[x]
        s[z] = ((s[z] << turn) | (s[z] >> (32 - turn))) & MASK


def words(seed):
    key = [seed & MASK, seed >> 32, 0, 0, 0, 0, 0, 0]
    counter = 0
    while True:
        start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *key, counter & MASK, counter >> 32, 0, 0]
        s = start.copy()
        for _ in range(4):
            for column in range(4):
                quarter(s, column, column + 4, column + 8, column + 12)
            for column in range(4):
                quarter(s, column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
        yield from ((a + b) & MASK for a, b in zip(s, start))
        counter += 1


def shuffle(values, seed):
    stream = words(seed)
    for last in range(len(values) - 1, 0, -1):
        bound = last + 1
        while True:
            product = (next(stream) | next(stream) << 32) * bound
            if product % (1 << 64) >= (1 << 64) % bound:
                break
        place = product >> 64
        values[last], values[place] = values[place], values[last]
    return values


print(shuffle(list(range(10)), 42))
