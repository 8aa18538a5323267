"""What patients send through the apps: kept first, answered for at once, worked off after."""
