"""How fast Till is, measured beside what it could have been: `make bench`.

Each function runs from the artifact that `sam build` makes, placed where it cannot be written to,
under AWS's own runtime emulator and runtime client, against MiniStack and the Stripe simulator.
Between the functions and these stand relays that count and time every call.
"""
