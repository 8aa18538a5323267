"""The languages patients write and read: their letters, their scripts, and what a message is written in."""
