"""The processes of `karez bench reminders`: a receiver, our senders through a channel of its own, and their rivals."""
