"""A Stripe account on this machine: stateful, offline, and steered by tests.

It speaks Stripe's HTTP API to the real SDK. Its contract is the installed SDK: every request is
validated against `stripe.params`, and answers load into the SDK's classes. `cards` lists the test
cards, `steering` what tests can do beyond Stripe's API, `faults` what can go wrong on demand, and
`stripe_js` what it serves to browsers in the place of Stripe.js.

    python -m stripe_simulator --port 12111
"""
