"""Tests read as stories: Gul is a patient, Aynur her nurse, Serik works in another clinic and must see nothing."""
