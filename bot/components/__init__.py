"""The assistant's own parts: a tokenizer for three scripts, and a ranker of topics."""
