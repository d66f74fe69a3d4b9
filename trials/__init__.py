"""Programs that drive a running stack and judge it."""
