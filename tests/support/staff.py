"""The merchant's staff and programs, for tests on a running stack: see local/staff.py."""

from local.staff import (
    StaffMember,
    add_program,
    add_staff,
    log_in,
    one_time_code,
    program_token,
    set_up_one_time_codes,
)

__all__ = [
    "StaffMember",
    "add_program",
    "add_staff",
    "log_in",
    "one_time_code",
    "program_token",
    "set_up_one_time_codes",
]
