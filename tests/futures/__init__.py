"""The days that come of a dozen demo patients: one file each, which a nurse can read, and compare when something changed."""
