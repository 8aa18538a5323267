"""Telephones on a page: who rehearses acts as the patient in each app, before the stand-ins of their vendors."""
