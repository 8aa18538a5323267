"""Patients, staff, consent, linking codes and the record of who looked."""
