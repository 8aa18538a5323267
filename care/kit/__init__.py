"""What every part stands on and no part owns: settings, the clock, the database, ids, secrets, logs."""
