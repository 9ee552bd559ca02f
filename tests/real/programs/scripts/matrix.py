# Linear algebra and transforms by numpy. matrix.py ROUNDS
import sys

import numpy

state = numpy.random.default_rng(7)
matrix = state.standard_normal((300, 300))
for round in range(int(sys.argv[1])):
    values = numpy.linalg.eigvals(matrix + round)
    wave = numpy.fft.fft(numpy.sort(state.standard_normal(200000)))
    print(round, numpy.sort(values.real)[:2].round(6), numpy.abs(wave).sum().round(3))
numpy.save("matrix.npy", matrix)
