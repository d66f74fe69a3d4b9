"""Where rows live: the only modules that talk to AWS."""
