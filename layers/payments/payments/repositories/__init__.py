"""The tables: only these modules read and write rows."""
