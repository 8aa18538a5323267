"""Stories told in a real Chromium: the nurse at her desk, the patient with a small phone."""
