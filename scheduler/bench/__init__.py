"""The processes of `karez bench reminders` and `karez bench channels`: receivers, our senders, and their rivals."""
