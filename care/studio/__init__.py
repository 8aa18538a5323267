"""The studio: drafts of patient words, from the first letter to the moment they are in service."""
