"""Colour differences as people see them: CIEDE2000, WCAG contrast, and simulated colour deficiency.

Full dichromacy by Machado, Oliveira and Fernandes (2009) and, as a second opinion, by Viénot, Brettel and
Mollon (1999) for red and green and Brettel, Viénot and Mollon (1997) for blue.
"""

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np

Linear = np.ndarray
MACHADO = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
VIENOT = {
    "protan": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deutan": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
}
BRETTEL_TRITAN = (
    [[1.01277, 0.13548, -0.14826], [-0.01243, 0.86812, 0.14431], [0.07589, 0.80500, 0.11911]],
    [[0.93678, 0.18979, -0.12657], [0.06154, 0.81526, 0.12320], [-0.37562, 1.12767, 0.24796]],
)
BRETTEL_PLANE = [0.03901, -0.02788, -0.01113]
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
D65 = [0.95047, 1.0, 1.08883]


def linear(colour: str) -> Linear:
    """Return linear RGB, 0 to 1, of #rrggbb."""
    signal = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _brettel_tritan(rgb: Linear) -> Linear:
    return np.array(BRETTEL_TRITAN[0 if rgb @ BRETTEL_PLANE >= 0 else 1]) @ rgb


def _by(matrix: list[list[float]]) -> Callable[[Linear], Linear]:
    return lambda rgb: np.array(matrix) @ rgb


VISIONS: dict[str, Callable[[Linear], Linear]] = {
    "normal": lambda rgb: rgb,
    **{f"{name} (Machado)": _by(matrix) for name, matrix in MACHADO.items()},
    **{f"{name} (Viénot)": _by(matrix) for name, matrix in VIENOT.items()},
    "tritan (Brettel)": _brettel_tritan,
}


def lab(rgb: Linear) -> tuple[float, float, float]:
    """Return CIELAB (D65) of linear RGB."""
    ratio = (np.array(TO_XYZ) @ np.clip(rgb, 0, 1)) / D65
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def delta_e_2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the CIEDE2000 difference of two CIELAB colours (Sharma, Wu and Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * math.sqrt(mean_c7 / (mean_c7 + 25**7))
    c1, c2 = math.hypot(a1 * stretch, b1), math.hypot(a2 * stretch, b2)
    h1, h2 = (math.degrees(math.atan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    if not grey and turn == -180:
        turn = 180.0
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = h1 + h2 if grey else (h1 + h2) / 2 if abs(h1 - h2) <= 180 else ((h1 + h2 + 360) / 2) % 360
    weight = (
        1
        - 0.17 * math.cos(math.radians(mean_h - 30))
        + 0.24 * math.cos(math.radians(2 * mean_h))
        + 0.32 * math.cos(math.radians(3 * mean_h + 6))
        - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    )
    in_l = (l2 - l1) / (1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2))
    in_c = (c2 - c1) / (1 + 0.045 * mean_c)
    in_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * mean_c * weight)
    around_blue = math.radians(30 * math.exp(-(((mean_h - 275) / 25) ** 2)))
    rotation = -2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7)) * math.sin(2 * around_blue)
    return math.sqrt(in_l**2 + in_c**2 + in_h**2 + rotation * in_c * in_h)


def smallest_difference(colours: list[str], vision: str) -> tuple[float, tuple[str, str]]:
    """Return the CIEDE2000 difference of the two colours most alike to this vision, and which they are."""
    seen = {colour: lab(VISIONS[vision](linear(colour))) for colour in colours}
    return min((delta_e_2000(seen[one], seen[other]), (one, other)) for one, other in combinations(colours, 2))


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours."""
    low, high = sorted(float(np.array(TO_XYZ)[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)
