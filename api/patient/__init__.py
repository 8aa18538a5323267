"""What a patient's phone talks to."""
