"""Ways to reach a patient: one folder a channel.  A channel knows an address and a text, never a patient."""
