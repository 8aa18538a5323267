"""Stories of one turn of conversation, told through the door of the domain with real texts and the real assistant."""
