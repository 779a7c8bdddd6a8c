"""Pay the cost items of every owner, by cadence (MODEL.md 10)."""

from __future__ import annotations

from distributions.elementary import exp
from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    AMOUNT,
    BUCKET_END,
    BUCKET_EVENT,
    BUCKET_START,
    BUNDLE_END,
    BUNDLE_START,
    BY_REQUEST,
    CADENCE,
    COMPONENT,
    GROWTH,
    LABOR,
    NONE,
    PER_EVENT,
    PER_REQUEST,
    QUARTERLY,
    RUNNING,
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
    """Add up the running items of the month, bundle by bundle: owners that pay the same items share one.

    Writes: `bundle` (bundle, lane) [currency/month], by the request [currency/req]; `scratch` row RUNNING.
    """
    buckets, bundles = items.buckets, items.bundles
    value, growth, noise, month = shared.value, shared.growth, shared.noise, shared.month
    paid, scratch = costs.bundle, costs.scratch
    n, t = at.n, at.t
    for row in range(bundles.shape[0]):
        for j in range(n):
            paid[row, j] = 0.0
        for k in range(bundles[row, BUNDLE_START], bundles[row, BUNDLE_END]):
            bucket = buckets[items.bundled[k]]
            cadence, varies = bucket[CADENCE], bucket[VARIES]
            amount, growing = bucket[AMOUNT], bucket[GROWTH]
            eps = 4 * bucket[VARIES_NOISE] + t % 4
            if cadence == PER_EVENT:
                event = bucket[BUCKET_EVENT]
                pay_bucket(bucket, value, growth, at, happening.hit, event, happening.hits[event], paid, row)
            elif (cadence == QUARTERLY and t % 3 != 1) or (cadence == YEARLY and t % 12 != 1):
                continue
            elif cadence == PER_REQUEST and bundles[row, BY_REQUEST] == 0:
                for j in range(n):
                    scratch[RUNNING, j] = value[amount, j] * growth[growing, j]
                if varies != NONE:
                    for j in range(n):
                        s = value[varies, j]
                        scratch[RUNNING, j] *= exp(s * noise[eps, j] - 0.5 * s * s)
                for j in range(n):
                    paid[row, j] += scratch[RUNNING, j] * month[VOLUME, j]
            elif varies == NONE:
                for j in range(n):
                    paid[row, j] += value[amount, j] * growth[growing, j]
            else:
                for j in range(n):
                    s = value[varies, j]
                    noisy = exp(s * noise[eps, j] - 0.5 * s * s)
                    paid[row, j] += value[amount, j] * growth[growing, j] * noisy
