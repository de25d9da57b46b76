"""What a picture costs, where the operator said so. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_PRICE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?([A-Z]{3}|[¥$€£])")


@dataclass(frozen=True, slots=True)
class Price:
    """So much for one picture."""

    amount: Decimal
    currency: str

    def of(self, pictures: int) -> str:
        """What so many cost together, to be read by a person."""
        total = self.amount * pictures
        return f"{total:.2f} {self.currency}" if total == round(total, 2) else f"{total.normalize():f} {self.currency}"


def price_from(text: str) -> Price:
    """The price that a text such as `0.50 CNY` names. Raises `ValueError`."""
    found = _PRICE.fullmatch(text.strip())
    if found is None:
        raise ValueError("must be an amount and a currency, as in 0.50 CNY")
    return Price(Decimal(found[1]), found[2])
