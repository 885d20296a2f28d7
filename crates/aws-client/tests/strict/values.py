"""Values within the bounds that models set."""

import wire


class Bounded(wire.Values):
    """All members, with one item in each list; no two texts are the same, so that ids are ids."""

    def __init__(self, numbers, response=False):
        super().__init__(everything=True, response=response)
        self.numbers = numbers

    def member(self, shape, depth):
        if shape.serialization.get("location") == "statusCode":
            return 200
        return super().member(shape, depth)

    def of_list(self, shape, depth, plain):
        items = super().of_list(shape, depth, plain)[:1]
        return items * max(1, shape.metadata.get("min", 1))

    def of_string(self, shape, depth, plain):
        if shape.enum:
            return shape.enum[0]
        text = f"{shape.name}-{next(self.numbers)}".ljust(shape.metadata.get("min", 0), "x")
        return text[-shape.metadata.get("max", len(text)) :]

    of_character = of_string

    def of_integer(self, shape, depth, plain):
        return max(shape.metadata.get("min", 1), min(7, shape.metadata.get("max", 7)))

    of_long = of_integer

    def of_float(self, shape, depth, plain):
        return float(self.of_integer(shape, depth, plain))

    of_double = of_float

    def of_blob(self, shape, depth, plain):
        return "blöb".encode()
