"""Draw the monthly processes from quasi-random points: whole paths at a time (MODEL.md, Quasi-random points)."""

from __future__ import annotations

from distributions.jit import lane_kernel
from distributions.sobol import fill_sobol_normals, fill_sobol_words
from distributions.streams import fill_monthly_uniforms, fill_normals
from simulator.kernel.layout import NONE


@lane_kernel
def draw_paths(points, noises, scratch, at):
    """Draw the normals of every month of every process, as an orthogonal transform of as many components.

    Writes: `path` (noise * month, lane) float32.

    Notes
    -----
    Component c of a process has slot c, as month c has with random points; where its dimension is missing it is the
    random normal of that slot. Four components at a time: a pass over a lane array costs more than what it computes.
    """
    component, path, total = scratch.component, scratch.path, scratch.total
    months = points.noises.shape[1]
    rows = component.shape[0]
    for k in range(noises.shape[0]):
        for first in range(0, rows, 4):
            if needs_random(points.noises, k, first):
                fill_normals(at.key0, at.key1, noises[k], at.first, at.n, first // 4, component, first)
            for slot in range(max(first, 1), min(first + 4, months + 1)):
                dimension = points.noises[k, slot - 1]
                if dimension != NONE:
                    fill_sobol_normals(
                        at.key0,
                        at.key1,
                        noises[k],
                        slot,
                        points.directions,
                        dimension,
                        at.first,
                        at.n,
                        scratch.words,
                        component,
                        slot,
                    )
        turn = points.turns[k]
        for month in range(months):
            for j in range(at.n):
                total[0, j] = 0.0
            for c in range(0, rows, 4):
                weight0 = points.rotations[turn, month, c]
                weight1 = points.rotations[turn, month, c + 1]
                weight2 = points.rotations[turn, month, c + 2]
                weight3 = points.rotations[turn, month, c + 3]
                for j in range(at.n):
                    first_two = weight0 * component[c, j] + weight1 * component[c + 1, j]
                    last_two = weight2 * component[c + 2, j] + weight3 * component[c + 3, j]
                    total[0, j] += first_two + last_two
            row = k * months + month
            for j in range(at.n):
                path[row, j] = total[0, j]


@lane_kernel
def draw_months_of_points(points, chances, scratch, shared, at):
    """Take four months of every path, and draw four months of every chance.

    Writes: `noise`, `chance` (4 * process, lane), month t in row t % 4 of each.
    """
    months = points.noises.shape[1]
    first = at.t - at.t % 4
    noise, chance, path = shared.noise, shared.chance, scratch.path
    for k in range(points.noises.shape[0]):
        for month in range(max(first, 1), min(first + 4, months + 1)):
            row = 4 * k + month % 4
            source = k * months + month - 1
            for j in range(at.n):
                noise[row, j] = path[source, j]
    for k in range(chances.shape[0]):
        if needs_random(points.chances, k, first):
            fill_monthly_uniforms(
                at.key0, at.key1, chances[k], at.first, at.n, at.t // 4, shared.chance, 4 * k
            )
        for month in range(max(first, 1), min(first + 4, months + 1)):
            dimension = points.chances[k, month - 1]
            if dimension != NONE:
                fill_sobol_words(
                    at.key0,
                    at.key1,
                    chances[k],
                    month,
                    points.directions,
                    dimension,
                    at.first,
                    at.n,
                    scratch.words,
                    chance,
                    4 * k + month % 4,
                )


@lane_kernel
def needs_random(dimensions, process, first):
    """Tell whether one of the slots first … first + 3 of a process has no dimension."""
    missing = False
    for slot in range(max(first, 1), min(first + 4, dimensions.shape[1] + 1)):
        missing |= dimensions[process, slot - 1] == NONE
    return missing
