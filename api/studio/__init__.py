"""The studio: where the words of patients are written, translated, spoken, reviewed and published."""
