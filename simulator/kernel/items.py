"""Pay the cost items of every owner, by cadence (MODEL.md 10)."""

from __future__ import annotations

from distributions.elementary import exp
from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    AMOUNT,
    BUCKET_END,
    BUCKET_EVENT,
    BUCKET_START,
    CADENCE,
    COMPONENT,
    FIXED_LABOR,
    GROWTH,
    LABOR,
    MONTHLY,
    NONE,
    OWNER_PLAIN,
    PER_EVENT,
    PER_REQUEST,
    QUARTERLY,
    RUNNING,
    USE_LABOR,
    VARIES,
    VARIES_NOISE,
    VARIES_STREAM,
    VOLUME,
    YEARLY,
)
from simulator.kernel.occurrence import draw_noise


@lane_kernel
def pay_bucket(bucket, value, growth, at, lanes, listed, count, out, row):
    """Pay one bucket in the lanes of a list: its amount, with the growth and the noise of this month.

    Writes: `out` (row, lane) [currency], added to.
    """
    for h in range(count):
        lane = lanes[listed, h]
        amount = value[bucket[AMOUNT], lane] * growth[bucket[GROWTH], lane]
        if bucket[VARIES] != NONE:
            s = value[bucket[VARIES], lane]
            amount *= exp(s * draw_noise(at, bucket[VARIES_STREAM], lane) - 0.5 * s * s)
        out[row, lane] += amount


@lane_kernel
def pay_owner(items, value, growth, at, owner, cadence, lanes, listed, count, out, labor, other):
    """Pay an owner's items of one cadence (upfront, or per run) in the lanes of a list.

    Writes: `out` (row, lane) rows `labor` and `other` [currency], added to.
    """
    for b in range(items.owners[owner, BUCKET_START], items.owners[owner, BUCKET_END]):
        if items.buckets[b, CADENCE] == cadence:
            row = labor if items.buckets[b, COMPONENT] == LABOR else other
            pay_bucket(items.buckets[b], value, growth, at, lanes, listed, count, out, row)


@lane_kernel
def pay_items(items, shared, happening, costs, at):
    """Add up the running items of the month by owner.

    Writes: `fixed` (owner * 2, lane) labor, then other [currency/month]; `unit` (plain * 2, lane) likewise
    [currency/req].
    """
    owners, buckets = items.owners, items.buckets
    value, growth, noise, month = shared.value, shared.growth, shared.noise, shared.month
    fixed, unit, scratch = costs.fixed, costs.unit, costs.scratch
    n, t = at.n, at.t
    for owner in range(owners.shape[0]):
        plain = owners[owner, OWNER_PLAIN]
        for side in range(2):
            if owners[owner, FIXED_LABOR + side] == 1:
                for j in range(n):
                    fixed[2 * owner + side, j] = 0.0
            if owners[owner, USE_LABOR + side] == 1:
                row = 2 * plain + side
                for j in range(n):
                    unit[row, j] = 0.0
        for b in range(owners[owner, BUCKET_START], owners[owner, BUCKET_END]):
            cadence = buckets[b, CADENCE]
            side = 0 if buckets[b, COMPONENT] == LABOR else 1
            row = 2 * owner + side
            if cadence == PER_EVENT:
                event = buckets[b, BUCKET_EVENT]
                pay_bucket(
                    buckets[b], value, growth, at, happening.hit, event, happening.hits[event], fixed, row
                )
            elif (
                cadence in (MONTHLY, PER_REQUEST)
                or (cadence == QUARTERLY and t % 3 == 1)
                or (cadence == YEARLY and t % 12 == 1)
            ):
                amount = buckets[b, AMOUNT]
                growing = buckets[b, GROWTH]
                if cadence != PER_REQUEST and buckets[b, VARIES] == NONE:
                    for j in range(n):
                        fixed[row, j] += value[amount, j] * growth[growing, j]
                    continue
                varies = buckets[b, VARIES]
                eps = 4 * buckets[b, VARIES_NOISE] + t % 4
                if cadence != PER_REQUEST:
                    for j in range(n):
                        s = value[varies, j]
                        noisy = exp(s * noise[eps, j] - 0.5 * s * s)
                        fixed[row, j] += value[amount, j] * growth[growing, j] * noisy
                    continue
                for j in range(n):
                    scratch[RUNNING, j] = value[amount, j] * growth[growing, j]
                if varies != NONE:
                    for j in range(n):
                        s = value[varies, j]
                        scratch[RUNNING, j] *= exp(s * noise[eps, j] - 0.5 * s * s)
                if plain != NONE:
                    row = 2 * plain + side
                    for j in range(n):
                        unit[row, j] += scratch[RUNNING, j]
                else:
                    for j in range(n):
                        fixed[row, j] += scratch[RUNNING, j] * month[VOLUME, j]
