"""The days that come of some demo patients: one file each, which a nurse can read, and compare when something changed."""
