"""Things break while reminders are on their way, and one checker reads afterwards what came of every one."""
