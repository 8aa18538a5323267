"""One message from due to delivered: its states, what may stop it, and its words at the moment it is said."""
