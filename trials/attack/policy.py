"""How many attempts the limits let through, at most: docs/limits.md in numbers."""

from dataclasses import dataclass

from payments.domain.attempt import pause_after
from payments.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class Policy:
    """What `accounts` may try within `seconds`, each sending `at_once` requests at a time."""

    accounts: int
    seconds: float
    at_once: int

    @property
    def most_attempts(self) -> int:
        """Attempts that may reach a bank.

        What is sent before the first pause goes through; then one after each pause.
        """
        most, waited = 1, 0.0
        while most < Limits().declines_per_person:
            waited += pause_after(most)
            if waited > self.seconds:
                break
            most += 1
        return self.accounts * min(most + self.at_once - 1, Limits().declines_per_person)
