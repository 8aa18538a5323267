"""The web door: the patient's app and API, and the nurse's console."""
